// Many servers at once: each fails and comes back on its own, mcp.json is followed while the agent runs, and the transports
// that Work IQ does not use (stdio, SSE) are bridged as well.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import { createServer as createHttpServer } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startEcho } from '../support/echo-server.ts';
import { startSseServer } from '../support/mcp/sse-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const stdioServer = new URL('../support/mcp/stdio-server.ts', import.meta.url).pathname;

let stack: Stack;
let tap: BusTap;
let workiqEntry: object;

before(async () => {
  stack = await startStack({ agentEnv: { PATH_KEY: 'hunter2hunter2' } });
  tap = await tapBus(stack.nats.url);
  workiqEntry = { type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } };
  await stack.connect();
});

after(async () => {
  await tap[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

async function writeConfig(config: object | string): Promise<void> {
  const path = join(stack.agent.dataDir, 'mcp.json');
  await writeFile(`${path}.new`, typeof config === 'string' ? config : JSON.stringify(config));
  await rename(`${path}.new`, path);
}

/** Writes these servers beside Work IQ's and waits until the agent has taken notice. */
async function useServers(servers: object): Promise<void> {
  await writeConfig({ mcpServers: { workiq: workiqEntry, ...servers } });
  const wanted = ['workiq', ...Object.keys(servers)].toSorted().join();
  await until(
    'mcp.json is in force',
    async () =>
      (await list())
        .map(({ name }) => name)
        .toSorted()
        .join() === wanted,
  );
}

async function list(): Promise<ListedServer[]> {
  return (await stack.ui.request('toolList', {})).servers;
}

async function listed(name: string): Promise<ListedServer> {
  const [server] = (await stack.ui.request('toolList', { server: name })).servers;
  assert.ok(server, `${name} is not listed`);
  return server;
}

const becomes = (name: string, state: string): Promise<ListedServer> =>
  until(`${name} is ${state}`, async () => {
    const server = await listed(name);
    return server.state === state && server;
  });

async function text(server: string, tool: string, args: object = {}, timeoutMs?: number): Promise<string> {
  const options = timeoutMs === undefined ? { server } : { server, timeoutMs };
  const { result } = await stack.call(tool, args, options);
  return (result as { content: { text: string }[] }).content[0]?.text ?? '';
}

const workiqAnswers = (): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me?$select=id'] });

describe('servers - each on its own', () => {
  test('servers - one that is down, one that hangs and one that wants a sign-in hold up nobody', async () => {
    const hanging = createServer(() => {}).listen(0, '127.0.0.1');
    await once(hanging, 'listening');
    const closed = createServer().listen(0, '127.0.0.1');
    await once(closed, 'listening');
    const { port } = closed.address() as AddressInfo;
    closed.close();
    await using echo = await startEcho();
    await useServers({
      down: { url: `http://127.0.0.1:${port}/mcp` },
      hanging: { url: `http://127.0.0.1:${(hanging.address() as AddressInfo).port}/mcp` },
      unauthorised: { url: stack.workiq.mcpUrl },
      echo: { url: echo.url },
    });
    await Promise.all([workiqAnswers(), text('echo', 'echo', { payload: 'x' })]);

    const down = await becomes('down', 'unavailable');
    assert.equal(down.error?.code, 'server_unavailable');
    assert.match(down.hidden[0]?.reason ?? '', /ECONNREFUSED/);
    const ofDown = await failureOf(stack.call('any', {}, { server: 'down' }));
    assert.equal(ofDown.code, 'server_unavailable');

    const unauthorised = await becomes('unauthorised', 'auth_required');
    assert.equal(unauthorised.error?.code, 'auth_required');
    assert.match(unauthorised.error?.action ?? '', /"auth"/);

    assert.equal((await listed('hanging')).state, 'connecting');
    const ofHanging = await failureOf(stack.call('any', {}, { server: 'hanging', timeoutMs: 200 }));
    assert.equal(ofHanging.code, 'timeout', 'nothing was sent, so the outcome is known');
    assert.equal(ofHanging.retryable, false, 'the tool may write');

    assert.deepEqual(
      (await list()).filter(({ state }) => state === 'ready').map(({ name }) => name),
      ['echo', 'workiq'],
    );
    await useServers({});
    hanging.close();
  });

  test('servers - one that comes back is found again by itself, and its return is told', async () => {
    let echo = await startEcho();
    const port = Number(new URL(echo.url).port);
    await useServers({ echo: { url: echo.url } });
    assert.equal(await text('echo', 'echo', { payload: 'before' }), 'before');
    await echo.close();
    const error = await failureOf(stack.call('echo', { payload: 'x' }, { server: 'echo' }));
    assert.ok(['server_unavailable', 'outcome_unknown'].includes(error.code));
    const gone = await becomes('echo', 'unavailable');
    assert.deepEqual(gone.tools, []);
    assert.ok(
      gone.hidden.some(({ name, code }) => name === 'echo' && code === 'unavailable'),
      'its tools are named as missing',
    );
    const earlier = tap.on('tool.meta.mcp.rockbot').length;
    echo = await startEcho({ port });
    await becomes('echo', 'ready');
    assert.equal(await text('echo', 'echo', { payload: 'after' }), 'after');
    await until('its return is told', () =>
      tap
        .on('tool.meta.mcp.rockbot')
        .slice(earlier)
        .some((event) => JSON.stringify(event).includes('"echo","state":"ready"')),
    );
    await echo.close();
    await useServers({});
  });

  test('servers - one that died while nobody called it is found out by a refresh, and back with other tools', async () => {
    let echo = await startEcho();
    const port = Number(new URL(echo.url).port);
    await useServers({ echo: { url: echo.url } });
    await becomes('echo', 'ready');
    await echo.close();
    const refreshing = stack.ui.request('mcpManage', { action: 'refresh', name: 'echo' });
    assert.equal((await failureOf(refreshing)).code, 'server_unavailable');
    await becomes('echo', 'unavailable');
    echo = await startEcho({ port, tools: 2 });
    const back = await becomes('echo', 'ready');
    assert.deepEqual(
      back.tools.map(({ name }) => name),
      ['echo', 'echo_1'],
    );
    await echo.close();
    await useServers({});
  });

  test('servers - a session that is forgotten when tools are listed is made anew at once', async () => {
    await workiqAnswers();
    await stack.workiq.control.inject({ kind: 'session-lost', method: 'tools/list' });
    const { servers } = await stack.ui.request('mcpManage', { action: 'refresh', name: 'workiq' });
    assert.equal(servers[0]?.state, 'ready');
    await stack.workiq.control.inject({ kind: 'session-lost', method: 'tools/list' });
    const unknown = await failureOf(stack.call('no_such_tool', {}));
    assert.equal(unknown.code, 'tool_not_found');
    await stack.workiq.control.clearFaults();
    await workiqAnswers();
  });

  test('servers - a call to a server in its back-off tries it at once', async () => {
    const echo = await startEcho();
    const port = Number(new URL(echo.url).port);
    await echo.close();
    await useServers({ echo: { url: echo.url } });
    await becomes('echo', 'unavailable');
    await using _again = await startEcho({ port });
    await until('the call succeeds', () => text('echo', 'echo', { payload: 'x' }).catch(() => false));
    await useServers({});
  });

  test('servers - a server that lists tools for ever is cut off, one that lists nonsense is unavailable', async () => {
    let pages = 0;
    const { createServer: createHttp } = await import('node:http');
    const endless = createHttp((request, response) => {
      request.setEncoding('utf8').on('data', (body: string) => {
        const { id, method } = JSON.parse(body) as { id?: unknown; method: string };
        const isNonsense = request.url === '/nonsense';
        const result =
          method === 'initialize'
            ? { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 'x', version: '1' } }
            : isNonsense
              ? { tools: 'many' }
              : { tools: [{ name: `tool-${++pages}`, inputSchema: { type: 'object' } }], nextCursor: 'more' };
        if (id === undefined) response.writeHead(202).end();
        else
          response
            .writeHead(200, { 'content-type': 'application/json' })
            .end(JSON.stringify({ jsonrpc: '2.0', id, result }));
      });
      if (request.method !== 'POST') response.writeHead(405).end();
    }).listen(0, '127.0.0.1');
    await once(endless, 'listening');
    const origin = `http://127.0.0.1:${(endless.address() as AddressInfo).port}`;
    await useServers({ endless: { url: `${origin}/mcp` }, nonsense: { url: `${origin}/nonsense` } });
    assert.equal((await becomes('endless', 'ready')).tools.length, 50);
    await becomes('nonsense', 'unavailable');
    await useServers({});
    endless.closeAllConnections();
    endless.close();
  });
});

describe('servers - mcp.json while the agent runs', () => {
  test('servers - adding, changing, disabling and removing take effect, and are told', async () => {
    await using echo = await startEcho({ tools: 3 });
    await useServers({ echo: { url: echo.url } });
    assert.equal((await becomes('echo', 'ready')).tools.length, 3);
    await useServers({ echo: { url: echo.url, deniedTools: ['echo_*'] } });
    await until('the filter is in force', async () => (await listed('echo')).tools.length === 1);
    await useServers({ echo: { url: echo.url, enabled: false } });
    const disabled = await becomes('echo', 'disabled');
    assert.deepEqual(disabled.tools, []);
    assert.equal((await failureOf(stack.call('echo', {}, { server: 'echo' }))).code, 'server_unavailable');
    await useServers({});
    await until('the removal is told', () =>
      tap.on('tool.meta.mcp.rockbot').some(({ removed }) => JSON.stringify(removed) === '["echo"]'),
    );
    assert.equal((await failureOf(stack.call('echo', {}, { server: 'echo' }))).code, 'tool_not_found');
  });

  test('servers - an unchanged entry keeps its session when others change', async () => {
    await workiqAnswers();
    const { sessions } = await stack.workiq.control.snapshot();
    await using echo = await startEcho();
    await useServers({ echo: { url: echo.url } });
    await useServers({});
    await workiqAnswers();
    assert.deepEqual((await stack.workiq.control.snapshot()).sessions, sessions);
  });

  test('servers - a broken file keeps the last good state and says why; a corrected one ends that', async () => {
    await using echo = await startEcho();
    await useServers({ echo: { url: echo.url } });
    await becomes('echo', 'ready');
    await writeConfig('{ "mcpServers": {\n  "workiq": oops\n');
    const problems = await until('the problem is told', async () => {
      const found = (await stack.ui.request('toolList', {})).problems;
      return found.length > 0 && found;
    });
    assert.match(problems.join(), /mcp\.json is not in force: line 2/);
    await workiqAnswers();
    assert.equal(await text('echo', 'echo', { payload: 'still' }), 'still');
    assert.match(stack.output(), /mcp\.json has problems/);
    await useServers({});
    await until('no problem is left', async () => (await stack.ui.request('toolList', {})).problems.length === 0);
  });

  for (const [what, config, why] of [
    ['is emptied', '', /the file is empty/],
    [
      'has a misspelt top level',
      { mcpServer: { other: { url: 'https://other.example' } } },
      /did you mean "mcpServers"/,
    ],
    ['has other keys only', { foo: {} }, /neither "mcpServers" nor "servers"/],
  ] as const) {
    test(`servers - a file that ${what} drops no server and says why [P14]`, async () => {
      await workiqAnswers();
      await writeConfig(config);
      const problems = await until('the problem is told', async () => {
        const found = (await stack.ui.request('toolList', {})).problems;
        return found.length > 0 && found;
      });
      assert.match(problems.join(), why);
      await workiqAnswers();
      await useServers({});
      await until('no problem is left', async () => (await stack.ui.request('toolList', {})).problems.length === 0);
    });
  }

  test('servers - an entry whose filter is misspelt is not used, and one that is disabled is not started [P14]', async () => {
    await using echo = await startEcho();
    await useServers({ misspelt: { url: echo.url, allowdTools: ['echo'] }, off: { url: echo.url, disabled: true } });
    const { state, hidden } = await listed('misspelt');
    assert.equal(state, 'invalid');
    assert.match(hidden[0]?.reason ?? '', /did you mean "allowedTools"/);
    assert.equal((await listed('off')).state, 'disabled');
    assert.equal((await failureOf(stack.call('echo', {}, { server: 'misspelt' }))).code, 'server_unavailable');
    await useServers({});
  });

  test('servers - a bad edit of one entry keeps its last good state, a bad new one is listed as invalid [S3]', async () => {
    await using echo = await startEcho();
    await useServers({ echo: { url: echo.url } });
    await becomes('echo', 'ready');
    await useServers({
      echo: { url: echo.url, headers: { Authorization: 'Bearer hunter2hunter2' } },
      fresh: { url: echo.url, guards: { anything: true } },
    });
    const { problems } = await stack.ui.request('toolList', {});
    assert.match(problems.join(), /echo: headers\.Authorization holds a credential.*fresh: guards/s);
    assert.doesNotMatch(JSON.stringify(problems) + stack.output(), /hunter2/);
    assert.equal(await text('echo', 'echo', { payload: 'still' }), 'still');
    const fresh = await listed('fresh');
    assert.equal(fresh.state, 'invalid');
    assert.match(fresh.hidden[0]?.reason ?? '', /"anything" is no key of guards/);
    const error = await failureOf(stack.call('echo', {}, { server: 'fresh' }));
    assert.deepEqual([error.code, error.retryable], ['server_unavailable', false]);
    await useServers({});
  });

  test('servers - a variable that is not set is named, and the entry is not used', async () => {
    await useServers({ unset: { url: 'https://${NOT_SET_ANYWHERE}/mcp' } });
    const { error } = await becomes('unset', 'unavailable');
    assert.match(error?.message ?? '', /NOT_SET_ANYWHERE/);
    await useServers({});
  });

  test('servers - what a variable brought into a url is not repeated from the page of the server [P6]', async () => {
    const echoing = createHttpServer((request, response) => {
      response.writeHead(404, { 'content-type': 'text/html' }).end(`<html><body><pre>Cannot POST ${request.url}</pre>`);
    }).listen(0, '127.0.0.1');
    await once(echoing, 'listening');
    const { port } = echoing.address() as AddressInfo;
    await useServers({ keyed: { url: `http://127.0.0.1:${port}/s/\${PATH_KEY}/mcp` } });
    const { error } = await becomes('keyed', 'unavailable');
    assert.match(error?.message ?? '', /HTTP 404\): Cannot POST \/s\/\[redacted\]\/mcp\.$/);
    const failure = await failureOf(stack.call('x', {}, { server: 'keyed' }));
    assert.doesNotMatch(JSON.stringify([error, failure, stack.output()]), /hunter2|<pre>/);
    await useServers({});
    echoing.close();
  });

  test('servers - entries come and go over the bus as well, but no commands and no variables [P14]', async () => {
    await using echo = await startEcho();
    const register = (entry: object): Promise<unknown> =>
      stack.ui.request('mcpManage', { action: 'register', name: 'over-bus', entry: { ...entry } });
    assert.equal((await failureOf(register({ command: 'sh', args: ['-c', 'id'] }))).code, 'forbidden');
    assert.equal((await failureOf(register({ url: `${echo.url}?\${HOME}` }))).code, 'forbidden');
    await register({ url: echo.url });
    assert.equal(await text('over-bus', 'echo', { payload: 'x' }), 'x', 'usable as soon as the answer is there');
    const refused = stack.ui.request('mcpManage', { action: 'unregister', name: 'workiq' });
    assert.equal((await failureOf(refused)).code, 'forbidden');
    await stack.ui.request('mcpManage', { action: 'unregister', name: 'over-bus' });
    assert.deepEqual(
      (await list()).map(({ name }) => name),
      ['workiq'],
    );
  });
});

describe('servers - stdio', () => {
  test('servers - a program is started, called, restarted after its death, and gets only its own environment [P6]', async () => {
    await useServers({
      local: { command: process.execPath, args: [stdioServer], env: { GREETING: '${WORKIQ_TENANT_ID}' } },
    });
    const { tools, version } = await becomes('local', 'ready');
    assert.equal(version, '1.2.3');
    assert.deepEqual(tools.map(({ name, sideEffects }) => `${name} ${sideEffects}`).slice(0, 2), [
      'echo read',
      'change write',
    ]);
    assert.equal(await text('local', 'echo', { a: 'é"\\' }), '{"a":"é\\"\\\\"}');
    const names = JSON.parse(await text('local', 'environment')) as string[];
    assert.ok(names.includes('GREETING'));
    assert.deepEqual(
      names.filter((name) => /WorkIQ__|Nats__|Agent__/.test(name)),
      [],
    );

    const died = await failureOf(stack.call('die', {}, { server: 'local' }));
    assert.deepEqual([died.code, died.retryable], ['outcome_unknown', false]);
    assert.equal(await until('it is back', () => text('local', 'echo', { n: 1 }).catch(() => false)), '{"n":1}');
    await workiqAnswers();
  });

  test('servers - calls over stdio report progress, time out and are cancelled', async () => {
    const callId = 'over-stdio';
    await stack.ui.request('toolInvoke', { callId, server: 'local', tool: 'wait', arguments: { ms: 1 } });
    // A slow machine is told of the call as well, once it has run for long.
    const told = (): unknown[] =>
      tap.on(`tool.progress.rockbot.${callId}`).filter((event) => (event as { progress: number }).progress === 1);
    await until('the progress is told', () => told().length === 1);
    assert.partialDeepStrictEqual(told(), [{ callId, progress: 1, total: 2 }]);
    const late = await failureOf(stack.call('wait', { ms: 20_000 }, { server: 'local', timeoutMs: 200 }));
    assert.equal(late.code, 'timeout');
    await useServers({});
  });

  test('servers - a program that does not exist or ends at once is unavailable', async () => {
    await useServers({
      missing: { command: join(import.meta.dirname, 'none', 'program') },
      ending: { command: process.execPath, args: ['-e', 'process.exit(1)'] },
    });
    assert.match((await becomes('missing', 'unavailable')).error?.message ?? '', /ENOENT/);
    await becomes('ending', 'unavailable');
    await useServers({});
  });
});

describe('servers - SSE', () => {
  test('servers - the older transport is bridged with the bearer on stream and posts, and comes back when cut', async () => {
    await using sse = await startSseServer({ isAllowed: (authorization) => authorization !== undefined });
    await stack.restartAgent({
      env: { WorkIQ__AllowedOrigins: `${stack.workiq.origin} ${new URL(sse.url).origin}` },
    });
    await useServers({ older: { type: 'sse', url: sse.url, auth: { profile: 'workiq' } } });
    await becomes('older', 'ready');
    assert.equal(await text('older', 'echo', { a: 1 }), '{"a":1}');
    assert.ok(sse.seen.every(({ headers }) => headers.authorization?.startsWith('Bearer ey')));
    assert.ok(sse.seen.some(({ method }) => method === 'POST'));

    const late = await failureOf(stack.call('wait', { ms: 20_000 }, { server: 'older', timeoutMs: 200 }));
    assert.equal(late.code, 'timeout');
    await until('the server was told', () => sse.samples.at(-1)?.cancelled() === 1);

    sse.cutStreams();
    assert.equal(await until('it is back', () => text('older', 'echo', { b: 2 }, 2_000).catch(() => false)), '{"b":2}');
    await useServers({});
  });
});
