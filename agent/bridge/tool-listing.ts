// When the tools of a server are listed again: not in a rush, one list after the other, so that an older one never takes the place of
// a newer one. It knows no server.
import { abortable } from '../../shared/abort.ts';
import type { Clock } from '../../shared/clock.ts';

export interface ToolListingOptions {
  clock: Clock;
  /** Asks the server and keeps what it says. */
  list: () => Promise<void>;
}

/** Milliseconds in which further `list_changed` notifications are taken together. */
const togetherMs = 100;
/** Milliseconds between two lists, other than those that a person asks for. */
const spacingMs = 500;

export class ToolListing {
  readonly #options: ToolListingOptions;
  readonly #closing = new AbortController();
  #running: Promise<void> | undefined;
  /** The one after the running one, for everybody who came meanwhile. */
  #next: Promise<void> | undefined;
  /** The one that waits for its time. */
  #planned: Promise<void> | undefined;
  #lastAt = -Infinity;

  constructor(options: ToolListingOptions) {
    this.#options = options;
  }

  /** They were listed just now, with a new session. */
  listed(): void {
    this.#lastAt = this.#options.clock.now();
  }

  /** The server says that they have changed. */
  changed(): void {
    void this.#plan(togetherMs);
  }

  /** Somebody misses one: all who do within a moment ask together. Rejects as `list` does, or with the signal's reason. */
  missed(signal: AbortSignal): Promise<void> {
    return abortable(this.#plan(0), signal);
  }

  /** Lists what there is from now on. Rejects as `list` does, or with the signal's reason. */
  anew(signal: AbortSignal): Promise<void> {
    return abortable(this.#afterRunning(), signal);
  }

  close(): void {
    this.#closing.abort(new Error('The server is closed.'));
  }

  #plan(delayMs: number): Promise<void> {
    const { clock } = this.#options;
    // A clock that was set back does not make it longer.
    const untilMs = Math.min(Math.max(delayMs, this.#lastAt + spacingMs - clock.now()), spacingMs);
    this.#planned ??= watched(
      clock.sleep(untilMs, this.#closing.signal).then(
        () => {
          this.#planned = undefined;
          return this.#afterRunning();
        },
        (error: unknown) => {
          this.#planned = undefined;
          throw error;
        },
      ),
    );
    return this.#planned;
  }

  /** A list that runs may have been asked for before the change that the caller knows of. */
  #afterRunning(): Promise<void> {
    if (this.#running === undefined) return this.#run();
    this.#next ??= watched(
      this.#running
        .catch(() => undefined)
        .then(() => {
          this.#next = undefined;
          return this.#run();
        }),
    );
    return this.#next;
  }

  #run(): Promise<void> {
    this.#lastAt = this.#options.clock.now();
    const running = this.#options.list().finally(() => {
      this.#running = undefined;
    });
    this.#running = running;
    return watched(running);
  }
}

/** Nobody may be left who waits for it. */
function watched(listing: Promise<void>): Promise<void> {
  listing.catch(() => undefined);
  return listing;
}
