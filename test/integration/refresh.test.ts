// Refreshing as the callers of the real agent see it: 401s, expiry, outages, restarts, further profiles, a failing volume.
import assert from 'node:assert/strict';
import { access, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const state = (of: Stack): Promise<AuthState> => of.ui.request('authState', {});
const fetchMe = (of: Stack): Promise<unknown> => of.call('fetch', { entityUrls: ['/me'] });
const refreshes = async (of: Stack): Promise<number> =>
  (await of.entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'ok',
    (error: unknown) => (error instanceof RockBotError ? error.code : String(error)),
  );
const usable = (of: Stack, server = 'workiq'): Promise<unknown> =>
  until(`${server} is ready`, async () => {
    const { servers } = await of.ui.request('toolList', {});
    return servers.find(({ name }) => name === server)?.state === 'ready';
  });

describe('refresh - one profile', () => {
  let stack: Stack;
  before(async () => {
    stack = await startStack();
    await stack.connect();
    await usable(stack);
  });
  after(() => stack[Symbol.asyncDispose]());

  test('refresh - 200 parallel calls that meet a 401 make one token request, and all succeed [P7]', async () => {
    await stack.entra.control.revokeAccessTokens({});
    const already = await refreshes(stack);
    await Promise.all(Array.from({ length: 200 }, () => fetchMe(stack)));
    assert.equal(await refreshes(stack), already + 1);
  });

  test('refresh - 200 parallel calls on an expired token make one token request, and meet no 401 [P7]', async () => {
    await stack.entra.control.changeSettings({ accessTokenLifeSeconds: 1 });
    const { accessTokenExpiresAt } = await stack.connect();
    await stack.entra.control.changeSettings({ accessTokenLifeSeconds: 3_600 });
    await until('the token is over', () => Date.now() > Date.parse(accessTokenExpiresAt) + 50);
    const already = await refreshes(stack);
    const { statuses } = await stack.workiq.control.snapshot();
    await Promise.all(Array.from({ length: 200 }, () => fetchMe(stack)));
    assert.equal(await refreshes(stack), already + 1);
    assert.equal((await stack.workiq.control.snapshot()).statuses['401'], statuses['401']);
  });

  test('refresh - the claims challenge of a server reaches Entra, and the call is sent once more', async () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c3"}}}';
    await stack.workiq.control.inject({ kind: 'unauthorized', claims });
    await fetchMe(stack);
    const last = (await stack.entra.control.requests()).at(-1);
    const sent = JSON.parse(last?.claims ?? '{}') as { access_token?: { acrs?: unknown } };
    assert.deepEqual(sent.access_token?.acrs, { essential: true, value: 'c3' });
  });

  test('refresh - calls go on without the cache file, which they neither read nor write [P8]', async () => {
    const file = join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin');
    await rename(file, `${file}.away`);
    for (let call = 0; call < 50; call++) await fetchMe(stack);
    await assert.rejects(access(file), /ENOENT/);
    await rename(`${file}.away`, file);
  });

  test('refresh - a volume that cannot be written: degraded with the reason, calls go on, and it heals by itself [P9]', async () => {
    const secrets = join(stack.agent.dataDir, 'secrets');
    await rename(secrets, `${secrets}.away`);
    await writeFile(secrets, '');
    await stack.entra.control.revokeAccessTokens({});
    await fetchMe(stack);
    const degraded = await state(stack);
    assert.equal(degraded.status, 'degraded');
    assert.match(degraded.reason?.message ?? '', /could not be written/);
    await fetchMe(stack);
    await rm(secrets);
    await rename(`${secrets}.away`, secrets);
    await until('it is stored', async () => (await state(stack)).status === 'connected');
    await stack.restartAgent({ signal: 'SIGKILL' });
    assert.equal((await state(stack)).status, 'connected');
    await usable(stack);
    const already = await refreshes(stack);
    await fetchMe(stack);
    assert.equal(await refreshes(stack), already, 'the token that was stored late serves after the restart');
  });

  test('refresh - while Entra is down valid tokens serve, also after a restart, and expired ones wait for it [P9]', async () => {
    await stack.connect();
    await stack.entra.control.changeSettings({ outage: 'refused' });
    await fetchMe(stack);
    await stack.restartAgent();
    assert.equal((await state(stack)).status, 'connected');
    await usable(stack);
    await fetchMe(stack);

    await stack.entra.control.revokeAccessTokens({});
    for (let call = 0; call < 3; call++) assert.equal(await codeOf(fetchMe(stack)), 'server_unavailable');
    await until('the state says so', async () => (await state(stack)).status === 'degraded');
    await stack.entra.control.changeSettings({ outage: 'none' });
    await until('it is connected again', async () => (await state(stack)).status === 'connected');
    await usable(stack);
    await fetchMe(stack);
  });

  test('refresh - an agent that waits for a silent Entra stops in time and loses nothing', async () => {
    await stack.entra.control.changeSettings({ hang: true });
    await stack.entra.control.revokeAccessTokens({});
    const waiting = codeOf(fetchMe(stack));
    await until('it was refused', async () => ((await stack.workiq.control.snapshot()).statuses['401'] ?? 0) > 0);
    stack.agent.child.kill('SIGTERM');
    assert.equal(await stack.agent.child.exited, 0);
    assert.match(await waiting, /cancelled|server_unavailable/, 'it is answered all the same');
    await stack.entra.control.changeSettings({ hang: false });
    await stack.restartAgent();
    await until('calls work', async () => (await codeOf(fetchMe(stack))) === 'ok');
  });
});

describe('refresh - a further profile', () => {
  test('refresh - servers of another audience are called on the same consent, and fail on their own [P9]', async () => {
    const agentEnv: Record<string, string> = {
      Auth__Profiles__mail__Scopes: 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1/McpServers.Mail.All',
      // Replaced below: the origin is known when the simulator runs.
      Auth__Profiles__mail__AllowedOrigins: 'http://127.0.0.1:1',
    };
    await using stack = await startStack({
      agentEnv,
      workiq: { askLatencyMs: 0 },
      servers: (workiq) => ({
        workiq: { type: 'http', url: workiq.mcpUrl, auth: { profile: 'workiq' } },
        mail: { type: 'http', url: workiq.mailUrl, auth: { profile: 'mail' } },
      }),
    });
    await stack.restartAgent({ env: { Auth__Profiles__mail__AllowedOrigins: stack.workiq.origin } });
    await stack.connect();
    await usable(stack);
    await usable(stack, 'mail');
    const tool = 'SearchMessages';
    const { servers } = await stack.ui.request('toolList', { server: 'mail' });
    const names = servers.find(({ name }) => name === 'mail')?.tools.map(({ name }) => name) ?? [];
    assert.ok(names.includes(tool), names.join(' '));
    const callMail = (): Promise<unknown> => stack.call(tool, { message: 'mails of today' }, { server: 'mail' });
    await callMail();
    const bearers = new Map(
      (await stack.workiq.control.rawAuthorizations()).map(({ endpoint, authorization }) => [endpoint, authorization]),
    );
    assert.equal(new Set(bearers.values()).size, 2, 'each audience has a bearer of its own');

    await stack.entra.control.changeSettings({ consent: 'strict' });
    await stack.entra.control.revokeConsent();
    await stack.entra.control.revokeAccessTokens({});
    assert.equal(await codeOf(callMail()), 'consent_required');
    assert.equal((await state(stack)).status, 'connected');
    await stack.entra.control.changeSettings({ consent: 'granted' });
    await fetchMe(stack);
    await until('the mail server is back', async () => (await codeOf(callMail())) === 'ok');
  });
});
