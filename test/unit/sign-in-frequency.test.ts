// How often a tenant asks for a sign-in, learnt from how sign-ins ended; when the present one will; and what is told of it when.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EndWatch } from '../../agent/auth/end-watch.ts';
import { expectedEnd } from '../../agent/auth/expected-end.ts';
import { isDisproved, learntPeriodMs, type EndedSignIn } from '../../agent/auth/sign-in-frequency.ts';
import { SignInHistory } from '../../agent/auth/sign-in-history.ts';
import type { ExpectedEnd } from '../../shared/contract/auth-state.ts';
import { manualClock } from '../support/manual-clock.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;

/** Good at the first time, refused at the second, both after the sign-in. */
const ended = (goodAfterMs: number, refusedAfterMs: number): EndedSignIn => ({ goodAfterMs, refusedAfterMs });

describe('sign-in frequency', () => {
  const cases: readonly [string, EndedSignIn[], number | undefined][] = [
    ['nothing is learnt from nothing', [], undefined],
    ['what Entra says', [{ ...ended(0, 1), statedMs: 7 * day }], 7 * day],
    ['what Entra says counts before measurements', [ended(3 * hour, 4 * hour), { ...ended(0, 1), statedMs: day }], day],
    ['one clear measurement of days', [ended(7 * day - 50 * minute, 7 * day + 9 * minute)], 7 * day],
    ['one clear measurement of hours', [ended(11.2 * hour, 12.1 * hour)], 12 * hour],
    ['the hand-off came some minutes after the sign-in', [ended(7 * day - 70 * minute, 7 * day - 3 * minute)], 7 * day],
    ['a single wide measurement is not clear', [ended(6.2 * day, 7 * day)], undefined],
    ['two wide ones that one setting explains', [ended(6.2 * day, 7 * day), ended(6.4 * day, 7.1 * day)], 7 * day],
    ['one that no setting explains is not clear', [ended(3.3 * day, 3.4 * day)], undefined],
    ['two alike that no setting explains', [ended(50_000, 61_000), ended(52_000, 60_000)], 60_000],
    [
      'two of one setting that miss each other by a hand-off',
      [ended(110 * minute, 119 * minute), ended(119.1 * minute, 178 * minute)],
      2 * hour,
    ],
    [
      'two hourly refreshes within two hours: rather early than late',
      [ended(57.5 * minute, 117.5 * minute), ended(58.8 * minute, 118.8 * minute)],
      hour,
    ],
    [
      'two that differ: the newest counts alone',
      [ended(11.5 * hour, 12.1 * hour), ended(3.3 * day, 3.4 * day)],
      undefined,
    ],
    ['a policy that was changed', [ended(6.99 * day, 7.01 * day), ended(0.99 * day, 1.01 * day)], day],
    ['two that say next to nothing', [ended(0, 20 * hour), ended(0, 19 * hour)], undefined],
    ['rather early than late', [ended(5.2 * hour, 7.1 * hour), ended(5.5 * hour, 7.2 * hour)], 6 * hour],
  ];
  for (const [name, observations, expected] of cases)
    test(`sign-in frequency - ${name}`, () => {
      assert.equal(learntPeriodMs(observations), expected);
    });

  test('sign-in frequency - whatever the policy and however often tokens are refreshed, a learnt one is right, and is learnt in time', () => {
    const policy = fc.oneof(
      fc.integer({ min: 1, max: 23 }).map((hours) => hours * hour),
      fc.integer({ min: 1, max: 90 }).map((days) => days * day),
    );
    const episode = fc.record({
      interval: fc.integer({ min: 10 * minute, max: 70 * minute }),
      // Between the sign-in and its hand-off, from which on the agent counts.
      delay: fc.integer({ min: 0, max: 10 * minute }),
    });
    fc.assert(
      fc.property(policy, fc.array(episode, { minLength: 2, maxLength: 6 }), (period, episodes) => {
        const observations = episodes.map(({ interval, delay }) => {
          const last = Math.ceil(period / interval - 1) * interval;
          return ended(Math.max(0, last - delay), last + interval - delay);
        });
        const learnt = learntPeriodMs(observations);
        if (learnt !== undefined) assert.ok(learnt <= period && learnt > period - 2 * hour, `${learnt} of ${period}`);
        if (period >= 2 * hour) assert.notEqual(learnt, undefined);
      }),
    );
  });

  test('sign-in frequency - a sign-in that outlives what was learnt disproves it', () => {
    assert.equal(isDisproved(7 * day, 7 * day + 10 * minute), false);
    assert.equal(isDisproved(7 * day, 7 * day + 20 * minute), true);
    assert.equal(isDisproved(12_000, 16_000), true);
  });
});

function keptIn(memory: { text?: string }) {
  return {
    load: async () => memory.text,
    saveSoon: (text: () => string) => void (memory.text = text()),
    close: async () => undefined,
  };
}

