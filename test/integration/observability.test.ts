// What an operator sees of calls: one trace from the caller to the server, one story in the log, metrics that hold what there is.
// Exporting traces is never in the way of a call or a stop, and nothing of all this repeats what a call was about.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import { z } from 'zod';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { jsonLine } from '../support/child.ts';
import { startOtlpCollector, type CollectedSpan, type OtlpCollector } from '../support/otlp-collector.ts';
import { parsePrometheusText, type PrometheusMetrics } from '../support/prometheus-text.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let tap: BusTap;
let collector: OtlpCollector;

const me = { entityUrls: ['/me?$select=id'] };
const exporterCredential = 'exporter-credential-canary';
const callerSpan = '00f067aa0ba902b7';

before(async () => {
  collector = await startOtlpCollector();
  stack = await startStack({
    agentEnv: {
      OTEL_EXPORTER_OTLP_ENDPOINT: collector.origin,
      OTEL_EXPORTER_OTLP_HEADERS: `x-api-key=${exporterCredential}`,
      OTEL_SERVICE_NAME: 'rockbot-under-test',
    },
    servers: ({ mcpUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return {
        workiq: entry,
        narrow: { ...entry, limits: { concurrent: 1, callsPerDay: 50 } },
        fenced: { ...entry, deniedTools: ['search_paths'] },
        local: { type: 'stdio', command: process.execPath, args: [serverFile] },
      };
    },
  });
  tap = await tapBus(stack.nats.url, { subjects: [] });
  await stack.connect();
  for (const server of ['workiq', 'narrow', 'fenced']) await stack.call('fetch', me, { server });
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

afterEach(async () => {
  collector.mode = 'accepts';
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ latencyMs: 0 });
});

const serverFile = new URL('../support/mcp/stdio-server.ts', import.meta.url).pathname;

interface SentCall {
  callId: string;
  traceId: string;
  reply: Record<string, unknown>;
}

let calls = 0;

/** A call of somebody who continues a trace; `headers` beside it, or instead. */
async function call(
  tool: string,
  args: object,
  {
    server = 'workiq',
    headers = {},
    flags = '01',
  }: { server?: string; headers?: Record<string, string>; flags?: string } = {},
): Promise<SentCall> {
  const callId = `observed-${++calls}`;
  const traceId = crypto.randomUUID().replaceAll('-', '');
  const { json } = await tap.request(
    'tool.invoke.mcp.rockbot',
    { callId, server, tool, arguments: args },
    { headers: { 'rb-source': 'observer', traceparent: `00-${traceId}-${callerSpan}-${flags}`, ...headers } },
  );
  return { callId, traceId, reply: json };
}

/** The trace headers of the calls that reached Work IQ in this trace, oldest first. */
async function receivedIn(traceId: string): Promise<Record<string, string>[]> {
  const requests = await stack.workiq.control.requests();
  return requests
    .filter(({ method, headers }) => method === 'tools/call' && headers['traceparent']?.includes(traceId))
    .map(({ headers }) => headers);
}

function spansOf({ callId }: SentCall, count: number): Promise<CollectedSpan[]> {
  const found = (): CollectedSpan[] =>
    collector.spans.filter(({ attributes }) => attributes['rockbot.call_id'] === callId);
  return until(
    () =>
      `${count} spans, there are ${found()
        .map(({ name }) => name)
        .join(', ')}`,
    () => found().length >= count && found().sort((left, right) => left.kind - right.kind),
  );
}

const lineSchema = z.looseObject({
  level: z.string(),
  message: z.string(),
  callId: z.string(),
  traceId: z.string(),
  server: z.string(),
  tool: z.string(),
  caller: z.string(),
});

/** What a search for the call's id finds. */
function story({ callId }: SentCall): z.infer<typeof lineSchema>[] {
  return stack
    .output()
    .split('\n')
    .filter((line) => line.includes(`"${callId}"`))
    .map((line) => lineSchema.parse(jsonLine(line)));
}

async function scrape(): Promise<PrometheusMetrics> {
  const response = await fetch(`http://127.0.0.1:${stack.agent.httpPort}/metrics`);
  assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/);
  return parsePrometheusText(await response.text());
}

async function auditLineOf({ callId }: SentCall): Promise<Record<string, unknown>> {
  const path = join(stack.agent.dataDir, 'audit', 'audit.jsonl');
  const line = await until('the audit line', async () =>
    (await readFile(path, 'utf8')).split('\n').find((candidate) => candidate.includes(`"${callId}"`)),
  );
  return z.record(z.string(), z.unknown()).parse(JSON.parse(line));
}

