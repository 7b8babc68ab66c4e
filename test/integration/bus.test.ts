// The agent on a real bus: versions, malformed requests, answers of any size, a bus that dies or forbids, its HTTP
// endpoints, and an orderly stop.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createUser } from '@nats-io/nkeys';
import { connectBus } from '../../extension/bus.ts';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { requests, type RequestName } from '../../shared/contract/contract.ts';
import { accountsFile } from '../support/accounts-bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startChild } from '../support/child.ts';
import { freePort } from '../support/free-port.ts';
import { startTestNats } from '../support/nats.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let tap: BusTap;

before(async () => {
  stack = await startStack({ workiq: { mutations: 'allowed' } });
  tap = await tapBus(stack.nats.url);
  await stack.connect();
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

const names = Object.keys(requests) as RequestName[];
const subjectOf = (name: RequestName): string => requests[name].subject('rockbot');
const code = (json: Record<string, unknown>): unknown => (json['error'] as { code?: unknown } | undefined)?.code;
const hint = (json: Record<string, unknown>): string => String((json['error'] as { action?: unknown }).action);

interface HttpAnswer {
  status: number;
  text: string;
}

async function http(port: number, path: string, method = 'GET'): Promise<HttpAnswer> {
  const response = await fetch(`http://127.0.0.1:${port}${path}`, { method });
  return { status: response.status, text: await response.text() };
}

describe('bus - requests', () => {
  for (const version of [undefined, '', '1', '1.7']) {
    test(`bus - a request of version ${version ?? '(missing)'} is answered`, async () => {
      const headers: Record<string, string> = version === undefined ? {} : { 'rb-v': version };
      const { json } = await tap.request('auth.workiq.state.rockbot', '{}', { headers });
      assert.equal(json['ok'], true);
      assert.equal(json['status'], 'connected');
    });
  }

  for (const version of ['2', '0', 'x', '11', '2.1']) {
    test(`bus - version ${version} is refused as unsupported on every subject`, async () => {
      for (const name of names) {
        const { json } = await tap.request(subjectOf(name), '{}', { headers: { 'rb-v': version } });
        assert.equal(code(json), 'unsupported_version', name);
        assert.match(hint(json), /version/);
      }
    });
  }

  const malformed: (string | Uint8Array)[] = [
    '{',
    'x',
    '[]',
    '"x"',
    '5',
    'null',
    '[{}]',
    Uint8Array.of(0xff, 0xfe, 0x00),
    '{"a":1}}',
    '['.repeat(100_000),
  ];
  for (const payload of malformed) {
    test(`bus - ${JSON.stringify(payload).slice(0, 20)} is an invalid request on every subject`, async () => {
      for (const name of names) {
        const { json } = await tap.request(subjectOf(name), payload);
        assert.deepEqual([name, json['ok'], code(json)], [name, false, 'invalid_request']);
        assert.ok(hint(json));
      }
    });
  }

  const shapes: [subject: string, payload: object, names: RegExp][] = [
    ['auth.workiq.cache.rockbot', {}, /sealed/],
    ['tool.invoke.mcp.rockbot', { callId: 'a b', tool: 'fetch' }, /callId/],
    ['tool.invoke.mcp.rockbot', { callId: 'a.b', tool: 'fetch' }, /callId/],
    ['tool.invoke.mcp.rockbot', { callId: 'a' }, /tool/],
    ['tool.invoke.mcp.rockbot', { callId: 'a', tool: '' }, /tool/],
    ['tool.invoke.mcp.rockbot', { callId: 'a', tool: 'x', arguments: [] }, /arguments/],
    ['tool.invoke.mcp.rockbot', { callId: 'a', tool: 'x', timeoutMs: -1 }, /timeoutMs/],
    ['tool.cancel.rockbot', { callId: '' }, /callId/],
    ['mcp.manage.rockbot', { action: 'explode' }, /action/],
    ['mcp.manage.rockbot', { action: 'register', name: 'x' }, /entry/],
  ];
  for (const [subject, payload, named] of shapes) {
    test(`bus - ${JSON.stringify(payload)} on ${subject} names what is wrong`, async () => {
      const { json } = await tap.request(subject, payload);
      assert.equal(code(json), 'invalid_request');
      assert.match((json['error'] as { message: string }).message, named);
    });
  }

  test('bus - unknown members are ignored, and an empty payload is an empty request', async () => {
    assert.equal(
      (await tap.request('tool.list.rockbot', { server: 'workiq', fromTheFuture: { a: 1 } })).json['ok'],
      true,
    );
    assert.equal((await tap.request('auth.workiq.state.rockbot', '')).json['ok'], true);
  });

  test('bus - an answer continues the trace and names the request it answers', async () => {
    const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
    const { headers } = await tap.request('auth.workiq.state.rockbot', '{}', {
      headers: { 'rb-id': 'request-1', traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
    });
    assert.equal(headers['rb-correlation-id'], 'request-1');
    assert.match(headers['traceparent'] ?? '', new RegExp(`^00-${traceId}-(?!00f067aa0ba902b7)[0-9a-f]{16}-01$`));
    assert.equal(headers['rb-source'], 'agent/rockbot');
    assert.equal(headers['rb-content-trust'], 'system');
  });

  for (const reply of [
    'auth.workiq.expired.rockbot',
    'auth.workiq.changed.rockbot',
    'tool.result.rockbot',
    'agent.status.other',
    'mcp.manage.rockbot',
    'patrol.rockbot.run',
    '$SYS.REQ.SERVER.PING',
  ]) {
    test(`bus - an answer asked for on ${reply} is not sent`, async () => {
      const heard = tap.messages.length;
      tap.connection.publish('auth.workiq.state.rockbot', '{}', { reply });
      // Answers come in the order of the requests, so the first one would be there by now.
      await tap.request('auth.workiq.state.rockbot', '{}');
      const forged = tap.messages
        .slice(heard)
        .filter(({ subject, headers }) => subject === reply && headers['rb-type']?.endsWith('.reply'));
      assert.deepEqual(forged, []);
      await until('it is in the log', () => stack.output().includes(`"reply":"${reply}"`));
    });
  }
});

describe('bus - answers of any size', () => {
  const call = { callId: 'large', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } };

  test('bus - a plain NATS request is told that its answer is too large and how to get it', async () => {
    await stack.workiq.control.inject({ kind: 'huge-result', bytes: 5_000_000 });
    const { json, headers } = await tap.request('tool.invoke.mcp.rockbot', call);
    assert.equal(code(json), 'payload_too_large');
    assert.match(hint(json), /rb-accept-chunks: 1/);
    assert.equal(headers['rb-chunk'], undefined);
  });

  test('bus - with rb-accept-chunks it comes in numbered parts that make up the whole', async () => {
    await stack.workiq.control.inject({ kind: 'huge-result', bytes: 5_000_000 });
    const heard = tap.messages.length;
    const { subject } = await tap.request('tool.invoke.mcp.rockbot', call, {
      headers: { 'rb-accept-chunks': '1', 'rb-id': 'request-2' },
    });
    const parts = await until('all parts', () => {
      const found = tap.messages.slice(heard).filter((message) => message.subject === subject);
      return found.length === Number(found[0]?.headers['rb-chunk']?.split('/')[1]) && found;
    });
    assert.ok(parts.length >= 10);
    assert.deepEqual(
      parts.map(({ headers }) => headers['rb-chunk']),
      parts.map((_, index) => `${index}/${parts.length}`),
    );
    assert.ok(parts.every(({ headers }) => headers['rb-correlation-id'] === 'request-2'));
    const whole = JSON.parse(parts.map(({ text }) => text).join('')) as { ok: boolean; callId: string };
    assert.deepEqual([whole.ok, whole.callId], [true, 'large']);
  });

  test('bus - a bus of small messages delivers calls, lists and events all the same', async () => {
    await using small = await startStack({ nats: { maxPayload: 32_768 } });
    await using ears = await tapBus(small.nats.url);
    await small.connect();
    const { servers } = await until('the server is ready', async () => {
      const found = await small.ui.request('toolList', {});
      return found.servers[0]?.state === 'ready' && found;
    });
    assert.ok((servers[0]?.tools.length ?? 0) > 5);
    await small.workiq.control.inject({ kind: 'huge-result', bytes: 100_000 });
    const { result } = await small.call('fetch', { entityUrls: ['/me'] });
    assert.ok(JSON.stringify(result).length > 100_000);
    const [event] = await until(
      'the event',
      () => ears.on('tool.result.rockbot').length > 0 && ears.on('tool.result.rockbot'),
    );
    assert.equal(event?.['ok'], true);
    assert.ok((event?.['resultBytes'] as number) > 100_000);
    assert.equal('result' in event, false);
  });
});

async function isReady(): Promise<boolean> {
  return (await http(stack.agent.httpPort, '/readyz')).status === 200;
}

describe('bus - a bus that goes away', () => {
  test('bus - after the bus was killed the agent serves again by itself, and says so', async () => {
    const { pid } = stack.nats;
    assert.ok(pid);
    process.kill(pid, 'SIGKILL');
    await until('it is noticed', () => stack.output().includes('The bus connection was lost'));
    await until('it is ready again', isReady);
    await until('calls work', () => stack.call('fetch', { entityUrls: ['/me'] }).catch(() => false as const));
    await using ears = await tapBus(stack.nats.url);
    await until('the heartbeat goes on', () => ears.on('agent.status.rockbot').length > 0, { timeoutMs: 20_000 });
  });

  test('bus - while it is away the process lives and is not ready, and a call under way still ends at its server', async () => {
    await stack.workiq.control.set({ latencyMs: 300 });
    const lost = stack.call('create_entity', { parentUrl: '/me/messages', jsonBody: '{"subject":"bus away"}' });
    lost.catch(() => undefined);
    await until('it runs', async () => (await stack.workiq.control.snapshot()).concurrentCalls.current === 1);
    await stack.nats.stop();
    const down = await until('it is noticed', async () => {
      const answer = await http(stack.agent.httpPort, '/readyz');
      return answer.status === 503 && answer;
    });
    assert.equal(down.text, 'The bus is not connected.\n');
    assert.deepEqual(await http(stack.agent.httpPort, '/livez'), { status: 200, text: 'ok\n' });
    assert.match((await http(stack.agent.httpPort, '/metrics')).text, /rockbot_bus_connected 0/);
    await until('it took effect', async () =>
      (await stack.workiq.control.snapshot()).sideEffects.some(({ subject }) => subject === 'bus away'),
    );
    await stack.workiq.control.set({ latencyMs: 0 });
    const again = await startTestNats({ websocketPort: Number(new URL(stack.nats.url).port) });
    await until('it is ready again', isReady);
    assert.equal(
      (await stack.workiq.control.snapshot()).sideEffects.filter(({ subject }) => subject === 'bus away').length,
      1,
    );
    // The rest of the file has a bus of its own.
    await again.stop();
  });
});

describe('bus - permissions and credentials [P14]', () => {
  test('bus - the shipped accounts let an agent and its UI do everything', async () => {
    const keys = Object.fromEntries(
      ['AGENT', 'UI_ALICE', 'UI_BOB', 'UI_VIEWER', 'MONITOR', 'SYS'].map((name) => [name, createUser()]),
    );
    const seed = (name: string): string => new TextDecoder().decode(keys[name]?.getSeed());
    const env = Object.fromEntries(
      Object.entries(keys).flatMap(([name, key]) => [
        [`ROCKBOT_${name}_NKEY`, key.getPublicKey()],
        [`ROCKBOT_${name}_INBOX`, `_INBOX_${key.getPublicKey()}.>`],
      ]),
    );
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-seed-'));
    await writeFile(join(folder, 'seed'), seed('AGENT'), { mode: 0o600 });
    await using own = await startStack({
      nats: { configFile: accountsFile, env },
      agentEnv: { Nats__NkeySeedFile: join(folder, 'seed') },
      uiSeed: seed('UI_ALICE'),
    });
    await own.connect();
    const seen: unknown[] = [];
    own.ui.subscribe('toolResult', (event) => seen.push(event));
    await own.ui.flush();
    await own.workiq.control.inject({ kind: 'huge-result', bytes: 5_000_000 });
    assert.ok(JSON.stringify(await own.call('fetch', { entityUrls: ['/me'] })).length > 5_000_000);
    await until('the event', () => seen.length === 1);
    for (const name of ['authProfile', 'authState', 'toolList'] as const) await own.ui.request(name, {});
    assert.equal((await http(own.agent.httpPort, '/readyz')).status, 200);
    await own.ui.request('mcpManage', { action: 'details', name: 'workiq' });
    await rm(folder, { recursive: true });
  });

  test('bus - a subject that the bus forbids is named by readyz; once it is allowed the agent serves it', async () => {
    const key = createUser();
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-forbid-'));
    const configFile = join(folder, 'nats.conf');
    const config = (denied: string): string =>
      `authorization { users: [ { nkey: ${key.getPublicKey()}, permissions: { subscribe: { deny: [${denied}] }, publish: { deny: ["agent.status.rockbot"] } } } ] }\n`;
    await writeFile(configFile, config('"tool.invoke.mcp.rockbot"'));
    await writeFile(join(folder, 'seed'), key.getSeed(), { mode: 0o600 });
    await using nats = await startTestNats({ configFile });
    await using agent = await startAgentProcess({
      busUrl: nats.url,
      env: { ...stack.agentEnv, Nats__NkeySeedFile: join(folder, 'seed') },
    });
    const forbidden = await until('it is noticed', async () => {
      const answer = await http(agent.httpPort, '/readyz');
      return answer.status === 503 && answer;
    });
    assert.match(forbidden.text, /forbids this agent the subject tool\.invoke\.mcp\.rockbot/);
    await until('an event that it may not send is named as well', () =>
      /forbids a subject.*"operation":"publish","subject":"agent\.status\.rockbot"/.test(agent.output()),
    );
    assert.equal((await http(agent.httpPort, '/livez')).status, 200);
    await writeFile(configFile, config('"nothing.at.all"'));
    await nats.restart();
    await until('it is ready', async () => (await http(agent.httpPort, '/readyz')).status === 200);
    await using ui = await connectBus({
      url: nats.url,
      agent: 'rockbot',
      source: 'test',
      credentials: nkeyCredentials(new TextDecoder().decode(key.getSeed())),
    });
    const error = await failureOf(ui.request('toolInvoke', { callId: 'a', server: 'x', tool: 'y' }));
    assert.equal(error.code, 'tool_not_found');
    await rm(folder, { recursive: true });
  });

  test('bus - refused credentials, and a bus that is not there yet, are waited for: alive, not ready, and said why', async () => {
    const key = createUser();
    const other = createUser();
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-refused-'));
    const configFile = join(folder, 'nats.conf');
    await writeFile(configFile, onlyUser(other.getPublicKey()));
    await writeFile(join(folder, 'seed'), key.getSeed(), { mode: 0o600 });
    const [busPort, httpPort] = [await freePort(), await freePort()];
    await using agent = await startChild({
      name: 'agent',
      args: [new URL('../../agent/main.ts', import.meta.url).pathname],
      env: {
        ...stack.agentEnv,
        Nats__Url: `ws://127.0.0.1:${busPort}`,
        Nats__NkeySeedFile: join(folder, 'seed'),
        Agent__DataDir: folder,
        Http__Host: '127.0.0.1',
        Http__Port: String(httpPort),
      },
      readyLine: (line) => (line.includes('The bus cannot be reached yet') ? true : undefined),
    });
    assert.deepEqual(await http(httpPort, '/livez'), { status: 200, text: 'ok\n' });
    assert.equal((await http(httpPort, '/readyz')).status, 503);
    await using nats = await startTestNats({ configFile, websocketPort: busPort });
    await until('the refusal is logged', () => agent.output().includes('The bus refused the credentials'));
    const refused = await http(httpPort, '/readyz');
    assert.equal(refused.status, 503);
    assert.match(refused.text, /refuses the credentials of this agent; check Nats__NkeySeedFile/);
    assert.ok(!agent.output().includes(new TextDecoder().decode(key.getSeed())));
    await writeFile(configFile, onlyUser(key.getPublicKey()));
    await nats.restart();
    await until('it is ready', async () => (await http(httpPort, '/readyz')).status === 200);
    await agent.stop();
    await rm(folder, { recursive: true });
  });
});

describe('bus - HTTP endpoints and stopping', () => {
  test('bus - ready does not mean signed in; other paths and methods are told so', async () => {
    await using own = await startStack();
    const port = own.agent.httpPort;
    assert.equal((await own.ui.request('authState', {})).status, 'not_connected');
    assert.deepEqual(await http(port, '/readyz'), { status: 200, text: 'ok\n' });
    assert.equal((await http(port, '/livez?verbose')).status, 200);
    assert.equal((await http(port, '/livez', 'POST')).status, 405);
    assert.equal((await http(port, '/livez', 'HEAD')).status, 200);
    assert.equal((await http(port, '/../etc/passwd')).status, 404);
    assert.match((await http(port, '/metrics')).text, /^# HELP rockbot_tool_calls_total/m);
  });

  test('bus - SIGTERM lets a running call end, answers it, takes no new one, says so and frees the volume', async () => {
    await using own = await startStack({ workiq: { mutations: 'allowed' } });
    await using ears = await tapBus(own.nats.url, { subjects: ['agent.status.*', 'tool.result.*'] });
    await own.connect();
    await own.call('fetch', { entityUrls: ['/me'] });
    await own.workiq.control.set({ latencyMs: 700 });
    const running = own.call('create_entity', { parentUrl: '/me/messages', jsonBody: '{"subject":"last one"}' });
    await until('it runs', async () => (await own.workiq.control.snapshot()).concurrentCalls.current === 1);
    const lock = join(own.agent.dataDir, 'agent.lock');
    assert.ok(existsSync(lock));
    own.agent.child.kill('SIGTERM');
    await until('it says so', () => ears.on('agent.status.rockbot').some(({ stopping }) => stopping === true));
    const refused = await failureOf(own.call('fetch', { entityUrls: ['/me'] }));
    assert.equal(refused.code, 'server_unavailable');
    assert.equal((await running).tool, 'create_entity');
    assert.equal(await own.agent.child.exited, 0);
    assert.ok(!existsSync(lock));
    assert.equal((await own.workiq.control.snapshot()).sideEffects.length, 1);
    await until('its event is heard, too', () =>
      ears.on('tool.result.rockbot').some(({ tool }) => tool === 'create_entity'),
    );
  });

  test('bus - SIGTERM does not wait for a call without end: it is cancelled at its server and answered', async () => {
    await using own = await startStack({ workiq: { askLatencyMs: 60_000 } });
    await own.connect();
    const running = failureOf(own.call('ask', { question: 'Endless?' }));
    await until('it runs', async () => (await own.workiq.control.snapshot()).concurrentCalls.current === 1);
    own.agent.child.kill('SIGTERM');
    const error = await running;
    assert.equal(error.code, 'cancelled');
    assert.match(error.message, /stopping/);
    assert.equal(await own.agent.child.exited, 0);
    await until('the server stops', async () => (await own.workiq.control.snapshot()).concurrentCalls.current === 0);
  });
});

function onlyUser(nkey: string): string {
  return `authorization { users: [ { nkey: ${nkey} } ] }\n`;
}
