// What everybody is told of a call, however its server and its callers behave: progress in a flood, and one id for two calls.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { progressIntervalMs } from '../../agent/progress-relay.ts';
import { startAgentProcess, type AgentProcess } from '../support/agent-process.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const key = 'k-3141592653';
const steps = 400;

interface Rpc {
  id?: string | number;
  method?: string;
  params?: { name?: string; _meta?: { progressToken?: string } };
}

const owned = new AsyncDisposableStack();
let agent: AgentProcess;
let tap: BusTap;
/** Calls of `wait` that are held, to be let go. */
const held: (() => void)[] = [];

/** Repeats the key it is sent in every message. */
const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
  request.on('end', () => {
    answer(body === '' ? {} : (JSON.parse(body) as Rpc), String(request.headers['x-key']), response);
  });
});

function answer({ id, method, params }: Rpc, sentKey: string, response: ServerResponse): void {
  const json = (result: object): void =>
    void response
      .writeHead(200, { 'content-type': 'application/json' })
      .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
  const done = { content: [{ type: 'text', text: 'done' }] };
  if (id === undefined) response.writeHead(202).end();
  else if (method === 'initialize')
    json({ protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'chatty', version: '1' } });
  else if (method === 'tools/list')
    json({ tools: ['flood', 'wait'].map((name) => ({ name, inputSchema: { type: 'object' } })) });
  else if (params?.name === 'flood') flood();
  else held.push(() => json(done));

  function flood(): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const event = (message: object): void => void response.write(`data: ${JSON.stringify(message)}\n\n`);
    for (let progress = 1; progress <= steps; progress++) {
      const message = `${sentKey}\u202e\r\nstep ${progress} ${'x'.repeat(2_000)}`;
      const told = { progressToken: params?._meta?.progressToken, progress, total: steps, message };
      event({ jsonrpc: '2.0', method: 'notifications/progress', params: told });
    }
    event({ jsonrpc: '2.0', id, result: done });
    response.end();
  }
}

before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`;
  owned.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  const nats = owned.use(await startTestNats());
  tap = owned.use(await tapBus(nats.url));
  const env = {
    WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
    WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
    CHATTY_KEY: key,
  };
  const mcpConfig = { mcpServers: { chatty: { type: 'http', url, headers: { 'X-Key': '${CHATTY_KEY}' } } } };
  agent = owned.use(await startAgentProcess({ busUrl: nats.url, env, mcpConfig }));
});

after(() => owned.disposeAsync());

const invoke = (callId: string, tool: string) =>
  tap.request('tool.invoke.mcp.rockbot', { callId, server: 'chatty', tool, arguments: {} });
const resultsOf = (callId: string): Record<string, unknown>[] =>
  tap.on('tool.result.rockbot').filter((event) => event['callId'] === callId);

test('calls told - a flood of progress is told at a bounded rate, its last step always, in plain and bounded words [P6]', async () => {
  const started = performance.now();
  assert.equal((await invoke('flood', 'flood')).json['ok'], true);
  const told = await until(
    'the end is told',
    () => resultsOf('flood').length === 1 && tap.on('tool.progress.rockbot.flood'),
  );
  const most = 2 + Math.floor((performance.now() - started) / progressIntervalMs);
  assert.ok(told.length <= most, `${told.length} were told, at most ${most} may be`);
  assert.equal(told.at(-1)?.['progress'], steps);
  // On a slow machine the agent has told of the call itself before the server did.
  for (const { message } of told.filter(({ progress }) => progress !== 0)) {
    assert.match(String(message), /^\[redacted\] step \d+ x+/);
    assert.ok(String(message).length <= 310, String(message));
  }
  assert.ok(!JSON.stringify(tap.messages).includes(key));
});

test('calls told - a second call with the id of a running one is refused, and nothing is told under that id', async () => {
  const first = invoke('twice', 'wait');
  await until('it runs', () => held.length === 1);
  const second = (await invoke('twice', 'wait')).json;
  assert.deepEqual([second['ok'], (second['error'] as { code?: unknown }).code], [false, 'invalid_request']);
  held.pop()?.();
  assert.equal((await first).json['ok'], true);
  await invoke('later', 'flood');
  await until('the later one is told', () => resultsOf('later').length === 1);
  assert.deepEqual(
    resultsOf('twice').map(({ ok }) => ok),
    [true],
  );
  const lines = await until('the audit log has the later one', async () => {
    const text = await readFile(join(agent.dataDir, 'audit', 'audit.jsonl'), 'utf8').catch(() => '');
    return text.includes('"later"') && text.split('\n').filter((line) => line.includes('"twice"'));
  });
  assert.deepEqual(
    lines.map((line) => (JSON.parse(line) as { outcome: string }).outcome),
    ['ok'],
  );
});
