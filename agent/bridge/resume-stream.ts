// Takes up the event stream of a request that ended before the answer came: from its last event on, which a server allows by
// giving events ids. The request itself is not sent again. Sources: MCP 2025-11-25, basic/transports, "Resumability and
// Redelivery", and its rule that a server may end a stream to be asked again later.
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { AnswerLostError, NotSentError } from './call-errors.ts';
import type { ExchangeReply, StreamPosition } from './http-exchange.ts';

export interface ResumeStreamOptions {
  position: StreamPosition;
  /** Bounds it all: a server may end a stream as often as it likes. */
  signal: AbortSignal;
  /** True once the answer came. */
  isDone: () => boolean;
  /** Asks for the events after that one; resolves when their stream has ended or the answer came. */
  get: (lastEventId: string) => Promise<ExchangeReply>;
}

/** Milliseconds, where the server names no time. */
const defaultDelayMs = 1_000;
const shortestDelayMs = 100;
/** Further tries in a row that get no stream or nothing new from it. */
const maxFailures = 2;

/**
 * Resolves when the answer came. Throws AnswerLostError when the stream cannot be taken up, ReplyTooLargeError, or the signal's
 * reason.
 */
export async function resumeStream({ position, signal, isDone, get }: ResumeStreamOptions): Promise<void> {
  let failures = 0;
  while (!isDone()) {
    const { lastEventId, retryMs = defaultDelayMs } = position;
    if (lastEventId === undefined) throw new AnswerLostError('The event stream ended without the answer.');
    await systemClock.sleep(Math.max(retryMs, shortestDelayMs), signal);
    try {
      checkStream(await get(lastEventId));
      failures = 0;
    } catch (error) {
      if (signal.aborted) throw signal.reason;
      // Whatever keeps the agent from asking again, the request itself was sent.
      if (error instanceof RockBotError) throw new AnswerLostError(error.message, { cause: error });
      const mayPass = error instanceof NotSentError || error instanceof AnswerLostError;
      failures = position.lastEventId === lastEventId ? failures + 1 : 0;
      if (!mayPass || failures > maxFailures) throw error instanceof NotSentError ? lost(error) : error;
    }
  }
}

/** Throws for an answer that is no event stream: AnswerLostError for one that may be another the next time. */
function checkStream({ isEventStream, status }: ExchangeReply): void {
  if (isEventStream) return;
  const what = `The event stream ended without the answer and cannot be taken up again (HTTP ${status}).`;
  if (status === 429 || status >= 500) throw new AnswerLostError(what);
  throw new RockBotError({ code: 'server_unavailable', message: what });
}

function lost(error: Error): AnswerLostError {
  return new AnswerLostError(`The event stream ended without the answer (${error.message}).`, { cause: error });
}