describe('observability - one trace', () => {
  test('observability - the trace leads from the caller over the agent to the request that the server received', async () => {
    const made = await call('fetch', me, { headers: { tracestate: 'vendor=opaque,other=1' } });
    assert.equal(made.reply['ok'], true);
    const [served, sent] = await spansOf(made, 2);
    assert.ok(served && sent);
    const [received] = await receivedIn(made.traceId);
    assert.deepEqual(
      [served.name, served.kind, served.traceId, served.parentSpanId],
      ['tools/call fetch', 2, made.traceId, callerSpan],
    );
    assert.deepEqual([sent.name, sent.kind, sent.traceId, sent.parentSpanId], ['POST', 3, made.traceId, served.spanId]);
    assert.equal(received?.['traceparent'], `00-${made.traceId}-${sent.spanId}-01`);
    assert.equal(received['tracestate'], 'vendor=opaque,other=1');
    assert.partialDeepStrictEqual(served.attributes, {
      'mcp.method.name': 'tools/call',
      'gen_ai.tool.name': 'fetch',
      'rockbot.server': 'workiq',
      'rockbot.outcome': 'ok',
    });
    const { hostname, port } = new URL(stack.workiq.mcpUrl);
    assert.partialDeepStrictEqual(sent.attributes, {
      'http.request.method': 'POST',
      'http.response.status_code': 200,
      'server.address': hostname,
      'server.port': Number(port),
    });
    assert.partialDeepStrictEqual(served.resource, {
      'service.name': 'rockbot-under-test',
      'rockbot.agent': 'rockbot',
    });
    assert.equal((await auditLineOf(made))['traceId'], made.traceId);
  });

  test('observability - each sending of a call is a span of its own under the call', async () => {
    await stack.workiq.control.inject({ kind: 'unauthorized' });
    const made = await call('fetch', me);
    const [served, ...sent] = await spansOf(made, 3);
    assert.ok(served);
    assert.deepEqual(
      sent.map(({ parentSpanId, attributes }) => [
        parentSpanId,
        attributes['http.response.status_code'],
        attributes['error.type'],
        attributes['http.request.resend_count'],
      ]),
      [
        [served.spanId, 401, '401', undefined],
        [served.spanId, 200, undefined, 1],
      ],
    );
    assert.deepEqual(
      (await receivedIn(made.traceId)).map((headers) => headers['traceparent']),
      sent.map(({ spanId }) => `00-${made.traceId}-${spanId}-01`),
    );
    assert.equal((await scrape()).value('rockbot_call_retries_total', { server: 'workiq', reason: 'unauthorized' }), 1);
  });

  test('observability - a failed call is an error by its code, and a tool that nobody has names no span', async () => {
    await stack.workiq.control.inject({ kind: 'server-error', status: 500 });
    const [failed, request] = await spansOf(await call('fetch', me), 2);
    assert.ok(failed);
    assert.deepEqual([failed.status.code, failed.attributes['error.type']], [2, 'server_unavailable']);
    assert.deepEqual([request?.status.code, request?.attributes['error.type']], [2, '500']);
    assert.equal(failed.status.message, undefined);
    const [unknown] = await spansOf(await call('made_up', {}), 1);
    assert.deepEqual([unknown?.name, unknown?.attributes['error.type']], ['tools/call', 'tool_not_found']);
  });

  test('observability - a server over stdio has its span too', async () => {
    await until('the local server', async () => (await call('echo', {}, { server: 'local' })).reply['ok'] === true);
    const [served, sent] = await spansOf(await call('echo', {}, { server: 'local' }), 2);
    assert.deepEqual([sent?.name, sent?.parentSpanId], ['tools/call', served?.spanId]);
  });

  test('observability - what the caller does not record is not recorded, and says so to the server', async () => {
    const made = await call('fetch', me, { flags: '00' });
    const recorded = await call('fetch', me);
    await spansOf(recorded, 2);
    assert.equal(
      collector.spans.some(({ traceId }) => traceId === made.traceId),
      false,
    );
    const [received] = await receivedIn(made.traceId);
    assert.match(received?.['traceparent'] ?? '', new RegExp(`^00-${made.traceId}-(?!${callerSpan})[0-9a-f]{16}-00$`));
  });

  test('observability - a malformed traceparent begins a trace and reaches no server', async () => {
    const made = await call('fetch', me, { headers: { traceparent: '00-nonsense\u00fc', tracestate: 'a=ü' } });
    assert.equal(made.reply['ok'], true);
    const [served, sent] = await spansOf(made, 2);
    assert.equal(served?.parentSpanId ?? '', '');
    const [received] = await receivedIn(served?.traceId ?? '-');
    assert.equal(received?.['traceparent'], `00-${served?.traceId}-${sent?.spanId}-01`);
    assert.equal(received['tracestate'], undefined);
  });
});

