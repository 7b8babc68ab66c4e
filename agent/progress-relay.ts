// Passes the progress of one call on at a bounded rate: of what comes faster, the last is told. It knows no bus.

/** Milliseconds between two that are told. */
export const progressIntervalMs = 100;

export class ProgressRelay<Progress> {
  readonly #publish: (progress: Progress) => void;
  #latest: { progress: Progress } | undefined;
  #pause: ReturnType<typeof setTimeout> | undefined;
  #hasEnded = false;

  constructor(publish: (progress: Progress) => void) {
    this.#publish = publish;
  }

  tell(progress: Progress): void {
    if (this.#hasEnded) return;
    this.#latest = { progress };
    if (this.#pause === undefined) this.#tellLatest();
  }

  /** The last one is told in any case; what comes later belongs to no running call. */
  end(): void {
    this.#hasEnded = true;
    clearTimeout(this.#pause);
    if (this.#latest !== undefined) this.#publish(this.#latest.progress);
    this.#latest = undefined;
  }

  #tellLatest(): void {
    const latest = this.#latest;
    this.#latest = undefined;
    this.#pause = undefined;
    if (latest === undefined) return;
    this.#pause = setTimeout(() => {
      this.#tellLatest();
    }, progressIntervalMs);
    this.#publish(latest.progress);
  }
}
