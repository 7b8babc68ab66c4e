// Who pays for a request out of a budget per caller.
import type { RequestContext } from '../bus/answer-request.ts';

/** An inbox prefix of its own is tied to a user by the bus's permissions; the source is only what a caller says of itself. */
export function payerOf({ inbox, source }: Pick<RequestContext, 'inbox' | 'source'>): string {
  return inbox.startsWith('_INBOX_') ? inbox : source;
}
