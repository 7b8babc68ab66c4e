// What the operator's alerting is told of the sign-in, and that nothing is told twice, by a restart or by trouble that passes.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthNotices } from '../../agent/webhook/auth-notices.ts';
import { PatrolNotices } from '../../agent/webhook/patrol-notices.ts';
import type { WebhookNotice } from '../../agent/webhook/webhook-notice.ts';
import { WebhookQueue } from '../../agent/webhook/webhook-queue.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { manualClock } from '../support/manual-clock.ts';

const start = Date.parse('2026-03-01T08:00:00Z');
const minute = 60_000;
const account = { id: 'oid', username: 'adele@contoso.example', tenantId: 'tenant' };
const at = (minutes: number): string => new Date(start + minutes * minute).toISOString();
const connected = (minutes: number): AuthState => ({
  status: 'connected',
  account,
  since: at(minutes),
  generation: 1,
  lastRefreshAt: at(minutes),
});
const reason = { code: 'auth_required', aadsts: 'AADSTS50173', message: 'Revoked.', action: 'Sign in.' };
const expired = (minutes: number, episodeId = 'one'): AuthState => ({
  ...connected(minutes),
  status: 'expired',
  lastRefreshAt: at(0),
  reason: { ...reason, claims: 'of a challenge' },
  episodeId,
  nextStep: { kind: 'sign_in' },
});
const outage = { code: 'server_unavailable', message: 'Entra is away.', action: 'Wait.' };
const degraded = (minutes: number): AuthState => ({
  ...connected(minutes),
  status: 'degraded',
  lastRefreshAt: at(0),
  reason: outage,
});

/** `restart`: a new process on the same volume. */
function harness() {
  const clock = manualClock(start);
  const told: WebhookNotice[] = [];
  let queue = new WebhookQueue();
  const sender = {
    send: (notice: WebhookNotice) => {
      if (queue.add(notice, { body: '{}', now: clock.now() }) === 'added') told.push(notice);
    },
    openEpisodes: (lane: string) => queue.openEpisodes(lane),
  };
  const make = (): AuthNotices => new AuthNotices({ sender, clock, troubleMs: 2 * minute });
  let notices = make();
  return {
    clock,
    told,
    sender,
    types: () => told.map(({ type }) => type),
    follow: (state: AuthState) => {
      notices.follow(state);
    },
    restart: () => {
      notices.close();
      queue = new WebhookQueue(queue.text());
      notices = make();
    },
    async pass(minutes: number) {
      clock.advance(minutes * minute);
      for (let turn = 0; turn < 5; turn++) await Promise.resolve();
    },
  };
}

test('auth notices - an episode is told once and its end once, however often the state is told, and over restarts [P13]', () => {
  const { follow, told, types, restart } = harness();
  follow(connected(0));
  for (let again = 0; again < 3; again++) follow(expired(10));
  restart();
  follow(expired(10));
  for (let again = 0; again < 3; again++) follow(connected(20));
  restart();
  follow(connected(20));
  assert.deepEqual(types(), ['auth.sign_in_needed', 'auth.restored']);
  assert.deepEqual(
    told.map(({ id }) => id),
    ['one.sign_in_needed', 'one.restored'],
  );
  assert.doesNotMatch(JSON.stringify(told), /of a challenge/);
  follow(expired(30, 'two'));
  assert.equal(told.at(-1)?.id, 'two.sign_in_needed');
});

test('auth notices - an agent that was killed before it knew the episode for good tells it no second time, and no end that is none', () => {
  const { follow, types, restart, told } = harness();
  follow(connected(0));
  follow(expired(10));
  restart();
  // Its cache still says that all is well.
  follow(connected(0));
  follow(expired(11, 'the same, met anew'));
  follow(connected(20));
  assert.deepEqual(types(), ['auth.sign_in_needed', 'auth.restored']);
  assert.equal(told[1]?.data['episodeId'], 'one');
});

test('auth notices - after a disconnect the episode goes on until somebody signs in', () => {
  const { follow, types } = harness();
  follow(expired(10));
  follow({ status: 'not_connected', since: at(15), generation: 1 });
  assert.deepEqual(types(), ['auth.sign_in_needed']);
  follow(connected(20));
  assert.deepEqual(types(), ['auth.sign_in_needed', 'auth.restored']);
});

