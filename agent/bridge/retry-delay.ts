// Whether and when a call that failed is sent once more by the agent itself, within the time that it has.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { HttpStatusError, JsonRpcError } from './call-errors.ts';

/** Sendings of one call at most, with the first. */
const maxAttempts = 4;
/** Milliseconds between sendings at least, also where the server says 0. */
const shortestMs = 100;

export interface RetryFacts {
  sideEffects: 'read' | 'write';
  /** Sendings so far, from 1. */
  attempt: number;
  /** Milliseconds that the call has left. */
  leftMs: number;
}

/**
 * Milliseconds to wait before the call is sent again; undefined when it is not. A server that says when to come back is taken
 * at its word; what Entra says of a token is for whoever asks Entra. A possible write goes out again only after HTTP 429, which
 * says that it was not run (promise P10).
 */
export function retryDelay(error: RockBotError, { sideEffects, attempt, leftMs }: RetryFacts): number | undefined {
  const { code, retryAfterMs } = error;
  if (attempt >= maxAttempts || retryAfterMs === undefined) return undefined;
  if (code !== 'throttled' && code !== 'server_unavailable') return undefined;
  const answer = answerOf(error);
  const mayRepeat = sideEffects === 'write' ? isTurnedAway(answer) : error.retryable && answer !== undefined;
  const delay = Math.max(retryAfterMs, shortestMs);
  return mayRepeat && delay < leftMs ? delay : undefined;
}

/** What the server itself answered: a status, a JSON-RPC error, or a result. */
function answerOf(error: RockBotError): unknown {
  let current: unknown = error;
  for (let depth = 0; depth < 5 && current instanceof Error; depth++) {
    if (current instanceof HttpStatusError || current instanceof JsonRpcError) return current;
    if (current instanceof RockBotError && current.result !== undefined) return current.result;
    current = current.cause;
  }
  return undefined;
}

function isTurnedAway(answer: unknown): boolean {
  return answer instanceof HttpStatusError && answer.status === 429;
}
