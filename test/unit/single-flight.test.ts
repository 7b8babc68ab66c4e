// Sharing and ordering of concurrent work.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { abortable } from '../../shared/abort.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { SingleFlight } from '../../shared/single-flight.ts';

test('single flight - callers of one key share one run and its outcome [P7]', async () => {
  const flights = new SingleFlight<number>();
  const landing = Promise.withResolvers<number>();
  let runs = 0;
  const start = (): Promise<number> => {
    runs++;
    return landing.promise;
  };
  const callers = Array.from({ length: 200 }, () => flights.run('a', start));
  landing.resolve(42);
  assert.deepEqual(new Set(await Promise.all(callers)), new Set([42]));
  assert.equal(runs, 1);
});

test('single flight - a failure is shared too, and the next caller starts anew', async () => {
  const flights = new SingleFlight<string>();
  let runs = 0;
  const start = async (): Promise<string> => {
    await Promise.resolve();
    if (++runs === 1) throw new Error('first');
    return 'second';
  };
  const both = await Promise.allSettled([flights.run('a', start), flights.run('a', start)]);
  assert.deepEqual(
    both.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await flights.run('a', start), 'second');
});

test('single flight - keys do not wait for each other', async () => {
  const flights = new SingleFlight<string>();
  const slow = Promise.withResolvers<string>();
  const first = flights.run('slow', () => slow.promise);
  assert.equal(await flights.run('quick', async () => 'done'), 'done');
  slow.resolve('late');
  assert.equal(await first, 'late');
});

test('single flight - a caller that gives up leaves the run to the others [P7]', async () => {
  const flights = new SingleFlight<string>();
  const landing = Promise.withResolvers<string>();
  const patient = flights.run('a', () => landing.promise);
  const giving = new AbortController();
  const impatient = abortable(
    flights.run('a', () => landing.promise),
    giving.signal,
  );
  giving.abort(new Error('enough'));
  await assert.rejects(impatient, /enough/);
  landing.resolve('landed');
  assert.equal(await patient, 'landed');
});

test('serial queue - tasks run one after another in order, whatever becomes of them', async () => {
  const queue = new SerialQueue();
  const log: string[] = [];
  const task =
    (name: string, fails = false) =>
    async (): Promise<string> => {
      log.push(`${name} begins`);
      await Promise.resolve();
      log.push(`${name} ends`);
      if (fails) throw new Error(name);
      return name;
    };
  const results = await Promise.allSettled([queue.run(task('a', true)), queue.run(task('b')), queue.run(task('c'))]);
  assert.deepEqual(log, ['a begins', 'a ends', 'b begins', 'b ends', 'c begins', 'c ends']);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'fulfilled', 'fulfilled'],
  );
  await queue.idle();
});
