// At most so many at a time, others wait in the order they came.

export class RunSlots {
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(count: number) {
    this.#free = count;
  }

  /** Resolves with what gives the slot back. Rejects with the signal's reason. */
  async take(signal: AbortSignal): Promise<() => void> {
    signal.throwIfAborted();
    if (this.#free > 0) this.#free--;
    else
      await new Promise<void>((resolve, reject) => {
        const onAbort = (): void => {
          this.#waiting.splice(this.#waiting.indexOf(mine), 1);
          reject(signal.reason as Error);
        };
        const mine = (): void => {
          signal.removeEventListener('abort', onAbort);
          resolve();
        };
        this.#waiting.push(mine);
        signal.addEventListener('abort', onAbort, { once: true });
      });
    let isGiven = false;
    return () => {
      if (isGiven) return;
      isGiven = true;
      const next = this.#waiting.shift();
      if (next === undefined) this.#free++;
      else next();
    };
  }
}
