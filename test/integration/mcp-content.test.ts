// Resources, prompts, progress, cancellation and logs of real MCP servers through the bridge: over streamable HTTP, SSE and
// stdio, with the bearer and without.
import assert from 'node:assert/strict';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ResourceServer } from '../../shared/contract/resource-messages.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startFullHttpServer, type FullHttpServer } from '../support/mcp/full-http-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const stdioServer = new URL('../support/mcp/full-stdio-server.ts', import.meta.url).pathname;
const transports = ['http', 'sse', 'stdio'] as const;

let full: FullHttpServer;
let guarded: FullHttpServer;
let stack: Stack;
let tap: BusTap;
/** Bearers that the guarded server refuses from now on. */
const refused = new Set<string>();

before(async () => {
  full = await startFullHttpServer();
  guarded = await startFullHttpServer({
    isAllowed: (authorization) => authorization !== undefined && !refused.has(authorization),
  });
  stack = await startStack({
    // Read at the start of the agent, so that the simulator's origin is allowed beside it.
    agentEnv: { LOG_WORD: 'hunter2hunter2' },
    servers: (workiq) => ({
      http: { url: full.url, headers: { 'X-Key': '${LOG_WORD}' } },
      sse: { type: 'sse', url: full.sseUrl },
      stdio: { command: process.execPath, args: [stdioServer] },
      tools: { url: workiq.mcpUrl, auth: { profile: 'workiq' } },
      broken: { url: full.url, guards: 5, allowdTools: [] },
      down: { url: 'http://127.0.0.1:9/mcp' },
    }),
  });
  tap = await tapBus(stack.nats.url);
  await stack.connect();
  await until('the servers are ready', async () => {
    const { servers } = await stack.ui.request('toolList', {});
    return servers.filter(({ state }) => state === 'ready').length === 4;
  });
});

after(async () => {
  // A stack that could not be started must not keep the servers.
  await tap?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await full[Symbol.asyncDispose]();
  await guarded[Symbol.asyncDispose]();
});

const resourcesOf = async (server: string): Promise<ResourceServer> => {
  const [listed] = (await stack.ui.request('resourceList', { server })).servers;
  assert.ok(listed);
  return listed;
};
const read = (server: string, uri: string, timeoutMs?: number) =>
  stack.ui.request('resourceRead', { server, uri, ...(timeoutMs !== undefined && { timeoutMs }) });

describe('resources', () => {
  for (const server of transports) {
    test(`resources - all pages and templates of a server over ${server}, and what they hold`, async () => {
      const { resources, templates, error } = await resourcesOf(server);
      assert.equal(error, undefined);
      assert.deepEqual(
        resources.map(({ uri }) => uri),
        ['sample://notes/1', 'sample://pictures/dot'],
      );
      assert.deepEqual(
        templates.map(({ uriTemplate }) => uriTemplate),
        ['sample://large/{bytes}'],
      );
      assert.partialDeepStrictEqual(await read(server, 'sample://notes/1'), {
        server,
        contents: [{ uri: 'sample://notes/1', mimeType: 'text/plain', text: 'Note 1: grüße' }],
      });
      assert.equal((await read(server, 'sample://pictures/dot')).contents[0]?.blob, 'iVBORw==');
    });

    test(`resources - one that the server over ${server} does not have, and one that takes too long`, async () => {
      const missing = await failureOf(read(server, 'sample://nothing/1'));
      assert.equal(missing.code, 'tool_not_found');
      assert.match(missing.message, /has no resource "sample:\/\/nothing\/1"/);
      const late = await failureOf(read(server, 'sample://slow/20000', 200));
      assert.deepEqual([late.code, late.retryable], ['timeout', true]);
    });
  }

  test('resources - a list of all servers says of each why it has nothing', async () => {
    const { servers } = await stack.ui.request('resourceList', {});
    const told = servers.map(({ name, resources, error }) => [name, resources.length, error?.code]);
    assert.deepEqual(told, [
      ['broken', 0, 'server_unavailable'],
      ['down', 0, 'server_unavailable'],
      ['http', 2, undefined],
      ['sse', 2, undefined],
      ['stdio', 2, undefined],
      ['tools', 0, undefined],
    ]);
    assert.equal((await failureOf(stack.ui.request('resourceList', { server: 'nobody' }))).code, 'tool_not_found');
    assert.equal((await failureOf(read('tools', 'sample://notes/1'))).code, 'tool_not_found');
  });

  test('resources - one larger than a message of the bus comes whole', async () => {
    const bytes = 3_000_000;
    const { contents } = await read('http', `sample://large/${bytes}`);
    assert.equal(contents[0]?.text?.length, bytes);
  });

  test('resources - one that is too large for memory is refused, and the server stays usable', async () => {
    const error = await failureOf(read('http', `sample://large/${70 * 1024 * 1024}`, 30_000));
    assert.equal(error.code, 'payload_too_large');
    assert.equal((await read('http', 'sample://notes/2')).contents.length, 1);
  });

  test('resources - a session that the server has forgotten is made anew, once and unnoticed', async () => {
    await read('http', 'sample://notes/1');
    const before = full.servers.length;
    full.forgetSessions();
    assert.equal((await read('http', 'sample://notes/3')).contents[0]?.text, 'Note 3: grüße');
    assert.ok(full.servers.length > before);
  });

  test('resources - reading is in the audit log as a call is, with no word of what was read [P6]', async () => {
    await read('http', 'sample://notes/4');
    await failureOf(read('http', 'sample://nothing/4'));
    await stack.ui.request('promptGet', { server: 'http', name: 'summary', arguments: { day: 'doomsday' } });
    const lines = await until('the lines are written', async () => {
      const text = await readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8');
      const found = text.trim().split('\n').slice(-3);
      return text.includes('prompts/get') && found;
    });
    const told = lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    assert.deepEqual(
      told.map(({ server, tool, outcome, caller }) => [server, tool, outcome, caller]),
      [
        ['http', 'resources/read', 'ok', 'test'],
        ['http', 'resources/read', 'tool_not_found', 'test'],
        ['http', 'prompts/get', 'ok', 'test'],
      ],
    );
    assert.doesNotMatch(lines.join(), /sample:|doomsday/);
  });
});

