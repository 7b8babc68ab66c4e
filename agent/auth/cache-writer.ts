// Keeps the cache file up to date: a failed write is reported once and tried again until it succeeds. It knows no MSAL.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { CacheEnvelope } from './cache-envelope.ts';

export interface CacheWriterOptions {
  save: (envelope: CacheEnvelope) => Promise<void>;
  /** What to write now; asked again at each try, so that a late retry never writes an older state. */
  current: () => CacheEnvelope;
  onFailed: (code: string) => void;
  onRecovered: () => void;
  clock: Clock;
  backoff: { baseMs: number; maxMs: number };
  closing: AbortSignal;
}

export class CacheWriter {
  readonly #options: CacheWriterOptions;
  readonly #queue = new SerialQueue();
  #retrying: Promise<void> | undefined;

  constructor(options: CacheWriterOptions) {
    this.#options = options;
  }

  /** Resolves when the current envelope is on disk, or when that failed and is being tried again in the background. */
  async write(): Promise<void> {
    try {
      await this.#saveCurrent();
      this.#options.onRecovered();
    } catch (error) {
      this.#options.onFailed((error as NodeJS.ErrnoException).code ?? 'unknown');
      this.#retrying ??= this.#retry();
    }
  }

  /**
   * Runs a change of what is current together with its own write, so that no write of this class comes between them and
   * brings back what was replaced.
   */
  exclusive<T>(change: () => Promise<T>): Promise<T> {
    return this.#queue.run(change);
  }

  /** Resolves when nothing is being written any more; once `closing` has aborted, after the last try. */
  async idle(): Promise<void> {
    await this.#queue.idle();
    await this.#retrying;
  }

  #saveCurrent(): Promise<void> {
    return this.#queue.run(() => this.#options.save(this.#options.current()));
  }

  /** The last try is at the end: the agent may be told to stop just when the volume is back. */
  async #retry(): Promise<void> {
    const { clock, backoff, closing } = this.#options;
    for (let attempt = 0, isLast = false; !isLast; attempt++) {
      await clock.sleep(backoffDelay(attempt, backoff), closing).catch(() => undefined);
      isLast = closing.aborted;
      try {
        await this.#saveCurrent();
        this.#retrying = undefined;
        this.#options.onRecovered();
        return;
      } catch {
        // The failure was reported when it began; its end will be reported too.
      }
    }
  }
}
