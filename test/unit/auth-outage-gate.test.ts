// How long Entra is left alone after it could not be reached.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { longestRetryAfterMs, OutageGate } from '../../agent/auth/outage-gate.ts';
import { RefreshFailure } from '../../agent/auth/refresh-failure.ts';
import { describeEntraRefusal } from '../../shared/entra-failure.ts';
import { manualClock } from '../support/manual-clock.ts';

const failureAfter = (retryAfterMs?: number): RefreshFailure =>
  new RefreshFailure(describeEntraRefusal({ error: 'temporarily_unavailable' }), { retryAfterMs });

function gate(): { gate: OutageGate; wait: (failure: RefreshFailure, key?: string) => number } {
  const clock = manualClock();
  const outages = new OutageGate({ clock, backoff: { baseMs: 1_000, maxMs: 60_000 } });
  return { gate: outages, wait: (failure, key = 'a') => outages.note(key, failure).until - clock.now() };
}

test('outage gate - waits longer after each failure in a row, up to the longest time, and never not at all [P9]', () => {
  const { gate: outages, wait } = gate();
  for (let attempt = 0; attempt < 20; attempt++) {
    const step = Math.min(60_000, 1_000 * 2 ** attempt);
    const delay = wait(failureAfter());
    assert.ok(delay >= step / 2 && delay <= step, `attempt ${attempt}: ${delay}`);
    assert.equal(outages.get('a')?.attempts, attempt + 1);
  }
});

test('outage gate - waits as long as Entra asks, when that is longer', () => {
  const { wait } = gate();
  assert.equal(wait(failureAfter(120_000)), 120_000);
  assert.ok(wait(failureAfter(10)) >= 1_000);
});

test('outage gate - an absurd Retry-After does not keep the agent from recovering [P9]', () => {
  const { wait } = gate();
  assert.equal(wait(failureAfter(365 * 86_400_000)), longestRetryAfterMs);
});

test('outage gate - scope sets have outages of their own, and a success ends one', () => {
  const { gate: outages, wait } = gate();
  wait(failureAfter(), 'a');
  wait(failureAfter(), 'b');
  outages.clear('a');
  assert.equal(outages.get('a'), undefined);
  assert.equal(outages.get('b')?.attempts, 1);
  outages.clear();
  assert.equal(outages.get('b'), undefined);
});
