// The account's session over weeks: it learns how often the tenant asks for a sign-in, says when the present one ends, and warns
// of the idle limit only when refreshes have failed for long.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import { createSeed } from '../../extension/consent/seed-file.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { startSession, type SessionHarness } from '../support/account-session.ts';
import { manualClock, type ManualClock } from '../support/manual-clock.ts';
import { startEntraProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

let entra: EntraProcess;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(() => entra.control.reset());

const announced = ({ effects }: SessionHarness): AuthState[] =>
  effects.flatMap((effect) => (effect.type === 'announce' ? [effect.state] : []));

/** Lets so much time pass, and a refresh succeed at its end. */
async function passAndRefresh({ workiq, session }: SessionHarness, clock: ManualClock, ms: number): Promise<void> {
  clock.advance(ms);
  await workiq.refresh({});
  assert.equal(session.state().lastRefreshAt, new Date(clock.now()).toISOString());
}

/** Entra says that the sign-in frequency is over, without how long it is. */
async function refuse({ workiq, session }: SessionHarness): Promise<AuthState> {
  const action = {
    kind: 'http',
    status: 400,
    body: JSON.stringify({ error: 'invalid_grant', suberror: 'bad_token', error_description: 'AADSTS70043: Over.' }),
  } as const;
  await entra.control.addFault({ grantType: 'refresh_token', times: 'all', action });
  await assert.rejects(workiq.refresh({}));
  await entra.control.clearFaults();
  return session.state();
}

test('outlook - a sign-in frequency is measured between two refreshes, and the next sign-in says when it ends, also after a restart', async () => {
  const clock = manualClock(Date.now());
  const seed = createSeed();
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-outlook-'));
  try {
    {
      await using first = await startSession({ entra, clock, folder, seed });
      await first.connect();
      await passAndRefresh(first, clock, 7 * day - 30 * minute);
      clock.advance(40 * minute);
      const { status, reason, endsAt } = await refuse(first);
      assert.deepEqual([status, endsAt], ['expired', undefined]);
      assert.equal(reason?.message, 'The tenant asks for a sign-in every 7 days (learnt), and the last one is over.');
      // Refused again in the same episode: no second measurement.
      await assert.rejects(first.workiq.refresh({}));
    }
    const file = join(folder, 'secrets', 'sign-in-history.json');
    assert.equal((await stat(file)).mode & 0o777, 0o600);
    const kept = JSON.parse(await readFile(file, 'utf8')) as { accountId: string; ended: unknown[] };
    assert.deepEqual([Object.keys(kept), kept.ended.length], [['accountId', 'ended'], 1]);

    await using second = await startSession({ entra, clock, folder, seed });
    await second.connect();
    const signedInAt = clock.now();
    const { endsAt } = second.session.state();
    assert.deepEqual(endsAt, {
      at: new Date(signedInAt + 7 * day).toISOString(),
      cause: 'sign_in_frequency',
      soon: false,
      message: 'The tenant asks for a sign-in every 7 days (learnt).',
    });
    await passAndRefresh(second, clock, 6 * day - hour);
    assert.deepEqual(second.session.state().endsAt, endsAt, 'a refresh does not move it');
    clock.advance(hour + 1);
    await until('it is soon', () => second.session.state().endsAt?.soon === true);
    assert.equal(announced(second).filter(({ endsAt: end }) => end?.soon === true).length, 1);

    // The policy is gone: the sign-in outlives it.
    await passAndRefresh(second, clock, day + hour);
    assert.equal(second.session.state().endsAt, undefined);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test('outlook - an idle limit is in sight when refreshes have failed for days, and gone with the next one that succeeds', async () => {
  const clock = manualClock(Date.now());
  await using harness = await startSession({ entra, clock, backoff: { baseMs: 10, maxMs: 20 } });
  await harness.connect();
  const { lastRefreshAt = '' } = harness.session.state();
  await entra.control.addFault({ grantType: 'refresh_token', times: 'all', action: { kind: 'unavailable' } });
  const fail = async (): Promise<void> => {
    await assert.rejects(harness.workiq.refresh({}));
    clock.advance(100);
  };
  clock.advance(2 * hour);
  await fail();
  await fail();
  await until('it is in trouble', () => harness.session.state().status === 'degraded');
  assert.equal(harness.session.state().endsAt, undefined);
  clock.advance(2 * day);
  await until('the end is in sight', () => harness.session.state().endsAt !== undefined);
  const { endsAt } = harness.session.state();
  assert.deepEqual(
    [endsAt?.cause, endsAt?.at, endsAt?.soon],
    ['idle', new Date(Date.parse(lastRefreshAt) + 90 * day).toISOString(), false],
  );
  clock.advance(87 * day);
  await until('it is soon', () => harness.session.state().endsAt?.soon === true);
  await entra.control.clearFaults();
  await until('it has healed', async () => {
    clock.advance(100);
    await harness.workiq.refresh({}).catch(() => undefined);
    return harness.session.state().status === 'connected';
  });
  assert.equal(harness.session.state().endsAt, undefined);
});