test('auth notices - trouble that passes is not told; trouble that lasts is, once, and so is its end', async () => {
  const { follow, types, pass, restart } = harness();
  follow(connected(0));
  follow(degraded(1));
  await pass(1);
  follow(connected(2));
  await pass(10);
  assert.deepEqual(types(), []);
  follow(degraded(12));
  follow({ ...degraded(12), reason: { ...outage, message: 'Still away.' } });
  await pass(3);
  assert.deepEqual(types(), ['auth.degraded']);
  restart();
  // A start says "connected" before anything was tried.
  follow({ ...connected(0), since: at(0) });
  follow(degraded(16));
  await pass(3);
  assert.deepEqual(types(), ['auth.degraded']);
  follow(connected(20));
  assert.deepEqual(types(), ['auth.degraded', 'auth.restored']);
});

test('auth notices - trouble that ends in an expiry is told as that', async () => {
  const { follow, types, pass } = harness();
  follow(degraded(1));
  follow(expired(2));
  await pass(10);
  assert.deepEqual(types(), ['auth.sign_in_needed']);
});

test('auth notices - an expected end is told once when it is soon, and again for another one', () => {
  const { follow, told, types, restart } = harness();
  const ending = (end: number, soon: boolean): AuthState => ({
    ...connected(0),
    endsAt: { at: at(end), cause: 'sign_in_frequency', soon, message: 'Every 7 days (learnt).' },
  });
  follow(ending(1_000, false));
  assert.deepEqual(types(), []);
  for (let again = 0; again < 3; again++) follow(ending(1_000, true));
  restart();
  follow(ending(1_000, true));
  assert.deepEqual(types(), ['auth.ending_soon']);
  assert.equal(
    told[0]?.text,
    `The Microsoft 365 sign-in of adele@contoso.example ends on ${at(1_000)}. Every 7 days (learnt). Sign in again before that.`,
  );
  follow(ending(2_000, true));
  assert.deepEqual(types(), ['auth.ending_soon', 'auth.ending_soon']);
});

test('patrol notices - blind and failed are told once each until the patrol sees everything again, without what it found [P12, P6]', () => {
  const { sender, told, types } = harness();
  const notices = new PatrolNotices({ sender });
  let runs = 0;
  const run = (status: string, more: Partial<PatrolRun> = {}): PatrolRun => ({
    runId: `run-${++runs}`,
    patrol: 'inbox',
    trigger: 'schedule',
    status,
    endedAt: at(runs),
    summary: 'SECRET FINDING',
    saw: [],
    blind: [],
    steps: [],
    budget: { calls: 0, callsPerRun: 1 },
    output: 'SECRET FINDING',
    ...more,
  });
  const spot = { server: 'mail', step: 'find', code: 'auth_required', reason: 'SECRET FINDING' };
  notices.follow(run('ok'));
  notices.follow(run('blind', { endedAt: undefined }));
  notices.follow(run('blind', { blind: [spot, { ...spot, step: 'other' }] }));
  notices.follow(run('blind', { blind: [spot] }));
  notices.follow(run('failed', { error: { code: 'timeout', message: 'SECRET FINDING', retryable: true } }));
  for (const status of ['skipped', 'interrupted', 'cancelled', 'running']) notices.follow(run(status));
  assert.deepEqual(types(), ['patrol.blind', 'patrol.failed']);
  assert.match(told[0]?.text ?? '', /could not see mail; its result does not mean that nothing is there/);
  assert.deepEqual(told[0]?.data['blind'], [{ server: 'mail', code: 'auth_required' }]);
  notices.follow(run('ok'));
  notices.follow(run('ok'));
  assert.deepEqual(types().slice(2), ['patrol.recovered', 'patrol.recovered']);
  notices.follow(run('blind', { blind: [spot] }));
  assert.equal(types().at(-1), 'patrol.blind');
  assert.equal(new Set(told.map(({ id }) => id)).size, told.length);
  assert.doesNotMatch(JSON.stringify(told), /SECRET FINDING/);
});
