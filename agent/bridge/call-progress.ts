// What a call's caller is told while it runs: what the server says of its progress, as it may go out over the bus to everybody, and
// what the agent itself waits for. It knows no bus.
import { plainLine } from '../../shared/plain-text.ts';

export interface Progress {
  progress: number;
  total?: number | undefined;
  message?: string | undefined;
}

export interface CallProgressOptions {
  /** Undefined when nobody listens. */
  onProgress: ((progress: Progress) => void) | undefined;
  /** Takes out what variables brought into the server's entry (promise P6). */
  mask: (text: string) => string;
}

/** Characters. */
const longestMessage = 300;
/** Milliseconds; of a shorter wait nobody needs to hear. */
const shortWaitMs = 500;

export class CallProgress {
  readonly #onProgress: CallProgressOptions['onProgress'];
  readonly #mask: CallProgressOptions['mask'];
  /** As the server told it last: what the agent tells beside it makes no progress. */
  #progress = 0;
  #isWaiting = false;

  constructor({ onProgress, mask }: CallProgressOptions) {
    this.#onProgress = onProgress;
    this.#mask = mask;
  }

  /** For what the server says; undefined when nobody listens. */
  get ofServer(): ((progress: Progress) => void) | undefined {
    const onProgress = this.#onProgress;
    if (onProgress === undefined) return undefined;
    return ({ progress, total, message }) => {
      this.#progress = progress;
      this.#isWaiting = false;
      onProgress({
        progress,
        ...(total !== undefined && { total }),
        ...(message !== undefined && { message: plainLine(this.#mask(message), longestMessage) }),
      });
    };
  }

  waitsFor(message: string): void {
    this.#isWaiting = true;
    this.#onProgress?.({ progress: this.#progress, message });
  }

  /** It waits no longer: takes the words back, which would stand there for the rest of the call. */
  goesOn(): void {
    if (!this.#isWaiting) return;
    this.#isWaiting = false;
    this.#onProgress?.({ progress: this.#progress });
  }

  /** The same when it takes long; returns what ends the wait. */
  waitsForSoon(message: () => string): () => void {
    const timer = setTimeout(() => {
      this.waitsFor(message());
    }, shortWaitMs);
    return () => {
      clearTimeout(timer);
      this.goesOn();
    };
  }
}
