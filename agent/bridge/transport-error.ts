// What undici threw instead of a whole reply, as what it says about whether the request was run.
import { AnswerLostError, NotSentError } from './call-errors.ts';
import { ReplyTooLargeError } from './http-exchange.ts';

const notSentCodes = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** The signal's reason when it has aborted; NotSentError, AnswerLostError or ReplyTooLargeError. */
export function transportError(error: unknown, signal: AbortSignal): Error {
  if (signal.aborted) return signal.reason as Error;
  if (error instanceof ReplyTooLargeError) return error;
  const code = (error as { code?: unknown } | null)?.code;
  const text = typeof code === 'string' ? code : 'connection lost';
  const isNotSent =
    typeof code === 'string' &&
    (notSentCodes.has(code) || /CERT|SELF_SIGNED|UNABLE_TO_|WRONG_VERSION_NUMBER/.test(code));
  return isNotSent ? new NotSentError(text, { cause: error }) : new AnswerLostError(text, { cause: error });
}
