// Real listeners beside the allowed ones wait for a bearer, in every way that a server or mcp.json could send it astray:
// none ever gets it (promise P11).
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { failureOf } from '../support/call-failure.ts';
import { startHttpRecorder, type HttpRecorder } from '../support/http-recorder.ts';
import { startSseServer, type SseServer } from '../support/mcp/sse-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';
import type { FaultInput } from '../support/workiq/faults.ts';

let stack: Stack;
/** Not allowed for any profile. */
let foreign: HttpRecorder;
/** Listens on all addresses of the machine. */
let everywhere: HttpRecorder;
/** Allowed for the profile `other` only. */
let others: HttpRecorder;
/** Allowed, but names a foreign address to post to. */
let strayed: SseServer;
let strayedWithUser: SseServer;

before(async () => {
  foreign = await startHttpRecorder();
  everywhere = await startHttpRecorder('0.0.0.0');
  others = await startHttpRecorder();
  strayed = await startSseServer({ endpoint: `${foreign.origin}/messages` });
  strayedWithUser = await startSseServer({ endpoint: `http://user:pw@127.0.0.1:${everywhere.port}/messages` });
  stack = await startStack();
  const allowed = [stack.workiq.origin, ...[strayed, strayedWithUser].map(({ url }) => new URL(url).origin)];
  await stack.restartAgent({
    env: {
      WorkIQ__AllowedOrigins: allowed.join(' '),
      Auth__Profiles__other__Scopes: '910333d2-47e9-43ca-981f-6df2f4531ef4/Tools.ListInvoke.All',
      Auth__Profiles__other__AllowedOrigins: others.origin,
    },
  });
  await stack.connect();
  await read();
});

after(async () => {
  await stack[Symbol.asyncDispose]();
  for (const part of [foreign, everywhere, others, strayed, strayedWithUser]) await part[Symbol.asyncDispose]();
});

afterEach(async () => {
  await stack.workiq.control.clearFaults();
  await useServers({});
  await assertNobodyGotSecrets();
});

const read = (timeoutMs?: number): Promise<unknown> =>
  stack.call('fetch', { entityUrls: ['/me?$select=id'] }, timeoutMs === undefined ? {} : { timeoutMs });

/** Every token that Entra ever issued, in everything that the listeners were sent. */
async function assertNobodyGotSecrets(): Promise<void> {
  const secrets = await stack.entra.control.secrets();
  assert.ok(secrets.length > 3);
  for (const recorder of [foreign, everywhere]) {
    const text = JSON.stringify(recorder.requests);
    for (const { kind, value } of secrets) assert.ok(!text.includes(value), `a foreign listener got an ${kind}`);
    assert.doesNotMatch(text, /"authorization":"Bearer ey/i);
  }
}

async function useServers(servers: object): Promise<void> {
  const workiq = { type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } };
  const path = join(stack.agent.dataDir, 'mcp.json');
  await writeFile(`${path}.new`, JSON.stringify({ mcpServers: { workiq, ...servers } }));
  await rename(`${path}.new`, path);
  const wanted = ['workiq', ...Object.keys(servers)].toSorted().join();
  await until('mcp.json is in force', async () => {
    const listed = (await stack.ui.request('toolList', {})).servers;
    return (
      listed
        .map(({ name }) => name)
        .toSorted()
        .join() === wanted
    );
  });
}

async function settled(name: string): Promise<ListedServer> {
  return until(`${name} is no longer connecting`, async () => {
    const [server] = (await stack.ui.request('toolList', { server: name })).servers;
    return server !== undefined && server.state !== 'connecting' && server;
  });
}

/** Makes the agent send a request of this method to Work IQ. */
const triggers: Record<string, () => Promise<unknown>> = {
  'tools/call': () => read(),
  initialize: reopen,
  'notifications/initialized': reopen,
  'tools/list': reopen,
  GET: reopen,
  async DELETE() {
    await read();
    await stack.ui.request('mcpManage', {
      action: 'register',
      name: 'second',
      entry: { url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } },
    });
    assert.equal((await settled('second')).state, 'ready');
    await stack.ui.request('mcpManage', { action: 'unregister', name: 'second' });
  },
  async 'notifications/cancelled'() {
    await stack.workiq.control.inject({ kind: 'hang' });
    await read(100);
  },
};

