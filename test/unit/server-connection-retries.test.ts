// How often a server that is out of reach is tried again, with a clock that the test owns: ever more rarely, spread out, and
// never more rarely than once a minute.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Dispatcher } from 'undici';
import type { ServerConnection } from '../../agent/bridge/server-connection.ts';
import { failureOf } from '../support/call-failure.ts';
import { manualClock, type ManualClock } from '../support/manual-clock.ts';
import { testConnection } from '../support/server-connection.ts';
import { until } from '../support/until.ts';

interface Tried {
  connection: ServerConnection;
  clock: ManualClock;
  attempts: () => number;
}

/** A server that cannot be reached: its connections fail before anything is sent. */
function unreachable(): Tried {
  const clock = manualClock();
  let attempts = 0;
  const { connection } = testConnection(
    { url: 'http://127.0.0.1:1/mcp' },
    {
      name: 'away',
      clock,
      dispatcher(): Promise<Dispatcher> {
        attempts++;
        return Promise.reject(Object.assign(new Error('nobody listens'), { code: 'ECONNREFUSED' }));
      },
    },
  );
  return { connection, clock, attempts: () => attempts };
}

/** Milliseconds that the connection waits before its next try, which is the only one that it waits for. */
async function waited({ connection, clock }: Tried, attempt: number): Promise<number> {
  await until(`try ${attempt} failed`, () => connection.state.status === 'unavailable' && clock.sleeping.length === 1);
  return clock.sleeping[0] ?? 0;
}

test('server retries - each wait is about twice the last one, up to a minute, and no try comes before its time', async () => {
  const tried = unreachable();
  tried.connection.start();
  const waits: number[] = [];
  for (let attempt = 1; attempt <= 12; attempt++) {
    const delay = await waited(tried, attempt);
    assert.equal(tried.attempts(), attempt);
    waits.push(delay);
    tried.clock.advance(delay - 1);
    await new Promise((resolve) => setImmediate(resolve));
    assert.equal(tried.attempts(), attempt, 'not before its time');
    tried.clock.advance(1);
  }
  for (const [index, wait] of waits.entries()) {
    const step = Math.min(60_000, 500 * 2 ** index);
    assert.ok(wait >= step / 2 && wait <= step, `wait ${index} is ${wait} ms, not between ${step / 2} and ${step}`);
  }
  await tried.connection.close();
  assert.deepEqual(tried.clock.sleeping, [], 'nothing is tried after the end');
});

test('server retries - many servers that fail together do not come back together', async () => {
  const all = Array.from({ length: 8 }, unreachable);
  for (const { connection } of all) connection.start();
  const first = await Promise.all(all.map((tried) => waited(tried, 1)));
  assert.equal(new Set(first).size, all.length, first.join(', '));
  await Promise.all(all.map(({ connection }) => connection.close()));
});

test('server retries - a call tries at once instead of waiting, but not in a rush, and leaves one wait behind', async () => {
  const tried = unreachable();
  tried.connection.start();
  for (let attempt = 1; attempt <= 6; attempt++) {
    const delay = await waited(tried, attempt);
    if (attempt < 6) tried.clock.advance(delay);
  }
  const { signal } = new AbortController();
  assert.equal((await failureOf(tried.connection.ready(signal))).code, 'server_unavailable');
  assert.equal(tried.attempts(), 6, 'the last try was only just now');
  tried.clock.advance(501);
  assert.equal((await failureOf(tried.connection.ready(signal))).code, 'server_unavailable');
  assert.equal(tried.attempts(), 7);
  await waited(tried, 7);
  await tried.connection.close();
});
