// One run at a time per key; callers that come meanwhile share its outcome.

export class SingleFlight<T> {
  readonly #running = new Map<string, Promise<T>>();

  run(key: string, start: () => Promise<T>): Promise<T> {
    const running = this.#running.get(key);
    if (running !== undefined) return running;
    const fresh = start().finally(() => this.#running.delete(key));
    this.#running.set(key, fresh);
    return fresh;
  }
}
