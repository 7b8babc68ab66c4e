// When a token is refreshed and until when it serves, for any life and any luck of the dice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { holdToken, keepAliveDelay } from '../../agent/auth/refresh-schedule.ts';
import * as fc from '../support/repeatable-fast-check.ts';

/** The longest time without a refresh, as the product promises it; written out, so that no other length passes. */
const dayMs = 24 * 60 * 60 * 1_000;
const instant = fc.integer({ min: 1_600_000_000_000, max: 2_000_000_000_000 });
const dice = fc.double({ min: 0, max: 0.999_999, noNaN: true });

test('refresh schedule - a token is refreshed before it stops serving, and stops before it expires', () => {
  fc.assert(
    fc.property(instant, fc.integer({ min: 1, max: 200_000_000 }), dice, (obtainedAt, life, random) => {
      const held = holdToken({ secret: 't', obtainedAt, expiresAt: obtainedAt + life }, () => random);
      assert.ok(held.refreshAt > obtainedAt, 'not at once');
      assert.ok(held.refreshAt < held.usableUntil, 'while it still serves');
      assert.ok(held.usableUntil < held.expiresAt, 'in time for the way to the server');
      assert.ok(held.expiresAt - held.refreshAt <= 600_000, 'at most ten minutes early');
      assert.ok(held.expiresAt - held.refreshAt <= life * 0.2 + 1e-3, 'at most a fifth of its life early');
      assert.ok(held.expiresAt - held.usableUntil <= 5_000);
    }),
  );
});

test('refresh schedule - an hour is refreshed five to ten minutes early, spread out by jitter', () => {
  const hour = { secret: 't', obtainedAt: 0, expiresAt: 3_600_000 };
  for (const [random, early] of [
    [0, 300_000],
    [0.5, 450_000],
    [0.99, 597_000],
  ] as const)
    assert.equal(hour.expiresAt - holdToken(hour, () => random).refreshAt, early);
});

test('refresh schedule - a token that had expired when it came neither serves nor waits', () => {
  const held = holdToken({ secret: 't', obtainedAt: 2_000, expiresAt: 1_000 });
  assert.equal(held.refreshAt, 1_000);
  assert.equal(held.usableUntil, 1_000);
});

test('refresh schedule - keep-alive comes within a day of the last refresh, whatever the clock did', () => {
  fc.assert(
    fc.property(instant, instant, dice, (lastRefreshAt, now, random) => {
      const delay = keepAliveDelay(lastRefreshAt, now, () => random);
      assert.ok(delay >= 0 && delay <= dayMs);
    }),
  );
});

test('refresh schedule - keep-alive waits 80 to 95 % of a day, and not at all after a long stop', () => {
  assert.equal(
    keepAliveDelay(0, 0, () => 0),
    dayMs * 0.8,
  );
  assert.ok(keepAliveDelay(0, 0, () => 0.999) < dayMs * 0.95);
  assert.equal(keepAliveDelay(0, dayMs), 0);
});
