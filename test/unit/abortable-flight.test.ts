// One launch for all who ask for it, and its end by anyone.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { abortable } from '../../shared/abort.ts';
import { AbortableFlight } from '../../extension/local/abortable-flight.ts';

/** A run that lands when it is told to, or when it is aborted. */
function controlled() {
  const landing = Promise.withResolvers<number>();
  const signals: AbortSignal[] = [];
  const start = (signal: AbortSignal): Promise<number> => {
    signals.push(signal);
    return abortable(landing.promise, signal);
  };
  return { landing, signals, start };
}

describe('abortable', () => {
  test('abortable - work that fails after nobody waits for it any more is no failure that nobody handles', async () => {
    const late = Promise.withResolvers<never>();
    await assert.rejects(abortable(late.promise, AbortSignal.abort(new Error('enough'))), /enough/);
    // The runner fails a test for a rejection that nobody handles.
    late.reject(new Error('late'));
    await new Promise(setImmediate);
  });
});

describe('abortable flight', () => {
  test('abortable flight - those who come meanwhile share the run, the next one starts anew', async () => {
    const flight = new AbortableFlight<number>();
    const { landing, signals, start } = controlled();
    const callers = [flight.run(start), flight.run(start), flight.run(start)];
    landing.resolve(7);
    assert.deepEqual(await Promise.all(callers), [7, 7, 7]);
    assert.equal(signals.length, 1);
    assert.equal(await flight.run(async () => 8), 8);
  });

  test('abortable flight - an abort reaches the run, gives its reason to all and waits for the end', async () => {
    const flight = new AbortableFlight<number>();
    const cleaned = Promise.withResolvers<void>();
    let isOver = false;
    const run = flight.run(async (signal) => {
      await abortable(new Promise<never>(() => {}), signal).catch(() => undefined);
      await cleaned.promise;
      isOver = true;
      throw signal.reason;
    });
    const outcomes = Promise.allSettled([run, flight.run(async () => 0)]);
    const reason = new Error('stop');
    const aborted = flight.abort(reason);
    assert.equal(await Promise.race([aborted, Promise.resolve('waits')]), 'waits');
    cleaned.resolve();
    assert.equal(await aborted, true);
    assert.ok(isOver);
    for (const outcome of await outcomes) assert.equal(outcome.status === 'rejected' && outcome.reason, reason);
  });

  test('abortable flight - a start while the run is being ended waits for its end and shares one new run', async () => {
    const flight = new AbortableFlight<number>();
    const first = controlled();
    const ended = assert.rejects(flight.run(first.start), /stop/);
    const aborted = flight.abort(new Error('stop'));
    const second = controlled();
    const callers = [flight.run(second.start), flight.run(second.start)];
    assert.equal(second.signals.length, 0);
    await Promise.all([ended, aborted]);
    second.landing.resolve(2);
    assert.deepEqual(await Promise.all(callers), [2, 2]);
    assert.equal(second.signals.length, 1);
  });

  test('abortable flight - a run that could not be ended any more keeps its outcome', async () => {
    const flight = new AbortableFlight<string>();
    const landing = Promise.withResolvers<string>();
    const run = flight.run(() => landing.promise);
    const aborted = flight.abort(new Error('too late'));
    landing.resolve('there');
    assert.equal(await run, 'there');
    assert.equal(await aborted, true);
  });

  test('abortable flight - where nothing runs there is nothing to abort', async () => {
    const flight = new AbortableFlight<number>();
    assert.equal(await flight.abort(new Error('stop')), false);
    await assert.rejects(
      flight.run(() => Promise.reject(new Error('failed'))),
      /failed/,
    );
    assert.equal(await flight.abort(new Error('stop')), false);
  });
});
