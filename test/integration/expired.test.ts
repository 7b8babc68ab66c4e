// After the refresh token is gone: one notice, everything named that is missing, and a reconnect that mends it all.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { connectBus } from '../../extension/bus.ts';
import type { AuthExpired } from '../../shared/contract/auth-messages.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startTestNats } from '../support/nats.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const state = (stack: Stack): Promise<AuthState> => stack.ui.request('authState', {});
const fetchMe = (stack: Stack): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me'] });

/** The account's refresh and access tokens are worth nothing from now on. */
async function revoke(stack: Stack): Promise<void> {
  await stack.entra.control.revokeRefreshTokens({ aadsts: 50173 });
  await stack.entra.control.revokeAccessTokens({});
}

function port(url: string): number {
  return Number(new URL(url).port);
}

async function codeOf(call: Promise<unknown>): Promise<string> {
  return call.then(
    () => 'ok',
    (error: unknown) => (error instanceof RockBotError ? error.code : String(error)),
  );
}

function serverReady(stack: Stack): Promise<unknown> {
  return until('the server is ready', async () => {
    const { servers } = await stack.ui.request('toolList', {});
    return servers[0]?.state === 'ready' && servers[0].tools.length > 0;
  });
}

interface Connected extends AsyncDisposable {
  stack: Stack;
  /** What is heard from before the sign-in on. */
  notices: AuthExpired[];
  changes: AuthState[];
}

async function connected(): Promise<Connected> {
  const stack = await startStack();
  const notices: AuthExpired[] = [];
  const changes: AuthState[] = [];
  stack.ui.subscribe('authExpired', (notice) => void notices.push(notice));
  stack.ui.subscribe('authChanged', (change) => void changes.push(change));
  await stack.connect();
  await serverReady(stack);
  return { stack, notices, changes, [Symbol.asyncDispose]: () => stack[Symbol.asyncDispose]() };
}

test('expired - one notice, tools hidden by name, calls auth_required, and a reconnect restores all without a restart [S5, P13]', async () => {
  await using at = await connected();
  const { stack, notices } = at;
  const before = await stack.ui.request('toolList', {});
  const names = before.servers[0]?.tools.map(({ name }) => name) ?? [];
  assert.ok(names.length > 5);

  await revoke(stack);
  const codes = await Promise.all(Array.from({ length: 20 }, () => codeOf(fetchMe(stack))));
  assert.deepEqual(new Set(codes), new Set(['auth_required']));
  await until('the notice came', () => notices.length > 0);
  for (let more = 0; more < 5; more++) assert.equal(await codeOf(fetchMe(stack)), 'auth_required');

  const expired = await state(stack);
  assert.equal(expired.status, 'expired');
  assert.equal(expired.reason?.aadsts, 'AADSTS50173');
  assert.match(expired.reason?.action ?? '', /rockbot auth workiq.*Reconnect M365/);
  assert.equal(notices.length, 1);
  assert.equal(notices[0]?.episodeId, expired.episodeId);
  assert.equal(notices[0]?.accountId, expired.account?.id);
  assert.deepEqual(notices[0]?.reason, expired.reason);

  const listed = await stack.ui.request('toolList', {});
  assert.equal(listed.auth.status, 'expired');
  assert.equal(listed.servers[0]?.state, 'auth_required');
  assert.deepEqual(listed.servers[0]?.tools, []);
  const hidden = listed.servers[0]?.hidden ?? [];
  assert.deepEqual(new Set(hidden.map(({ name }) => name)), new Set(names));
  assert.ok(hidden.every(({ code }) => code === 'auth_required'));

  const receipt = await stack.connect();
  assert.equal(receipt.state.status, 'connected');
  await serverReady(stack);
  await fetchMe(stack);
  const after = await stack.ui.request('toolList', {});
  assert.deepEqual(new Set(after.servers[0]?.tools.map(({ name }) => name)), new Set(names));
  assert.equal(notices.length, 1);
  assert.equal((await state(stack)).episodeId, undefined);

  // A second episode is news again.
  await revoke(stack);
  assert.equal(await codeOf(fetchMe(stack)), 'auth_required');
  await until('the second notice came', () => notices.length === 2);
  assert.notEqual(notices[1]?.episodeId, notices[0]?.episodeId);
});