describe('observability - the story of a call', () => {
  test('observability - the log tells by its id that a call was sent twice, why, and how it was answered', async () => {
    await stack.workiq.control.inject({ kind: 'throttled', seconds: 1 });
    const made = await call('fetch', me, { server: 'narrow' });
    const lines = story(made);
    assert.deepEqual(
      lines.map(({ message, attempt, status, reason, outcome }) => [message, attempt ?? reason ?? outcome, status]),
      [
        ['A call was received.', undefined, undefined],
        ['The call is sent.', 1, undefined],
        ['The server answered, or did not.', 1, 429],
        ['The call is sent once more.', 'throttled', undefined],
        ['The call is sent.', 2, undefined],
        ['The server answered, or did not.', 2, 200],
        ['The call was answered.', 'ok', undefined],
      ],
    );
    const facts = { traceId: made.traceId, server: 'narrow', tool: 'fetch', caller: 'observer', level: 'debug' };
    for (const line of lines) assert.partialDeepStrictEqual(line, facts);
    assert.equal((await scrape()).value('rockbot_call_retries_total', { server: 'narrow', reason: 'throttled' }), 1);
  });

  test('observability - a call that has to wait for its turn says so, one that has it does not', async () => {
    await stack.workiq.control.set({ latencyMs: 1_000 });
    const made = await Promise.all([call('fetch', me, { server: 'narrow' }), call('fetch', me, { server: 'narrow' })]);
    const waits = made.map((one) => story(one).filter(({ message }) => message === 'The call waits for its turn.'));
    assert.deepEqual(
      waits.map((lines) => lines.map(({ running, waiting }) => [running, waiting])),
      [[], [[1, 1]]],
    );
  });

  test('observability - failures to mend are told once, whatever the number of calls', async () => {
    await stack.workiq.control.inject({ kind: 'forbidden', times: 'all' });
    const made = [await call('fetch', me), await call('fetch', me), await call('fetch', me)];
    const warnings = made.flatMap((one) => story(one).filter(({ level }) => level === 'warn'));
    assert.equal(warnings.length, 1);
    assert.partialDeepStrictEqual(warnings[0], { outcome: 'forbidden', callId: made[0]?.callId });
    assert.equal(typeof warnings[0]?.['action'], 'string');
  });

  test('[P6] observability - arguments, results, credentials and made-up names are in no span, line, metric or audit line', async () => {
    const canaries = ['canary-argument-71f3', 'canary-tracestate-71f3', 'canary-tool-71f3', exporterCredential];
    const jwt = ['eyJhbGciOiJub25lIn0', 'eyJjYW5hcnkiOiI3MWYzIn0', 'c2lnbmF0dXJl'].join('.');
    await call('fetch', { entityUrls: [`/me/messages?$filter=subject eq '${canaries[0]}'`] });
    await call('create_entity', { parentUrl: `/me/${canaries[0]}`, jsonBody: `{"x":"${canaries[0]}"}` });
    await call('fetch', me, { headers: { tracestate: `a=Bearer ${canaries[1]}` } });
    const last = await call(`Bearer ${canaries[2]} ${jwt}`, { secret: jwt });
    await spansOf(last, 1);
    await auditLineOf(last);
    const places = {
      spans: collector.bodies.join('\n'),
      log: stack.output(),
      metrics: (await scrape()).samples.map((sample) => JSON.stringify(sample)).join('\n'),
      audit: await readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8'),
    };
    for (const [place, text] of Object.entries(places)) {
      assert.ok(text.length > 100, place);
      for (const canary of [...canaries, jwt]) assert.equal(text.includes(canary), false, `${canary} is in ${place}`);
      const [user] = (await stack.ui.request('authState', {})).account?.username.split('@') ?? [];
      if (place === 'spans' || place === 'metrics')
        assert.equal(text.includes(user ?? '-'), false, `a user is in ${place}`);
    }
    const token = (await stack.workiq.control.rawAuthorizations()).map(({ authorization }) => authorization.slice(7));
    assert.ok(token.length > 0);
    for (const text of Object.values(places))
      assert.equal(
        token.some((value) => text.includes(value)),
        false,
      );
    assert.equal(collector.headers.at(-1)?.['x-api-key'], exporterCredential);
  });
});

