// Lets what a person asks for right after the start wait for the first connection and the agent's first word. It knows no window.
import type { ConnectionState } from './connection-state.ts';

export interface FirstWordOptions {
  state: () => Pick<ConnectionState, 'bus' | 'agent'>;
  /** Milliseconds that one wait lasts at most. */
  withinMs?: number;
}

const patienceMs = 10_000;

export class FirstWord {
  readonly #options: FirstWordOptions;
  readonly #waiting = new Set<() => void>();
  /** The settings are read, and a local agent of last time is looked for. */
  #isStarting = true;

  constructor(options: FirstWordOptions) {
    this.#options = options;
  }

  /** Nothing is known yet of the bus or the agent, and will be in a moment. */
  get isComing(): boolean {
    const { bus, agent } = this.#options.state();
    if (bus.kind === 'none') return this.#isStarting && bus.problem === undefined;
    return bus.kind === 'connecting' || (bus.kind === 'online' && agent.kind === 'unknown');
  }

  /** Resolves when something is known, after a while, and with the signal. */
  async wait(signal?: AbortSignal): Promise<void> {
    if (!this.isComing || signal?.aborted === true) return;
    await new Promise<void>((resolve) => {
      const end = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', end);
        this.#waiting.delete(end);
        resolve();
      };
      const timer = setTimeout(end, this.#options.withinMs ?? patienceMs);
      signal?.addEventListener('abort', end);
      this.#waiting.add(end);
    });
  }

  /** What there is to connect to at the start is connected to. */
  started(): void {
    this.#isStarting = false;
    this.changed();
  }

  /** To be told of every state of the connection. */
  changed(): void {
    if (!this.isComing) this.dispose();
  }

  dispose(): void {
    for (const end of this.#waiting) end();
  }
}
