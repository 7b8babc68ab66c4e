// Runs work for a file once it has been quiet for a while; each file has its own wait.

export class DebouncedByUri {
  readonly #waiting = new Map<string, NodeJS.Timeout>();
  readonly #work: (uri: string) => void;

  constructor(work: (uri: string) => void) {
    this.#work = work;
  }

  /** What waits for this file is put off. */
  schedule(uri: string, { delayMs }: { delayMs: number }): void {
    this.cancel(uri);
    const timer = setTimeout(() => {
      this.#waiting.delete(uri);
      this.#work(uri);
    }, delayMs);
    this.#waiting.set(uri, timer);
  }

  cancel(uri: string): void {
    clearTimeout(this.#waiting.get(uri));
    this.#waiting.delete(uri);
  }
}
