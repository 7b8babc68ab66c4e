// Refusals of Entra that do not void the grant: the token is kept in use, so that all heals when their cause is gone.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import type { AuthExpired } from '../../shared/contract/auth-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startSession, type SessionHarness } from '../support/account-session.ts';
import { manualClock, type ManualClock } from '../support/manual-clock.ts';
import { startEntraProcess, startStack, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

let entra: EntraProcess;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(() => entra.control.reset());

const minute = 60_000;
const refreshes = async (): Promise<number> => (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
const failureOf = async (outcome: Promise<unknown>): Promise<RockBotError> => {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RockBotError);
  return error;
};
const tokenOf = async (harness: SessionHarness): Promise<string> => harness.workiq.token();
const refuse = (code: 90002 | 700016 | 7000218 | 53003 | 50173 | 65001): Promise<unknown> =>
  entra.control.addFault({ grantType: 'refresh_token', times: 'all', action: { kind: 'aadsts', code } });
const notices = (harness: SessionHarness): number =>
  harness.effects.filter(({ type }) => type === 'notify_expired').length;

async function refused(
  code: Parameters<typeof refuse>[0],
  clock: ManualClock,
  folder?: string,
): Promise<SessionHarness> {
  const harness = await startSession({ entra, clock, ...(folder !== undefined && { folder }) });
  await harness.connect();
  await refuse(code);
  const error = await failureOf(harness.workiq.refresh({ rejected: await tokenOf(harness) }));
  const { status, reason } = harness.session.state();
  assert.deepEqual([status, reason?.aadsts], ['expired', `AADSTS${code}`]);
  assert.deepEqual([error.code, error.action], [reason?.code, reason?.action]);
  return harness;
}

describe('refusals - that others can lift', () => {
  for (const code of [90002, 700016, 7000218, 53003, 65001] as const) {
    test(`refusals - AADSTS${code} is tried again by itself, ever more rarely, and heals without a sign-in [P9, P13]`, async () => {
      const clock = manualClock(Date.now());
      await using harness = await refused(code, clock);
      assert.match(harness.session.state().reason?.action ?? '', /tries again by itself/);
      const { episodeId } = harness.session.state();
      let last = 0;
      for (let round = 0; round < 3; round++) {
        const already = await refreshes();
        const delay = await until('it waits', () => clock.sleeping.find((ms) => ms > last && ms <= 15 * minute));
        last = delay / 2;
        clock.advance(delay);
        await until('it was tried', async () => (await refreshes()) === already + 1);
        await until('that was noted', () => clock.sleeping.some((ms) => ms > last && ms !== delay));
      }
      assert.equal(harness.session.state().episodeId, episodeId);
      assert.ok((await harness.stored()).connection?.cache.includes('refresh'), 'the refresh token is kept');

      await entra.control.clearFaults();
      clock.advance(15 * minute);
      await until('it is connected', () => harness.session.state().status === 'connected');
      const announced = harness.effects.at(-1);
      assert.ok(announced?.type === 'announce' && announced.state.status === 'connected');
      assert.equal(notices(harness), 1);
      await until('it is stored', async () => {
        const { connection } = await harness.stored();
        return connection !== undefined && connection.expired === undefined;
      });
      assert.equal((await entra.control.counters()).tokenRequests['device_code'], 1);
    });
  }

  test('refusals - a call tries again, at most once a minute, and gets its token when the cause is gone [P7]', async () => {
    const clock = manualClock(Date.now());
    await using harness = await refused(700016, clock);
    // What is due by itself would try as well; here nobody sleeps up to it.
    const already = await refreshes();
    for (let call = 0; call < 5; call++)
      assert.equal((await failureOf(tokenOf(harness))).code, 'admin_action_required');
    assert.equal(await refreshes(), already);
    await entra.control.clearFaults();
    clock.advance(minute);
    const tokens = await Promise.all(Array.from({ length: 20 }, () => tokenOf(harness)));
    assert.equal(new Set(tokens).size, 1);
    assert.equal(await refreshes(), already + 1);
    assert.equal(harness.session.state().status, 'connected');
    assert.equal(typeof (await harness.mail.token()), 'string');
  });

  test('refusals - after a restart it is tried once at once', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-refusals-'));
    const clock = manualClock(Date.now());
    await (await refused(90002, clock, folder))[Symbol.asyncDispose]();
    const already = await refreshes();
    {
      await using harness = await startSession({ entra, clock, folder });
      await until('it was tried', async () => {
        clock.advance(0);
        return (await refreshes()) === already + 1;
      });
      await until('it waits', () => clock.sleeping.some((ms) => ms > 0));
      assert.equal(harness.session.state().status, 'expired');
      assert.equal(notices(harness), 0, 'the notice was sent by the process before');
    }
    await entra.control.clearFaults();
    await using harness = await startSession({ entra, clock, folder });
    await until('it is connected', () => {
      clock.advance(0);
      return harness.session.state().status === 'connected';
    });
    assert.equal(typeof (await tokenOf(harness)), 'string');
    await rm(folder, { recursive: true });
  });

  test('refusals - a revocation met meanwhile is told as such, without a second notice, and is tried no more [P13]', async () => {
    const clock = manualClock(Date.now());
    await using harness = await refused(53003, clock);
    const { episodeId } = harness.session.state();
    await entra.control.clearFaults();
    await refuse(50173);
    clock.advance(minute);
    assert.equal((await failureOf(tokenOf(harness))).code, 'auth_required');
    const state = harness.session.state();
    assert.deepEqual([state.reason?.aadsts, state.episodeId], ['AADSTS50173', episodeId]);
    assert.doesNotMatch(state.reason?.action ?? '', /by itself/);
    assert.equal(notices(harness), 1);
    await until(
      'it is stored',
      async () => (await harness.stored()).connection?.expired?.reason.aadsts === 'AADSTS50173',
    );
    const already = await refreshes();
    clock.advance(60 * minute);
    assert.equal((await failureOf(tokenOf(harness))).code, 'auth_required');
    assert.equal(await refreshes(), already);
  });

  test('refusals - what a claims challenge was refused for is tried with those claims, so that no episode begins anew', async () => {
    const clock = manualClock(Date.now());
    await using harness = await startSession({ entra, clock });
    await harness.connect();
    const rejected = await tokenOf(harness);
    await refuse(53003);
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c4"}}}';
    assert.equal((await failureOf(harness.workiq.refresh({ rejected, claims }))).code, 'admin_action_required');
    await entra.control.clearFaults();
    clock.advance(minute);
    await tokenOf(harness);
    assert.match((await entra.control.requests()).at(-1)?.claims ?? '', /"c4"/);
    assert.equal(harness.session.state().status, 'connected');
  });
});