/** Tries again at once instead of after the back-off. */
async function ready(): Promise<void> {
  await until('Work IQ is ready', async () => {
    await stack.ui.request('mcpManage', { action: 'refresh', name: 'workiq' }).catch(() => undefined);
    return read().catch(() => false as const);
  });
}

async function reopen(): Promise<unknown> {
  await stack.workiq.control.loseSessions();
  return read();
}

describe('bearer safety - redirects [P11]', () => {
  for (const [method, trigger] of Object.entries(triggers)) {
    // fetch and the calls' own requests are told apart by the first two; the others go one of the same two ways.
    const isMain = method === 'tools/call' || method === 'initialize';
    for (const status of isMain ? [301, 302, 303, 307, 308] : [302, 308]) {
      test(`bearer safety - HTTP ${status} in answer to ${method} is not followed, neither to another origin nor to another path [P11]`, async () => {
        for (const location of [`${foreign.origin}/mcp`, '/elsewhere', `${stack.workiq.origin}/elsewhere`]) {
          await ready();
          const redirect: FaultInput = { kind: 'http', status, headers: { location }, method };
          const { faults } = await stack.workiq.control.snapshot();
          await stack.workiq.control.inject(redirect);
          await trigger().catch(() => undefined);
          await until(
            'the redirect was sent',
            async () => (await stack.workiq.control.snapshot()).faults['http'] === (faults['http'] ?? 0) + 1,
          );
        }
        // What follows a redirect would have done so by the time of the next call.
        await ready();
        assert.deepEqual(foreign.requests, []);
        const paths = new Set((await stack.workiq.control.requests()).map(({ path }) => path));
        assert.deepEqual([...paths], ['/mcp']);
      });
    }
  }

  test('bearer safety - a redirect of a call names where it would lead, and is not tried again by itself [P11]', async () => {
    await stack.workiq.control.inject({ kind: 'redirect', location: `${foreign.origin}/mcp?secret=x` });
    const error = await failureOf(read());
    assert.deepEqual([error.code, error.retryable], ['server_unavailable', false]);
    assert.match(error.message, new RegExp(`redirects to ${foreign.origin};`));
  });
});

