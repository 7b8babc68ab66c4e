// Counts a result as held until the bus has sent it. It knows of the bus only how to ask for that.
import { endedWithin } from '../../shared/deadline.ts';
import type { CompletedCall } from './run-call.ts';

/** Results up to this many bytes are not worth a question to the bus. */
const smallBytes = 64 * 1024;
/** Milliseconds; a bus that is away must not hold up other answers for longer. */
const longestMs = 30_000;

/**
 * To be called in the turn in which the result goes to whoever sends or reads it. `sent` resolves when everything that the bus was
 * given has gone.
 */
export function releaseWhenSent({ json, release }: CompletedCall, sent: () => Promise<void>): void {
  if (json.to - json.from <= smallBytes) {
    release();
    return;
  }
  // By then the reply was given to the bus.
  setImmediate(() => {
    void endedWithin(longestMs, sent()).then(release);
  });
}
