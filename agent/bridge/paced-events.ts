// Keeps a server that sends messages of its own without end from taking the whole process: what comes faster waits in its
// connection. It knows no message.

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
/** Milliseconds that one chunk may hold up the next, however many lines it had. */
const longestWaitMs = 10_000;

export interface Pace {
  /** Line ends that may come at once; an event has two or three. */
  burst: number;
  /** Line ends a second after that. */
  perSecond: number;
}

export function pacedEvents({ burst, perSecond }: Pace): TransformStream<Uint8Array, Uint8Array> {
  let left = burst;
  let at = performance.now();
  return new TransformStream({
    async transform(chunk, controller) {
      const now = performance.now();
      left = Math.min(burst, left + ((now - at) / 1_000) * perSecond) - lineEnds(chunk);
      at = now;
      controller.enqueue(chunk);
      if (left >= 0) return;
      const waitMs = Math.min((-left / perSecond) * 1_000, longestWaitMs);
      await new Promise((resolve) => setTimeout(resolve, waitMs).unref());
    },
  });
}

function lineEnds(chunk: Uint8Array): number {
  let count = 0;
  for (const byte of chunk) if (byte === lineFeed || byte === carriageReturn) count++;
  return count;
}
