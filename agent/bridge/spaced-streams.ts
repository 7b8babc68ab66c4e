// Keeps the SDK's transports from opening their event stream again in a rush: how long they wait is the server's word, which may be
// no time at all, and they never give up. It knows no transport.
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { systemClock } from '../../shared/clock.ts';

/** Milliseconds between two requests for a stream. */
const spacingMs = 500;

export function spacedStreams(fetch: FetchLike): FetchLike {
  let earliest = 0;
  return async (url, init) => {
    if ((init?.method ?? 'GET') !== 'GET') return fetch(url, init);
    const now = performance.now();
    const at = Math.max(now, earliest);
    earliest = at + spacingMs;
    if (at > now) await systemClock.sleep(at - now, init?.signal ?? undefined);
    return fetch(url, init);
  };
}
