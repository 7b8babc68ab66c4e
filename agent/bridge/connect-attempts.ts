// One try after the other to open a session: a later one ends the one before, whoever waits goes on with it, and the end leaves none
// behind. It knows neither servers nor their states.
import { abortable } from '../../shared/abort.ts';
import type { Clock } from '../../shared/clock.ts';

export interface ConnectAttemptsOptions<Opened> {
  clock: Clock;
  open: (signal: AbortSignal) => Promise<Opened>;
  onOpened: (opened: Opened) => void;
  onFailed: (error: unknown) => void;
  /** Closes what was opened too late. */
  discard: (opened: Opened) => Promise<void>;
}

export class ConnectAttempts<Opened> {
  readonly #options: ConnectAttemptsOptions<Opened>;
  #current: { ended: Promise<void>; controller: AbortController } | undefined;
  /** Those that have not ended yet, also when they were told to. */
  readonly #ending = new Set<Promise<void>>();
  /** Ends the wait for the next try. */
  #waiting: AbortController | undefined;
  #lastAt = 0;

  constructor(options: ConnectAttemptsOptions<Opened>) {
    this.#options = options;
  }

  /** Milliseconds since the last one began. */
  get sinceLastMs(): number {
    return this.#options.clock.now() - this.#lastAt;
  }

  start(): void {
    this.stopWaiting();
    this.stop();
    this.#lastAt = this.#options.clock.now();
    const controller = new AbortController();
    const done = this.#run(controller.signal).finally(() => this.#ending.delete(done));
    this.#ending.add(done);
    // Whoever waits goes on at once when it is told to end.
    this.#current = { ended: abortable(done, controller.signal).catch(() => undefined), controller };
  }

  /** Ends the one under way; nobody hears of its outcome. */
  stop(): void {
    this.#current?.controller.abort(new Error('Another connect takes its place, or none is wanted any more.'));
    this.#current = undefined;
  }

  /** Waits for the one under way, and for the one that took its place. Throws the signal's reason. */
  async settled(signal: AbortSignal): Promise<void> {
    while (this.#current !== undefined) await abortable(this.#current.ended, signal);
  }

  /** Calls `retry` after a while, unless one is started before. */
  retryAfter(delayMs: number, retry: () => void): void {
    this.stopWaiting();
    const waiting = new AbortController();
    this.#waiting = waiting;
    this.#options.clock.sleep(delayMs, waiting.signal).then(retry, () => undefined);
  }

  stopWaiting(): void {
    this.#waiting?.abort();
  }

  /** Resolves when the last one has ended. */
  async close(): Promise<void> {
    this.stopWaiting();
    this.stop();
    await Promise.all(this.#ending);
  }

  async #run(signal: AbortSignal): Promise<void> {
    const { open, onOpened, onFailed, discard } = this.#options;
    let opened: Opened;
    try {
      opened = await open(signal);
    } catch (error) {
      if (signal.aborted) return;
      this.#current = undefined;
      onFailed(error);
      return;
    }
    if (signal.aborted) {
      await discard(opened);
      return;
    }
    this.#current = undefined;
    onOpened(opened);
  }
}
