// What of the results of a run stands in its record: bounded, and without what looks like a credential.
import { redactResult } from './redact-result.ts';

/** Bytes of JSON. */
const maxStepBytes = 256 * 1024;
const maxRunBytes = 2 * 1024 * 1024;

export class RecordedResults {
  #bytes = 0;

  /** `bytes`: how large it is. What has no room is left out, and how large it was is said instead. */
  take(result: unknown, bytes: number): { result?: unknown; resultBytes?: number } {
    if (bytes > maxStepBytes || this.#bytes + bytes > maxRunBytes) return { resultBytes: bytes };
    try {
      const clean = redactResult(result);
      this.#bytes += bytes;
      return { result: clean };
    } catch {
      // Nested so deep that nothing can go through it.
      return { resultBytes: bytes };
    }
  }
}
