import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { endedWithin, startDeadline } from '../../shared/deadline.ts';

const never = new Promise<never>(() => {});

describe('deadline', () => {
  test('deadline - it aborts with its reason after its time, and not before', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    using deadline = startDeadline(100, { reason: () => 'late' });
    context.mock.timers.tick(99);
    assert.equal(deadline.signal.aborted, false);
    context.mock.timers.tick(1);
    assert.equal(deadline.signal.reason, 'late');
  });

  test('deadline - an outer signal ends it earlier, also one that had ended already', () => {
    const outer = new AbortController();
    using waiting = startDeadline(60_000, { reason: () => 'late', signal: outer.signal });
    outer.abort('outer');
    using born = startDeadline(60_000, { reason: () => 'late', signal: outer.signal });
    assert.deepEqual([waiting.signal.reason, born.signal.reason], ['outer', 'outer']);
  });

  test('deadline - disposed of it neither fires nor listens', (context) => {
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const outer = new AbortController();
    const deadline = startDeadline(100, { reason: () => 'late', signal: outer.signal });
    deadline[Symbol.dispose]();
    context.mock.timers.tick(1_000);
    outer.abort('outer');
    assert.equal(deadline.signal.aborted, false);
  });

  test('deadline - work is waited for no longer than that, and its failure is not thrown', async (context) => {
    await endedWithin(60_000, Promise.resolve());
    await endedWithin(60_000, Promise.reject(new Error('failed')));
    context.mock.timers.enable({ apis: ['setTimeout'] });
    const waited = endedWithin(100, never);
    context.mock.timers.tick(100);
    await waited;
  });
});