test('expired - a restart repeats no notice; whoever comes later learns state, reason, episode and the names of missing tools [S5, P13]', async () => {
  await using at = await connected();
  const { stack, notices, changes } = at;
  await revoke(stack);
  assert.equal(await codeOf(fetchMe(stack)), 'auth_required');
  await until('the notice came', () => notices.length === 1);
  const told = await state(stack);

  for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
    changes.length = 0;
    await stack.restartAgent({ signal });
    const late = await connectBus({ url: stack.nats.url, agent: 'rockbot', source: 'late' });
    const learned = await late.request('authState', {});
    await late.close();
    assert.equal(learned.status, 'expired');
    assert.deepEqual(
      [learned.episodeId, learned.reason, learned.account],
      [notices[0]?.episodeId, notices[0]?.reason, told.account],
    );
    // To the second: the state remembers when it began, not when the agent did.
    assert.ok(Math.abs(Date.parse(learned.since) - Date.parse(told.since)) < 1_000);
    await until('the state was announced', () => changes.some(({ status }) => status === 'expired'));
    const [server] = (await stack.ui.request('toolList', { server: 'workiq' })).servers;
    assert.deepEqual(server?.tools, []);
    const missing = server.hidden.filter(({ code }) => code === 'auth_required').map(({ name }) => name);
    assert.ok(missing.includes('fetch') && missing.includes('ask'), 'the tools are missed by name');
    assert.equal(await codeOf(fetchMe(stack)), 'auth_required');
  }
  assert.equal(notices.length, 1);
  await stack.connect();
  await serverReady(stack);
  await fetchMe(stack);
});

test('expired - a notice that came while the bus was away is sent when it is back, once [P13]', async () => {
  await using stack = await startStack();
  await stack.connect();
  await serverReady(stack);
  await revoke(stack);
  await stack.entra.control.changeSettings({ latencyMs: 1_500 });
  const lost = codeOf(fetchMe(stack));
  await until('the token was refused', async () => (await stack.workiq.control.snapshot()).statuses['401'] === 1);
  await stack.nats.stop();
  const cacheFile = join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin');
  await until('the agent knows', async () => (await readFile(cacheFile, 'utf8')).includes('"episodeId"'));

  // Held back, so that somebody listens before it is on the bus again.
  process.kill(stack.agent.child.pid, 'SIGSTOP');
  await using _nats = await startTestNats({
    websocketPort: port(stack.nats.url),
    clientPort: port(stack.nats.natsUrl),
  });
  const notices: AuthExpired[] = [];
  await using listener = await connectBus({ url: stack.nats.url, agent: 'rockbot', source: 'listener' });
  listener.subscribe('authExpired', (notice) => void notices.push(notice));
  await listener.flush();
  process.kill(stack.agent.child.pid, 'SIGCONT');

  await until('the notice came', () => notices.length > 0, { timeoutMs: 30_000 });
  const { status, episodeId } = await listener.request('authState', {}, { timeoutMs: 30_000 });
  assert.deepEqual([status, episodeId], ['expired', notices[0]?.episodeId]);
  await listener.flush();
  assert.equal(notices.length, 1);
  await stack.ui.close();
  assert.notEqual(await lost, 'ok');
});

test('expired - a notice that came while the bus was away is sent after a restart, once for its episode [P13]', async () => {
  await using stack = await startStack();
  await stack.connect();
  await serverReady(stack);
  await revoke(stack);
  await stack.entra.control.changeSettings({ latencyMs: 1_500 });
  const lost = codeOf(fetchMe(stack));
  await until('the token was refused', async () => (await stack.workiq.control.snapshot()).statuses['401'] === 1);
  await stack.nats.stop();
  const stored = (): Promise<string> => readFile(join(stack.agent.dataDir, 'secrets', 'workiq-cache.bin'), 'utf8');
  const episodeStored = async (): Promise<string | undefined> => /"episodeId": "([^"]+)"/.exec(await stored())?.[1];
  const episode = await until('the agent knows', episodeStored);
  assert.match(await stored(), /"announced": false/);
  stack.agent.child.kill('SIGKILL');
  await stack.agent.child.exited;

  await using _nats = await startTestNats({
    websocketPort: port(stack.nats.url),
    clientPort: port(stack.nats.natsUrl),
  });
  const notices: AuthExpired[] = [];
  await using listener = await connectBus({ url: stack.nats.url, agent: 'rockbot', source: 'listener' });
  listener.subscribe('authExpired', (notice) => void notices.push(notice));
  await listener.flush();
  await stack.restartAgent();
  await until('the notice came', () => notices.length > 0, { timeoutMs: 30_000 });
  const { since, reason, account } = await listener.request('authState', {}, { timeoutMs: 30_000 });
  const username = account?.username;
  const nextStep = { kind: 'sign_in' };
  assert.deepEqual(notices[0], { accountId: account?.id, username, reason, nextStep, episodeId: episode, at: since });

  // It is on the volume that it was sent: no further start repeats it.
  await until('the agent remembers', async () => !(await stored()).includes('"announced"'));
  for (const signal of ['SIGKILL', 'SIGTERM'] as const) {
    await stack.restartAgent({ signal });
    assert.equal((await listener.request('authState', {}, { timeoutMs: 30_000 })).episodeId, episode);
    await listener.flush();
  }
  assert.equal(notices.length, 1);
  await stack.ui.close();
  assert.notEqual(await lost, 'ok');
});
