// Calls when the next thing is due, and now and then in between. It knows no patrol.
import type { Clock } from '../../shared/clock.ts';

export interface AlarmClockOptions {
  clock: Clock;
  /** Must not throw. */
  onTick: () => void;
  /** Milliseconds since the epoch; asked after each tick. */
  nextAt: () => number;
}

/** However long nothing is due: a machine may sleep and its clock may be set meanwhile. */
const longestSleepMs = 60_000;

export class AlarmClock {
  readonly #options: AlarmClockOptions;
  readonly #closing = new AbortController();
  #sleep = new AbortController();
  readonly #turning: Promise<void>;

  /** It begins with a tick. */
  constructor(options: AlarmClockOptions) {
    this.#options = options;
    this.#turning = this.#turn();
  }

  /** Something may be due sooner than was known. */
  wake(): void {
    this.#sleep.abort();
  }

  /** Resolves when there will be no further tick. */
  async close(): Promise<void> {
    this.#closing.abort();
    this.wake();
    await this.#turning;
  }

  async #turn(): Promise<void> {
    const { clock, onTick, nextAt } = this.#options;
    while (!this.#closing.signal.aborted) {
      onTick();
      this.#sleep = new AbortController();
      const delay = Math.min(Math.max(nextAt() - clock.now(), 1), longestSleepMs);
      await clock.sleep(delay, this.#sleep.signal).catch(() => undefined);
    }
  }
}
