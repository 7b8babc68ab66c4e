// Lets what a new window asks of its agent wait until the agent is heard, for a while from the start on. It knows no window.

export interface ConnectionWaitOptions {
  isOnline: () => boolean;
  /** Milliseconds from now; afterwards nobody waits any more. */
  withinMs: number;
}

export class ConnectionWait {
  readonly #isOnline: () => boolean;
  readonly #timer: NodeJS.Timeout;
  readonly #waiting = new Set<() => void>();
  #isOver = false;

  constructor({ isOnline, withinMs }: ConnectionWaitOptions) {
    this.#isOnline = isOnline;
    this.#timer = setTimeout(() => this.dispose(), withinMs);
  }

  /** Resolves when the agent is heard, and at the latest when the while is over or this is disposed of. */
  async connected(): Promise<void> {
    if (this.#isOver || this.#isOnline()) return;
    await new Promise<void>((resolve) => this.#waiting.add(resolve));
  }

  /** To be told when the agent is heard. */
  online(): void {
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  dispose(): void {
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.online();
  }
}