describe('bearer safety - addresses in mcp.json [P11]', () => {
  /** Made from the ports of the allowed origin and of the listeners. */
  const urls: Record<string, (port: string) => string> = {
    'another port': () => `${foreign.origin}/mcp`,
    'another name of this machine': (port) => `http://localhost:${port}/mcp`,
    'the address of all interfaces': () => `http://0.0.0.0:${everywhere.port}/mcp`,
    'another loopback address': () => `http://127.0.0.2:${everywhere.port}/mcp`,
    'a name that only begins like loopback': () => 'http://localhost.example/mcp',
    'the allowed host as a user name': (port) => `http://127.0.0.1:${port}@127.0.0.1:${foreign.port}/mcp`,
    'the allowed port over https': (port) => `https://127.0.0.1:${port}/mcp`,
    "another profile's origin": () => `${others.origin}/mcp`,
  };
  for (const [what, url] of Object.entries(urls)) {
    for (const type of ['http', 'sse']) {
      test(`bearer safety - ${what} as the url of a ${type} server gets neither bearer nor request [P11]`, async () => {
        const { port } = new URL(stack.workiq.origin);
        await useServers({ stray: { type, url: url(port), auth: { profile: 'workiq' } } });
        const { state, error, hidden } = await settled('stray');
        assert.ok(state === 'unavailable' || state === 'invalid', state);
        assert.ok(error?.code === 'forbidden' || /before "@"/.test(hidden[0]?.reason ?? ''), JSON.stringify(error));
        const called = await failureOf(stack.call('x', {}, { server: 'stray' }));
        assert.equal(called.retryable, false);
        for (const recorder of [foreign, everywhere, others]) assert.deepEqual(recorder.requests, []);
      });
    }
  }

  test('bearer safety - the allowed origin in other spellings is the allowed origin [P11]', async () => {
    const { port } = new URL(stack.workiq.origin);
    await useServers({
      spelled: { url: `HTTP://127.1:${port}/mcp`, auth: { profile: 'workiq' } },
      numbered: { url: `http://2130706433:${port}/mcp`, auth: { profile: 'workiq' } },
    });
    assert.equal((await settled('spelled')).state, 'ready');
    assert.equal((await settled('numbered')).state, 'ready');
  });

  test('bearer safety - the bearer of each profile goes to its own origins [P11]', async () => {
    await useServers({ own: { url: `${others.origin}/mcp`, auth: { profile: 'other' } } });
    await settled('own');
    const audiences = others.requests.map(({ headers }) => {
      const payload = Buffer.from(headers.authorization?.split('.')[1] ?? '', 'base64url').toString();
      return (JSON.parse(payload) as { aud: string }).aud;
    });
    assert.deepEqual([...new Set(audiences)], ['910333d2-47e9-43ca-981f-6df2f4531ef4']);
    others.requests.length = 0;
  });

  test('bearer safety - without auth no bearer is sent, also not to an allowed origin [P11]', async () => {
    await useServers({ plain: { url: `${foreign.origin}/mcp` }, allowed: { url: stack.workiq.mcpUrl } });
    assert.equal((await settled('plain')).state, 'ready');
    assert.equal((await settled('allowed')).state, 'auth_required');
    assert.ok(foreign.requests.length > 0);
    for (const { headers } of foreign.requests) assert.equal(headers.authorization, undefined);
    foreign.requests.length = 0;
  });

  test('bearer safety - a static Authorization header is sent as it stands, without auth only [P11]', async () => {
    const headers = { Authorization: 'Bearer ${WORKIQ_TENANT_ID}', Accept: 'text/plain', 'MCP-Session-Id': 'forged' };
    await useServers({ fixed: { url: `${foreign.origin}/mcp`, headers } });
    assert.equal((await settled('fixed')).state, 'ready');
    for (const request of foreign.requests) {
      assert.equal(request.headers.authorization, `Bearer ${stack.entra.tenantId}`);
      assert.match(request.headers.accept ?? '', /^(?:application\/json, )?text\/event-stream$/);
    }
    foreign.requests.length = 0;
    await useServers({ both: { url: `${foreign.origin}/mcp`, headers, auth: { profile: 'workiq' } } });
    assert.equal((await settled('both')).state, 'invalid');
    assert.deepEqual(foreign.requests, []);
  });
});

describe('bearer safety - what servers say [P11]', () => {
  test('bearer safety - an SSE server that names a foreign address to post to gets nothing posted there [P11]', async () => {
    await useServers({
      strayed: { type: 'sse', url: strayed.url, auth: { profile: 'workiq' } },
      strayedWithUser: { type: 'sse', url: strayedWithUser.url, auth: { profile: 'workiq' } },
    });
    assert.equal((await settled('strayed')).state, 'unavailable');
    assert.equal((await settled('strayedWithUser')).state, 'unavailable');
    assert.ok(strayed.seen.length > 0);
    assert.deepEqual([...foreign.requests, ...everywhere.requests], []);
  });

  test('bearer safety - resource_metadata of a challenge is told but never fetched [P11]', async () => {
    const metadata = `${foreign.origin}/.well-known/oauth-protected-resource`;
    const challenge: FaultInput = {
      kind: 'http',
      status: 401,
      headers: {
        'www-authenticate': `Bearer resource_metadata="${metadata}", authorization_uri="${foreign.origin}/authorize"`,
      },
      times: 2,
    };
    await stack.workiq.control.inject({ ...challenge, times: 3 });
    const error = await failureOf(read());
    assert.equal(error.code, 'auth_required');
    assert.ok(error.message.includes(metadata));
    await stack.workiq.control.inject({ ...challenge, method: 'initialize' });
    await reopen().catch(() => undefined);
    await stack.workiq.control.inject({ ...challenge, method: 'GET' });
    await until('Work IQ is ready', () => reopen().catch(() => false as const));
    assert.deepEqual(foreign.requests, []);
  });
});
