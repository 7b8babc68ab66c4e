// One run at a time that whoever comes meanwhile shares and that anyone may end; it does not know what runs.

export class AbortableFlight<T> {
  #running: { outcome: Promise<T>; ending: AbortController } | undefined;

  /** Shares the run that is under way, or starts one; after one that is being ended it starts anew. */
  run(start: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running !== undefined) {
      const { outcome, ending } = this.#running;
      if (!ending.signal.aborted) return outcome;
      const again = (): Promise<T> => this.run(start);
      return outcome.then(again, again);
    }
    const ending = new AbortController();
    const outcome = start(ending.signal).finally(() => (this.#running = undefined));
    this.#running = { outcome, ending };
    return outcome;
  }

  /** Resolves when the run under way has settled, with whatever outcome; false when there was none. */
  async abort(reason: Error): Promise<boolean> {
    if (this.#running === undefined) return false;
    const { outcome, ending } = this.#running;
    ending.abort(reason);
    await outcome.catch(() => undefined);
    return true;
  }
}
