// Runs a task whenever it is due, for as long as the agent lives; what is due when is said by whoever made it.
import type { Clock } from '../../shared/clock.ts';

export interface KeepAliveOptions {
  /** Milliseconds until the task is due, or undefined while there is nothing to do; asked anew after each run and wake. */
  delayMs: () => number | undefined;
  run: () => Promise<void>;
  clock: Clock;
  closing: AbortSignal;
}

export class KeepAlive {
  readonly #options: KeepAliveOptions;
  #sleeping = new AbortController();

  constructor(options: KeepAliveOptions) {
    this.#options = options;
  }

  /** Ends the present sleep: what is due may have changed. */
  wake(): void {
    this.#sleeping.abort();
  }

  async start(): Promise<void> {
    const { delayMs, run, clock, closing } = this.#options;
    while (!closing.aborted) {
      this.#sleeping = new AbortController();
      const delay = delayMs();
      const slept = await clock.sleep(delay ?? Number.MAX_SAFE_INTEGER, this.#sleeping.signal).then(
        () => true,
        () => false,
      );
      if (slept && delay !== undefined) await run();
    }
  }
}
