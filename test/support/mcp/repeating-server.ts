// An MCP server that repeats every Authorization header it was ever sent wherever it can say something, and the `_meta` of a call, over
// streamable HTTP and SSE. The server itself knows no transport.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

export interface RepeatingServer extends AsyncDisposable {
  url: string;
  sseUrl: string;
  /** Headers that came, without `Bearer `. */
  bearers: Set<string>;
  seen: { method: string; headers: IncomingHttpHeaders }[];
  /** Answers the next so many requests 401, and repeats the bearer in the challenge. */
  refuse(times: number): void;
  /** Answers the next POST with this status, and repeats the bearer in body and headers. */
  fail(status: number): void;
}

export async function startRepeatingServer(): Promise<RepeatingServer> {
  const bearers = new Set<string>();
  const seen: RepeatingServer['seen'] = [];
  const streams = new Map<string, SSEServerTransport>();
  let refusals = 0;
  let failure: number | undefined;
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const said = request.headers.authorization ?? '';
      seen.push({ method: request.method ?? '', headers: request.headers });
      bearers.add(said.replace('Bearer ', ''));
      if (refusals > 0) {
        refusals--;
        const challenge = `Bearer error="invalid_token", error_description="not ${[...bearers].join(' nor ')}"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      } else if (failure !== undefined && request.method === 'POST') {
        response
          .writeHead(failure, { 'x-request-id': said, 'content-type': 'text/plain' })
          .end(`I do not like ${[...bearers].join(' nor ')}`);
        failure = undefined;
      } else if (pathname === '/sse') {
        const transport = new SSEServerTransport('/messages', response);
        streams.set(transport.sessionId, transport);
        await repeating(bearers).connect(transport);
      } else if (pathname === '/messages') {
        await streams.get(searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      } else {
        const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
        await repeating(bearers).connect(transport as Transport);
        await transport.handleRequest(request, response);
      }
    })().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    bearers,
    seen,
    refuse: (times) => void (refusals = times),
    fail: (status) => void (failure = status),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Extra = { requestInfo?: { headers: Record<string, string | string[] | undefined> } | undefined };

/** `seen`: told as well. `repeat` tells the Authorization header, `complain` fails with it, `meta` tells its own `_meta`. */
export function repeating(seen: ReadonlySet<string> = new Set()): Server {
  const server = new Server(
    { name: 'repeating', version: '1.0.0' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} } },
  );
  const said = ({ requestInfo }: Extra): string =>
    `You sent ${[String(requestInfo?.headers['authorization']), ...seen].join(', and ')}!`;
  const inputSchema = { type: 'object' as const };
  const annotations = { readOnlyHint: true };
  server.setRequestHandler(ListToolsRequestSchema, (_request, extra) => ({
    tools: ['repeat', 'complain', 'meta'].map((name) => ({ name, description: said(extra), inputSchema, annotations })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (params.name === 'meta') return { content: [{ type: 'text', text: JSON.stringify(params._meta ?? {}) }] };
    const data = said(extra);
    await extra.sendNotification({ method: 'notifications/message', params: { level: 'warning', data } });
    if (params.name === 'complain') throw new McpError(-32000 - 50, data);
    return { content: [{ type: 'text', text: data }] };
  });
  server.setRequestHandler(ListResourcesRequestSchema, (_request, extra) => ({
    resources: [{ uri: 'sample://one', name: said(extra), description: said(extra) }],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, extra) => ({
    contents: [{ uri, text: said(extra) }],
  }));
  server.setRequestHandler(ListPromptsRequestSchema, (_request, extra) => ({
    prompts: [{ name: 'one', description: said(extra) }],
  }));
  server.setRequestHandler(GetPromptRequestSchema, (_request, extra) => ({
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text: said(extra) } }],
  }));
  return server;
}
