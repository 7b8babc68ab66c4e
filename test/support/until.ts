// Waiting for a condition with bounded polling, so that tests neither sleep for luck nor hang.
import { setTimeout as delay } from 'node:timers/promises';

/**
 * Resolves with the first value that is not undefined or false; rejects after `timeoutMs` saying what was waited for,
 * which a function says as it is by then.
 */
export async function until<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  { timeoutMs = 15_000, everyMs = 10 }: { timeoutMs?: number; everyMs?: number } = {},
): Promise<Exclude<T, undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await condition();
    if (value !== undefined && value !== false) return value as Exclude<T, undefined | false>;
    if (performance.now() > deadline) {
      throw new Error(`waited ${timeoutMs} ms in vain: ${typeof what === 'string' ? what : what()}`);
    }
    await delay(everyMs);
  }
}
