// Exponential back-off with full jitter; it knows neither timers nor what is tried again.

export interface BackoffOptions {
  /** Milliseconds before the first retry, before jitter. */
  baseMs: number;
  /** Longest delay in milliseconds. */
  maxMs: number;
  /** 0 (inclusive) to 1 (exclusive). */
  random?: () => number;
}

/**
 * Delay in milliseconds before retry number `attempt` (0 for the first): between half of and the whole exponential step,
 * so that many clients spread out and none waits for nothing.
 */
export function backoffDelay(attempt: number, { baseMs, maxMs, random = Math.random }: BackoffOptions): number {
  const step = Math.min(maxMs, baseMs * 2 ** Math.min(attempt, 30));
  return step / 2 + (step / 2) * random();
}
