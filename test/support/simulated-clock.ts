// A clock that runs through days in moments: it goes from one sleeper to the next and lets each do what it has to do.
import { setImmediate as turn } from 'node:timers/promises';
import type { Clock } from '../../shared/clock.ts';

interface Sleeper {
  until: number;
  wake: () => void;
}

export class SimulatedClock implements Clock {
  #now: number;
  #sleepers: Sleeper[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  now(): number {
    return this.#now;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) {
        reject(signal.reason as Error);
        return;
      }
      const sleeper: Sleeper = {
        until: this.#now + Math.max(0, ms),
        wake: () => {
          signal?.removeEventListener('abort', onAbort);
          resolve();
        },
      };
      const onAbort = (): void => {
        this.#sleepers = this.#sleepers.filter((other) => other !== sleeper);
        reject(signal?.reason as Error);
      };
      this.#sleepers.push(sleeper);
      signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Lives through the time until then. What is done without waiting for the clock must not wait for anything but promises. */
  async runUntil(instant: number): Promise<void> {
    for (;;) {
      await this.settle();
      const next = this.#sleepers.reduce((first, { until }) => Math.min(first, until), Infinity);
      if (next > instant) break;
      this.#now = Math.max(this.#now, next);
      const due = this.#sleepers.filter(({ until }) => until <= this.#now);
      this.#sleepers = this.#sleepers.filter(({ until }) => until > this.#now);
      for (const { wake } of due) wake();
    }
    this.#now = Math.max(this.#now, instant);
    await this.settle();
  }

  /** Sets the clock while everybody sleeps on: a suspended machine, a corrected clock. */
  jump(ms: number): void {
    this.#now += ms;
    // A timer counts the time that passes, not what the clock says.
    for (const sleeper of this.#sleepers) sleeper.until += ms;
  }

  async settle(): Promise<void> {
    await turn();
    await turn();
  }
}