test('refusals - an Entra that does not answer holds a call up within its own time, and the call can be cancelled', async () => {
  await using stack = await startStack();
  await stack.connect();
  const request = { server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me'] } };
  const call = (callId: string, timeoutMs: number): Promise<unknown> =>
    stack.ui.request('toolInvoke', { ...request, callId, timeoutMs });
  const refusal = { grantType: 'refresh_token', times: 'all' } as const;
  await stack.entra.control.addFault({ ...refusal, action: { kind: 'aadsts', code: 53003 } });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal((await failureOf(call('refused', 20_000))).code, 'admin_action_required');
  await stack.entra.control.clearFaults();
  await stack.entra.control.addFault({ ...refusal, action: { kind: 'hang' } });
  // A new process tries at once, and whoever calls waits for that try.
  await stack.restartAgent();

  const late = await failureOf(call('late', 400));
  assert.deepEqual([late.code, late.message], ['timeout', '"fetch" did not answer within 400 ms.']);
  const cancelled = failureOf(call('cancelled', 60_000));
  await until('it is cancelled', async () => (await stack.ui.request('toolCancel', { callId: 'cancelled' })).cancelled);
  assert.equal((await cancelled).code, 'cancelled');
  const path = join(stack.agent.dataDir, 'audit', 'audit.jsonl');
  const line = await until('the audit line', async () =>
    (await readFile(path, 'utf8')).split('\n').find((text) => text.includes('"late"')),
  );
  assert.partialDeepStrictEqual(JSON.parse(line), { outcome: 'timeout' });
  assert.ok((JSON.parse(line) as { durationMs: number }).durationMs > 395);
});

test('refusals - the whole agent, started again after the cause is gone, serves without a new sign-in', async () => {
  await using stack = await startStack();
  const heard: AuthExpired[] = [];
  stack.ui.subscribe('authExpired', (notice) => void heard.push(notice));
  await stack.connect();
  const call = (): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me'] });
  await call();
  await stack.entra.control.addFault({
    grantType: 'refresh_token',
    times: 'all',
    action: { kind: 'aadsts', code: 90002 },
  });
  await stack.entra.control.revokeAccessTokens({});
  assert.equal((await failureOf(call())).code, 'admin_action_required');
  await until('the notice', () => heard.length === 1);
  await stack.restartAgent();
  assert.equal((await stack.ui.request('authState', {})).status, 'expired');
  await stack.entra.control.clearFaults();
  await stack.restartAgent();
  await until('it is connected', async () => (await stack.ui.request('authState', {})).status === 'connected');
  await until('calls work', () =>
    call()
      .then(() => true)
      .catch(() => false),
  );
  assert.equal(heard.length, 1);
});