describe('observability - metrics', () => {
  test('observability - a scrape says what the servers do, what was denied and how long the token lives', async () => {
    const denied = await call('search_paths', {}, { server: 'fenced' });
    assert.equal(denied.reply['ok'], false);
    const { value, types } = await scrape();
    assert.equal(value('rockbot_guard_denials_total', { server: 'fenced' }), 1);
    assert.equal(value('rockbot_server_state', { server: 'workiq', state: 'ready' }), 1);
    assert.equal(value('rockbot_call_budget_limit', { server: 'narrow' }), 50);
    assert.ok((value('rockbot_call_budget_used', { server: 'narrow' }) ?? 0) >= 1);
    assert.equal(value('rockbot_call_budget_limit', { server: 'workiq' }), undefined);
    assert.ok((value('rockbot_access_token_expiry_timestamp_seconds') ?? 0) > Date.now() / 1000);
    assert.ok((value('rockbot_token_last_refresh_timestamp_seconds') ?? Infinity) <= Date.now() / 1000);
    assert.equal(value('rockbot_audit_lines_lost_total'), 0);
    assert.equal(value('rockbot_bus_connected'), 1);
    assert.equal(types.get('rockbot_tool_call_duration_seconds'), 'histogram');
    const page = await readFile(new URL('../../docs/observability.md', import.meta.url), 'utf8');
    assert.deepEqual(
      [...types.keys()].filter((name) => !page.includes(`\`${name}\``) && !page.includes(`\`${name}{`)),
      [],
      'every metric is in the documentation',
    );
  });

  test('observability - a removed server has no series left, and names that callers make up never have any', async () => {
    await call('fetch', me, { server: 'nobody-71f3' });
    assert.ok((await scrape()).samples.some(({ labels }) => labels['server'] === 'fenced'));
    const path = join(stack.agent.dataDir, 'mcp.json');
    const config = z
      .object({ mcpServers: z.record(z.string(), z.unknown()) })
      .parse(JSON.parse(await readFile(path, 'utf8')));
    delete config.mcpServers['fenced'];
    await writeFile(path, JSON.stringify(config));
    await until('the series are gone', async () =>
      (await scrape()).samples.every(({ labels }) => labels['server'] !== 'fenced'),
    );
    const { samples } = await scrape();
    assert.deepEqual([...new Set(samples.flatMap(({ labels }) => labels['server'] ?? []))].sort(), [
      '',
      'local',
      'narrow',
      'workiq',
    ]);
    assert.equal(JSON.stringify(samples).includes('made_up'), false);
  });
});

describe('observability - a collector in trouble', () => {
  const failures = (): string[] =>
    stack
      .output()
      .split('\n')
      .filter((line) => line.includes('Traces cannot be exported; calls go on'));

  /** Ends the agent and starts it anew with these settings; returns how it ended. */
  async function restart(env: Record<string, string>): Promise<number | string> {
    const { exited } = stack.agent.child;
    await stack.restartAgent({ env });
    return exited;
  }

  test('observability - one that refuses is told once and without its words, and calls go on', async () => {
    collector.mode = 'refuses';
    assert.equal((await call('fetch', me)).reply['ok'], true);
    await until('the failure is told', () => failures().length > 0);
    const bodies = collector.bodies.length;
    assert.equal((await call('fetch', me)).reply['ok'], true);
    await until('it was refused again', () => collector.bodies.length > bodies);
    assert.match(failures().join('\n'), /^\{[^\n]*"why":"HTTP 400"[^\n]*\}$/);
    assert.equal(stack.output().includes('canary-of-the-collector'), false);
    collector.mode = 'accepts';
    await spansOf(await call('fetch', me), 2);
    await until('it is told that it works again', () => stack.output().includes('Traces can be exported again'));
  });

  test('observability - the last spans are sent before the agent ends', async () => {
    const made = await call('fetch', me);
    assert.equal(await restart({}), 0);
    assert.equal((await spansOf(made, 2)).length, 2);
  });

  test('observability - one that hangs holds up neither calls nor the stop', async () => {
    collector.mode = 'hangs';
    const bodies = collector.bodies.length;
    assert.equal((await call('fetch', me)).reply['ok'], true);
    await until('it hangs', () => collector.bodies.length > bodies);
    assert.equal((await call('fetch', me)).reply['ok'], true);
    assert.equal(await restart({}), 0);
  });

  test('observability - one that is not there holds up neither calls nor the stop', async () => {
    assert.equal(await restart({ OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await freePort()}` }), 0);
    assert.equal((await call('fetch', me)).reply['ok'], true);
    assert.equal(await restart({ OTEL_EXPORTER_OTLP_ENDPOINT: '' }), 0);
  });

  test('observability - without an endpoint the trace is passed on as it came, or a new one is begun', async () => {
    const made = await call('fetch', me, { headers: { tracestate: 'vendor=opaque' } });
    const [received] = await receivedIn(made.traceId);
    assert.equal(received?.['traceparent'], `00-${made.traceId}-${callerSpan}-01`);
    assert.equal(received['tracestate'], 'vendor=opaque');
    const [line] = story(await call('fetch', me, { headers: { traceparent: 'nonsense' } }));
    const [begun] = await receivedIn(line?.traceId ?? '-');
    assert.match(begun?.['traceparent'] ?? '', new RegExp(`^00-${line?.traceId}-[0-9a-f]{16}-00$`));
  });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
