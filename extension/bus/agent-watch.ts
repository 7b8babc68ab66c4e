// Looks from time to time whether the agent is still there while something is waited for; it knows neither NATS nor calls.
import { BusUnreachableError } from './bus-unreachable.ts';

export interface AgentWatchOptions {
  /** Milliseconds between looks, and for one answer. */
  intervalMs?: number | undefined;
  /** While the bus is away nothing can be said about the agent. */
  isBusThere: () => boolean;
  /** Rejects with BusUnreachableError when nobody answers. */
  ask: (timeoutMs: number) => Promise<unknown>;
  /** Called once, after two looks in a row without an answer. */
  onGone: () => void;
}

const defaultIntervalMs = 10_000;
/** One look may fall into a moment in which the agent is busy or reconnects. */
const missesUntilGone = 2;

export class AgentWatch {
  readonly #options: AgentWatchOptions;
  readonly #intervalMs: number;
  #misses = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #isClosed = false;

  constructor(options: AgentWatchOptions) {
    this.#options = options;
    this.#intervalMs = options.intervalMs ?? defaultIntervalMs;
    this.#lookLater();
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#timer);
  }

  #lookLater(): void {
    this.#timer = setTimeout(() => void this.#look(), this.#intervalMs);
  }

  async #look(): Promise<void> {
    const { ask, isBusThere, onGone } = this.#options;
    this.#misses = isBusThere() && (await isMissed(ask, this.#intervalMs)) && isBusThere() ? this.#misses + 1 : 0;
    if (this.#isClosed) return;
    if (this.#misses < missesUntilGone) this.#lookLater();
    else onGone();
  }
}

/** A refusal, by the agent or by the bus, does not say that the agent is gone. */
async function isMissed(ask: AgentWatchOptions['ask'], timeoutMs: number): Promise<boolean> {
  try {
    await ask(timeoutMs);
    return false;
  } catch (error) {
    return error instanceof BusUnreachableError;
  }
}
