// Leaves Entra alone for a while after it could not be reached, per scope set; back-off with jitter, or as long as it asked
// within reason.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { RefreshFailure } from './refresh-failure.ts';

export interface Outage {
  /** Failures in a row. */
  attempts: number;
  /** Milliseconds since the epoch. */
  until: number;
  failure: RefreshFailure;
}

/** Milliseconds; a longer Retry-After, of a gateway gone wrong, must not keep the agent from recovering by itself. */
export const longestRetryAfterMs = 15 * 60_000;

export class OutageGate {
  readonly #outages = new Map<string, Outage>();
  readonly #clock: Clock;
  readonly #backoff: { baseMs: number; maxMs: number };

  constructor(options: { clock: Clock; backoff: { baseMs: number; maxMs: number } }) {
    this.#clock = options.clock;
    this.#backoff = options.backoff;
  }

  get(key: string): Outage | undefined {
    return this.#outages.get(key);
  }

  note(key: string, failure: RefreshFailure): Outage {
    const attempts = (this.#outages.get(key)?.attempts ?? 0) + 1;
    const asked = Math.min(failure.retryAfterMs ?? 0, longestRetryAfterMs);
    const delay = Math.max(backoffDelay(attempts - 1, this.#backoff), asked);
    const outage = { attempts, until: this.#clock.now() + delay, failure };
    this.#outages.set(key, outage);
    return outage;
  }

  clear(key?: string): void {
    if (key === undefined) this.#outages.clear();
    else this.#outages.delete(key);
  }
}
