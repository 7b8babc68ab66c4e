// Results of calls while this window is open, bounded in number and size; they are never written anywhere.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { maxCalls } from './activity-log.ts';

interface Kept {
  event: ToolResultEvent;
  bytes: number;
}

/** What an entry takes beside its result, roughly. */
const entryBytes = 500;

export class ResultStore {
  readonly #kept = new Map<string, Kept>();
  readonly #maxBytes: number;
  #bytes = 0;

  constructor({ maxBytes }: { maxBytes: number }) {
    this.#maxBytes = maxBytes;
  }

  /** An event without its result does not replace the same one with it. */
  put(event: ToolResultEvent): void {
    const known = this.#kept.get(event.callId);
    if (known?.event.result !== undefined && event.result === undefined) return;
    this.#delete(event.callId);
    const bytes = entryBytes + (event.result === undefined ? 0 : JSON.stringify(event.result).length);
    this.#kept.set(event.callId, { event, bytes });
    this.#bytes += bytes;
    // The newest one is kept whatever its size: somebody is about to look at it.
    for (const callId of this.#kept.keys()) {
      const fits = this.#bytes <= this.#maxBytes && this.#kept.size <= maxCalls;
      if (fits || callId === event.callId) break;
      this.#delete(callId);
    }
  }

  get(callId: string): ToolResultEvent | undefined {
    return this.#kept.get(callId)?.event;
  }

  /** The one that was put last. */
  get newest(): ToolResultEvent | undefined {
    return [...this.#kept.values()].at(-1)?.event;
  }

  clear(): void {
    this.#kept.clear();
    this.#bytes = 0;
  }

  #delete(callId: string): void {
    const known = this.#kept.get(callId);
    if (known === undefined) return;
    this.#kept.delete(callId);
    this.#bytes -= known.bytes;
  }
}