describe('prompts', () => {
  for (const server of transports) {
    test(`prompts - listed and filled in over ${server}`, async () => {
      const { servers } = await stack.ui.request('promptList', { server });
      assert.deepEqual(servers, [
        {
          name: server,
          prompts: [
            { name: 'summary', description: 'A summary of a day', arguments: [{ name: 'day', required: true }] },
          ],
        },
      ]);
      const reply = await stack.ui.request('promptGet', { server, name: 'summary', arguments: { day: 'Monday' } });
      assert.partialDeepStrictEqual(reply, {
        description: 'A summary',
        messages: [{ role: 'user', content: { type: 'text', text: 'Summarise Monday.' } }],
      });
    });
  }

  test('prompts - an unknown one and a missing argument are told apart', async () => {
    const get = (name: string) => stack.ui.request('promptGet', { server: 'http', name });
    assert.equal((await failureOf(get('nothing'))).code, 'tool_not_found');
    const missing = await failureOf(get('summary'));
    assert.equal(missing.code, 'invalid_arguments');
    assert.match(missing.message, /Missing argument day/);
  });
});

describe('calls beside HTTP', () => {
  for (const server of transports) {
    test(`calls - progress over ${server} reaches the caller, step by step`, async () => {
      const callId = `progress-${server}`;
      // Long enough: the SDK drops a step that comes together with the answer.
      await stack.ui.request('toolInvoke', { callId, server, tool: 'wait', arguments: { ms: 300 } });
      const steps = await until('both steps are told', () => {
        const told = tap.on(`tool.progress.rockbot.${callId}`).filter(({ message }) => message !== undefined);
        return told.length === 2 && told;
      });
      assert.deepEqual(
        steps.map(({ progress, total, message }) => [progress, total, message]),
        [
          [1, 2, 'step 1'],
          [2, 2, 'step 2'],
        ],
      );
    });

    test(`calls - a cancelled call over ${server} ends at once and is cancelled on the server`, async () => {
      const callId = `cancel-${server}`;
      const call = stack.ui.request(
        'toolInvoke',
        { callId, server, tool: 'wait', arguments: { ms: 30_000 } },
        { timeoutMs: 40_000 },
      );
      const failed = failureOf(call);
      await until('it runs', () => tap.on(`tool.progress.rockbot.${callId}`).some(({ progress }) => progress === 2));
      assert.equal((await stack.ui.request('toolCancel', { callId })).cancelled, true);
      assert.equal((await failed).code, 'cancelled');
      // The sessions of HTTP and SSE are in this process and can be looked into.
      if (server !== 'stdio')
        await until('the server was told', () => full.servers.some((session) => session.cancelled() > 0));
      assert.equal((await read(server, 'sample://notes/1')).contents.length, 1, 'the session is usable');
    });
  }
});

