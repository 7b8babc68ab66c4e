// To which calls a message of a server belongs, and that it is told when the last of them has ended.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallsInFlight, type RunningCall } from '../../agent/bridge/calls-in-flight.ts';

/** A call that runs until it is ended. */
function startCall(calls: CallsInFlight, callId: string, deadline = 1_000) {
  const { promise, resolve } = Promise.withResolvers<void>();
  let own: RunningCall | undefined;
  const ended = calls.run({ callId, deadline }, async (call) => {
    own = call;
    await promise;
  });
  return { own: own as RunningCall | undefined, end: () => (resolve(), ended) };
}

describe('calls in flight', () => {
  test('calls in flight - what belongs to one call is told its end, also when it asks only afterwards', async () => {
    const calls = new CallsInFlight();
    const call = startCall(calls, 'one');
    const { origin, ended } = calls.belonging();
    assert.equal(origin?.callId, 'one');
    assert.equal(ended?.aborted, false);
    await call.end();
    assert.equal(ended.aborted, true);
    assert.equal(calls.size, 0);
    assert.deepEqual(calls.belonging(), { origin: undefined, deadline: undefined, ended: undefined });

    const other = startCall(calls, 'two');
    await other.end();
    assert.equal(other.own?.ended.aborted, true);
  });

  test('calls in flight - what may belong to any of several calls ends with the last, failed ones included', async () => {
    const calls = new CallsInFlight();
    const first = startCall(calls, 'one', 1_000);
    const failing = calls.run({ callId: 'two', deadline: 3_000 }, () => Promise.reject(new Error('Lost.')));
    const { origin, deadline, ended } = calls.belonging();
    assert.deepEqual([origin, deadline, ended?.aborted], [undefined, 3_000, false]);
    await assert.rejects(failing, /Lost/);
    assert.equal(ended?.aborted, false);
    await first.end();
    assert.equal(ended.aborted, true);
  });
});
