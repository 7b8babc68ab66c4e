// What an HTTP status that is no success says about a `tools/call`: the session is gone, the answer was lost, or the server refused it.
import * as z from 'zod';
import { AnswerLostError, HttpStatusError, SessionLostError } from './call-errors.ts';
import { headRoom, replyHead, type ExchangeReply } from './http-exchange.ts';
import type { HttpSession } from './http-tool-call.ts';
import { parseJson } from './parse-json.ts';
import type { SentBearers } from './sent-bearers.ts';
import { isSessionLoss } from './session-loss.ts';

export function refusedStatus(
  reply: ExchangeReply,
  session: HttpSession,
  { id, sent }: { id: string; sent: SentBearers },
): Error {
  const { header } = replyHead(reply);
  // Masked before it is cut to its length, which could leave the half of a bearer.
  const beginning = reply.bytes.toString('utf8', headRoom, Math.min(reply.end, headRoom + 65_536));
  const body = sent.mask(beginning).slice(0, 8_192);
  if (reply.status < 300) return new AnswerLostError(`HTTP ${reply.status} without the answer`);
  if (session.sessionId !== undefined) {
    if (isSessionLoss(reply.status, body)) return new SessionLostError(provesNotRun(body, id));
  }
  return new HttpStatusError(reply.status, body, {
    retryAfter: header('retry-after'),
    requestId: requestIdHeaders
      .map(header)
      .filter((value) => value !== undefined)
      .map((value) => sent.mask(value))[0],
  });
}

/** How Microsoft's services, their gateways and others name a request for their support. */
const requestIdHeaders = [
  'x-ms-request-id',
  'request-id',
  'x-ms-correlation-id',
  'x-correlation-id',
  'x-request-id',
  'x-azure-ref',
] as const;

const sessionErrorSchema = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }),
});

/**
 * A JSON-RPC error that speaks of the session and does not name the request says that the session was looked for and not found,
 * before anything was run. One that names the request, or speaks of something else, proves nothing.
 */
function provesNotRun(body: string, id: string): boolean {
  const refusal = sessionErrorSchema.safeParse(parseJson(body)).data;
  return refusal !== undefined && refusal.id !== id && /session/i.test(refusal.error.message);
}
