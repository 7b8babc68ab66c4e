// A collector of traces over OTLP/HTTP in JSON, which can also hang or refuse.
// Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';

const attributesSchema = z
  .array(
    z.object({
      key: z.string(),
      value: z.union([
        z.strictObject({ stringValue: z.string() }).transform(({ stringValue }) => stringValue),
        z.strictObject({ intValue: z.union([z.number(), z.string()]) }).transform(({ intValue }) => Number(intValue)),
        z.strictObject({ doubleValue: z.number() }).transform(({ doubleValue }) => doubleValue),
        z.strictObject({ boolValue: z.boolean() }).transform(({ boolValue }) => boolValue),
        z.looseObject({}),
      ]),
    }),
  )
  .transform((list): Record<string, unknown> => Object.fromEntries(list.map(({ key, value }) => [key, value])));

const spanSchema = z.looseObject({
  traceId: z.string().regex(/^[0-9a-f]{32}$/),
  spanId: z.string().regex(/^[0-9a-f]{16}$/),
  parentSpanId: z.string().optional(),
  traceState: z.string().optional(),
  name: z.string(),
  /** 2 server, 3 client. */
  kind: z.number(),
  attributes: attributesSchema,
  /** 2 is an error. */
  status: z.looseObject({ code: z.number().optional(), message: z.string().optional() }),
});

const requestSchema = z.object({
  resourceSpans: z.array(
    z.looseObject({
      resource: z.looseObject({ attributes: attributesSchema }),
      scopeSpans: z.array(z.looseObject({ spans: z.array(spanSchema) })),
    }),
  ),
});

export type CollectedSpan = z.infer<typeof spanSchema> & { resource: Record<string, unknown> };

export type CollectorMode = 'accepts' | 'refuses' | 'hangs';

export interface OtlpCollector extends AsyncDisposable {
  /** Without a path. */
  readonly origin: string;
  readonly spans: CollectedSpan[];
  /** Bodies as they came, in every mode. */
  readonly bodies: string[];
  readonly headers: IncomingHttpHeaders[];
  mode: CollectorMode;
}

export async function startOtlpCollector(): Promise<OtlpCollector> {
  const spans: CollectedSpan[] = [];
  const bodies: string[] = [];
  const seenHeaders: IncomingHttpHeaders[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      bodies.push(body);
      seenHeaders.push(request.headers);
      if (collector.mode === 'hangs') return;
      if (collector.mode === 'refuses') answer(response, 400, { message: 'canary-of-the-collector' });
      else if (request.method !== 'POST' || request.url !== '/v1/traces') answer(response, 404, {});
      else {
        spans.push(...spansIn(body));
        answer(response, 200, {});
      }
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: OtlpCollector = {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    bodies,
    headers: seenHeaders,
    mode: 'accepts',
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return collector;
}

function spansIn(body: string): CollectedSpan[] {
  return requestSchema
    .parse(JSON.parse(body))
    .resourceSpans.flatMap(({ resource, scopeSpans }) =>
      scopeSpans.flatMap((scope) => scope.spans.map((span) => ({ ...span, resource: resource.attributes }))),
    );
}

function answer(response: ServerResponse, status: number, json: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(json));
}