describe('server logging', () => {
  const log = (messages: object[]) => stack.call('log', { messages }, { server: 'http' });
  const lines = (): Record<string, unknown>[] =>
    stack
      .output()
      .split('\n')
      .filter((line) => line.includes('"A server logs'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  test('server logging - the server is asked for the level of the agent', async () => {
    await until('the level was asked for', () => full.servers.at(-1)?.level() === 'debug');
  });

  test('server logging - messages go to the log at their level, cleaned, bounded and without secrets [P6]', async () => {
    const jwt = `eyJhbGciOiJub25lIn0.${'e30'.repeat(9)}.c2ln`;
    await log([
      { level: 'notice', logger: 'mail', data: 'line one\nline two \u001b[31mred\u202e' },
      { level: 'emergency', data: { token: jwt, note: 'keyed with hunter2hunter2' } },
      { level: 'shouting', data: 'no level of MCP' },
      { level: 'warning', data: 'x'.repeat(10_000) },
    ]);
    const told = await until('they are logged', () => lines().length >= 3 && lines());
    assert.partialDeepStrictEqual(told[0], {
      level: 'info',
      server: 'http',
      from: 'mail',
      said: 'line one line two [31mred',
    });
    assert.equal(told[1]?.['level'], 'error');
    assert.equal(told[2]?.['level'], 'warn');
    assert.ok(String(told[2]?.['said']).length <= 2_000);
    assert.doesNotMatch(stack.output(), /hunter2|eyJhbGciOiJub25lIn0/);
    assert.doesNotMatch(stack.output(), /no level of MCP/);
  });

  test('server logging - a server that floods the log is cut off, and what was dropped is counted', async () => {
    const before = lines().length;
    await log(Array.from({ length: 500 }, (_, index) => ({ level: 'info', data: `flood ${index}` })));
    const dropped = await until(
      'the drop is told',
      () => /"A server logs more than is kept\..*"dropped":(\d+)/.exec(stack.output())?.[1],
      {
        timeoutMs: 20_000,
        everyMs: 100,
      },
    );
    const kept = lines().length - before;
    assert.ok(kept <= 205, `${kept} lines`);
    assert.ok(Number(dropped) >= 300);
  });
});

describe('resources with the bearer', () => {
  before(async () => {
    await stack.restartAgent({
      env: { WorkIQ__AllowedOrigins: `${stack.workiq.origin} ${new URL(guarded.url).origin}` },
    });
    const path = join(stack.agent.dataDir, 'mcp.json');
    const entry = { url: guarded.url, auth: { profile: 'workiq' } };
    await writeFile(`${path}.new`, JSON.stringify({ mcpServers: { guarded: entry } }));
    await rename(`${path}.new`, path);
    await until('the server is ready', async () => {
      const { servers } = await stack.ui.request('toolList', { server: 'guarded' });
      return servers[0]?.state === 'ready';
    });
  });

  test('resources - each read carries the bearer; one that is refused is refreshed once and sent again', async () => {
    await read('guarded', 'sample://notes/1');
    const used = guarded.seen.at(-1)?.headers.authorization ?? '';
    assert.match(used, /^Bearer ey/);
    refused.add(used);
    assert.equal((await read('guarded', 'sample://notes/2')).contents[0]?.text, 'Note 2: grüße');
    const fresh = guarded.seen.at(-1)?.headers.authorization ?? '';
    assert.notEqual(fresh, used);
    assert.doesNotMatch(stack.output(), new RegExp(used.slice(7, 60)));
  });

  test('resources - after the refresh token is revoked a read is answered auth_required [S5]', async () => {
    await stack.entra.control.revokeRefreshTokens({ user: 'adele', aadsts: 50173 });
    refused.add(guarded.seen.at(-1)?.headers.authorization ?? '');
    assert.equal((await failureOf(read('guarded', 'sample://notes/1'))).code, 'auth_required');
    const { servers } = await stack.ui.request('resourceList', {});
    assert.equal(servers[0]?.error?.code, 'auth_required');
  });
});
