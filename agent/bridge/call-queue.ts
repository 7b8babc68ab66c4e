// Lets a bounded number of calls of one server run at a time and a bounded number wait for their turn, in order. It knows no call.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export interface CallQueueOptions {
  server: string;
  /** How many run at a time. */
  concurrent: number;
  /** How many wait; further ones are refused. */
  queued: number;
}

export class CallQueue {
  readonly #options: CallQueueOptions;
  /** In the order in which they came; a call that gave up has left. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(options: CallQueueOptions) {
    this.#options = options;
  }

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Throws RockBotError `throttled` when too many wait already, or the signal's reason while waiting. */
  async run<T>(task: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#running >= this.#options.concurrent) await this.#turn(signal);
    else this.#running++;
    try {
      return await task();
    } finally {
      this.#leave();
    }
  }

  /** The one that leaves hands its place on, so that nobody who comes meanwhile can take it. */
  #leave(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running--;
      return;
    }
    this.#waiting.delete(next);
    next();
  }

  #turn(signal: AbortSignal): Promise<void> {
    const { server, concurrent, queued } = this.#options;
    if (this.#waiting.size >= queued) {
      throw new RockBotError({
        code: 'throttled',
        message: `${concurrent} calls of "${server}" are running and ${queued} are waiting; this one was not sent.`,
        action: 'Try again later, or raise "limits" of the server in mcp.json.',
        retryAfterMs: 1_000,
      });
    }
    return new Promise((resolve, reject) => {
      const giveUp = (): void => {
        this.#waiting.delete(start);
        reject(signal.reason as Error);
      };
      const start = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve();
      };
      if (signal.aborted) {
        reject(signal.reason as Error);
        return;
      }
      this.#waiting.add(start);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }
}
