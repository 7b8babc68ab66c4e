import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { CacheEnvelope } from '../../agent/auth/cache-envelope.ts';
import { CacheWriter } from '../../agent/auth/cache-writer.ts';
import { systemClock } from '../../shared/clock.ts';
import { until } from '../support/until.ts';

const envelope = (generation: number): CacheEnvelope => ({ tenantId: 't', clientId: 'c', generation });

describe('cache writer', () => {
  test('cache writer - a retry never brings back what was replaced meanwhile [P5, P9]', async () => {
    const stored: number[] = [];
    let current = envelope(1);
    let isBroken = true;
    const closing = new AbortController();
    const writer = new CacheWriter({
      save: async ({ generation }) => {
        await systemClock.sleep(5);
        if (isBroken) throw Object.assign(new Error('no space'), { code: 'ENOSPC' });
        stored.push(generation);
      },
      current: () => current,
      onFailed: () => undefined,
      onRecovered: () => undefined,
      clock: systemClock,
      backoff: { baseMs: 1, maxMs: 2 },
      closing: closing.signal,
    });
    await writer.write();
    await writer.exclusive(async () => {
      isBroken = false;
      await systemClock.sleep(30);
      stored.push(2);
      current = envelope(2);
    });
    await until('the retry has written', () => stored.length >= 2);
    closing.abort();
    await writer.idle();
    assert.deepEqual([...new Set(stored)], [2]);
  });

  test('cache writer - what waits for a volume is tried once more when the agent stops, and only once [P9]', async () => {
    for (const isBackAtTheEnd of [true, false]) {
      let tries = 0;
      let isBroken = true;
      const stored: number[] = [];
      const closing = new AbortController();
      const writer = new CacheWriter({
        save: async ({ generation }) => {
          tries++;
          if (isBroken) throw Object.assign(new Error('no write'), { code: 'EROFS' });
          stored.push(generation);
        },
        current: () => envelope(7),
        onFailed: () => undefined,
        onRecovered: () => undefined,
        clock: systemClock,
        backoff: { baseMs: 3_600_000, maxMs: 3_600_000 },
        closing: closing.signal,
      });
      await writer.write();
      isBroken = !isBackAtTheEnd;
      closing.abort();
      await writer.idle();
      assert.equal(tries, 2);
      assert.deepEqual(stored, isBackAtTheEnd ? [7] : []);
    }
  });
});
