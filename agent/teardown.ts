// Takes down what a start has made, in reverse order: each part gets its chance to end in order, and none holds up the rest for ever.
import { abortable } from '../shared/abort.ts';
import { startDeadline } from '../shared/deadline.ts';
import type { Logger } from './logger.ts';

interface Part {
  name: string;
  end: () => Promise<void> | void;
  withinMs: number;
}

/** Milliseconds for a part that only has to let go, or to write a small file. */
const usualMs = 1_000;
/** Milliseconds that a part gets when those before it have used up all the time. */
const leastMs = 100;

export class Teardown {
  readonly #logger: Pick<Logger, 'warn' | 'error'>;
  readonly #deadlineMs: number;
  readonly #parts: Part[] = [];
  #running: Promise<void> | undefined;

  /** `deadlineMs`: for all parts together. */
  constructor({ logger, deadlineMs }: { logger: Pick<Logger, 'warn' | 'error'>; deadlineMs: number }) {
    this.#logger = logger;
    this.#deadlineMs = deadlineMs;
  }

  /** To be ended before everything that was added earlier. `withinMs`: after which the next one is ended all the same. */
  add(name: string, end: Part['end'], { withinMs = usualMs }: { withinMs?: number } = {}): void {
    this.#parts.push({ name, end, withinMs });
  }

  /** Idempotent; never rejects. */
  run(): Promise<void> {
    this.#running ??= this.#endAll();
    return this.#running;
  }

  async #endAll(): Promise<void> {
    const deadline = performance.now() + this.#deadlineMs;
    for (let part = this.#parts.pop(); part !== undefined; part = this.#parts.pop()) {
      const left = Math.max(leastMs, deadline - performance.now());
      await this.#end(part, Math.min(part.withinMs, left));
    }
  }

  async #end({ name, end }: Part, ms: number): Promise<void> {
    const late = new Error(`It took more than ${Math.round(ms)} ms.`);
    using time = startDeadline(ms, { reason: () => late });
    try {
      await abortable(Promise.resolve(end()), time.signal);
    } catch (error) {
      if (error === late)
        this.#logger.warn('A part of the agent takes long to stop and is left behind.', { part: name });
      else this.#logger.error('A part of the agent did not stop cleanly.', { part: name, error });
    }
  }
}
