// Keeps the calls of the activity view over reloads, without arguments and results; bounded, and written seldom.
import * as z from 'zod';
import { callSchema, type Call } from './activity-log.ts';

export interface Memory {
  get(key: string): unknown;
  update(key: string, value: unknown): PromiseLike<void>;
}

const memoryKey = 'rockbot.activity';
const keptCalls = 200;
const writeDelayMs = 1_000;

export class ActivityMemory {
  readonly #memory: Memory;
  #timer: NodeJS.Timeout | undefined;
  #latest: readonly Call[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  /** Whatever cannot be read is left out; a call that ran then was not heard of since. */
  load(): Call[] {
    const stored = z.array(z.unknown()).catch([]).parse(this.#memory.get(memoryKey));
    return stored.flatMap((entry) => {
      const call = callSchema.safeParse(entry);
      return call.success ? [call.data] : [];
    });
  }

  save(calls: readonly Call[]): void {
    this.#latest = calls;
    this.#timer ??= setTimeout(() => void this.flush(), writeDelayMs);
  }

  async flush(): Promise<void> {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    await this.#memory.update(memoryKey, this.#latest.slice(0, keptCalls));
  }
}