describe('sign-in history', () => {
  test('sign-in history - is kept for the account, without a name or a secret, and forgotten when it proves wrong', async () => {
    const memory: { text?: string } = {};
    const problems: unknown[] = [];
    const open = (): Promise<SignInHistory> => SignInHistory.open(keptIn(memory), (error) => void problems.push(error));
    const first = await open();
    first.ended('oid', { statedMs: 7 * day, goodAfterMs: 6 * day, refusedAfterMs: 7 * day });
    assert.deepEqual(JSON.parse(memory.text ?? ''), {
      accountId: 'oid',
      ended: [{ statedMs: 7 * day, goodAfterMs: 6 * day, refusedAfterMs: 7 * day }],
    });
    const second = await open();
    assert.equal(second.periodMs('oid'), 7 * day);
    assert.equal(second.periodMs('another'), undefined);
    second.stillGood('oid', 6 * day);
    second.stillGood('another', 60 * day);
    assert.equal(second.periodMs('oid'), 7 * day);
    second.stillGood('oid', 8 * day);
    assert.equal(second.periodMs('oid'), undefined);
    assert.equal((await open()).periodMs('oid'), undefined);
    assert.deepEqual(problems, []);
  });

  test('sign-in history - stays small, and a damaged file counts as none', async () => {
    const memory: { text?: string } = { text: '{"accountId":' };
    const problems: unknown[] = [];
    const history = await SignInHistory.open(keptIn(memory), (error) => void problems.push(error));
    assert.equal(problems.length, 1);
    for (let count = 0; count < 50; count++) history.ended('oid', ended(-5, 6.5 * day));
    const stored = JSON.parse(memory.text ?? '') as { ended: EndedSignIn[] };
    assert.equal(stored.ended.length, 8);
    assert.ok(stored.ended.every(({ goodAfterMs }) => goodAfterMs === 0));
  });
});

describe('expected end', () => {
  const now = Date.parse('2026-03-01T08:00:00Z');
  const facts = { signedInAt: now, lastRefreshAt: now, isFailing: false, periodMs: undefined };

  test('expected end - is not known for a sign-in that refreshes, whose tenant is not known to ask', () => {
    assert.deepEqual(expectedEnd(facts, now + 50 * day), {});
  });

  test('expected end - of a learnt frequency is soon a day ahead, or a quarter of a shorter period', () => {
    const week = { ...facts, periodMs: 7 * day };
    const { end, changesAt } = expectedEnd(week, now);
    assert.deepEqual(end, {
      at: '2026-03-08T08:00:00.000Z',
      cause: 'sign_in_frequency',
      soon: false,
      message: 'The tenant asks for a sign-in every 7 days (learnt).',
    });
    assert.equal(changesAt, now + 6 * day);
    assert.equal(expectedEnd(week, now + 6 * day - 1).end?.soon, false);
    assert.equal(expectedEnd(week, now + 6 * day).end?.soon, true);
    assert.equal(expectedEnd({ ...facts, periodMs: 12 * hour }, now).changesAt, now + 9 * hour);
  });

  test('expected end - of 90 idle days comes into sight when refreshes have failed for two days', () => {
    const failing = { ...facts, isFailing: true };
    assert.deepEqual(expectedEnd(failing, now + day), { changesAt: now + 2 * day });
    const { end, changesAt } = expectedEnd(failing, now + 2 * day);
    assert.deepEqual([end?.cause, end?.at, end?.soon], ['idle', '2026-05-30T08:00:00.000Z', false]);
    assert.equal(changesAt, now + 89 * day);
    assert.equal(expectedEnd(failing, now + 89 * day).end?.soon, true);
    // The earlier one of two counts.
    assert.equal(expectedEnd({ ...failing, periodMs: 30 * day }, now + 3 * day).end?.cause, 'sign_in_frequency');
    assert.equal(expectedEnd({ ...failing, periodMs: 300 * day }, now + 3 * day).end?.cause, 'idle');
  });

  test('expected end - each change is told once, also one that only time brings; nothing after the end', () => {
    const clock = manualClock(now);
    const closing = new AbortController();
    const told: (ExpectedEnd | undefined)[] = [];
    const watch = new EndWatch({ clock, closing: closing.signal, onEnd: (end) => void told.push(end) });
    watch.follow(facts);
    assert.deepEqual([told.length, clock.sleeping], [0, []]);
    for (let again = 0; again < 3; again++) watch.follow({ ...facts, periodMs: 7 * day });
    assert.deepEqual([told.map((end) => end?.soon), clock.sleeping], [[false], [6 * day]]);
    // A refresh is no news for an end that it cannot move.
    watch.follow({ ...facts, periodMs: 7 * day, lastRefreshAt: now + day });
    assert.deepEqual([told.length, clock.sleeping.length], [1, 1]);
  });

  test('expected end - the warning comes when its time has come', async () => {
    const clock = manualClock(now);
    const closing = new AbortController();
    const told: (ExpectedEnd | undefined)[] = [];
    const watch = new EndWatch({ clock, closing: closing.signal, onEnd: (end) => void told.push(end) });
    watch.follow({ ...facts, periodMs: 7 * day });
    clock.advance(6 * day);
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(
      told.map((end) => end?.soon),
      [false, true],
    );
    watch.follow(undefined);
    assert.equal(told.at(-1), undefined);
    watch.follow({ ...facts, periodMs: 14 * day });
    closing.abort();
    assert.deepEqual(clock.sleeping, []);
  });
});
