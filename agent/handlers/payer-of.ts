// Who pays for a request out of a budget per caller.
import type { RequestContext } from '../bus/answer-request.ts';

/**
 * Neither is proof: the source is what a caller says of itself, and nats-server does not check where a request wants its reply. An
 * inbox of another's costs the caller the answer at least.
 */
export function payerOf({ inbox, source }: Pick<RequestContext, 'inbox' | 'source'>): string {
  return inbox.startsWith('_INBOX_') ? inbox : source;
}
