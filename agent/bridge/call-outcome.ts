// What a failed call means to its caller: every error of the way as one of the wire's codes. Errors inside results are in
// result-error.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { RedirectedError } from './bearer.ts';
import {
  AnswerLostError,
  HttpStatusError,
  JsonRpcError,
  NotSentError,
  NullResultError,
  SessionLostError,
} from './call-errors.ts';
import { checkBeforeRepeating, forRetry, lostOr, type CallFacts } from './call-facts.ts';
import { ReplyTooLargeError } from './http-exchange.ts';
import { rpcError } from './rpc-error.ts';
import { statusError } from './status-error.ts';

/** The RockBotError for anything that a call threw; never `retryable` when the call may have side effects. */
export function callError(error: unknown, facts: CallFacts): RockBotError {
  return forRetry(describedError(error, facts), facts);
}

/** The same for what failed before the call was sent: it was not run, so its outcome is known. */
export function unsentError(error: unknown, facts: CallFacts): RockBotError {
  return error instanceof RockBotError ? forRetry(error, facts) : callError(error, facts);
}

function describedError(error: unknown, facts: CallFacts): RockBotError {
  if (error instanceof RockBotError) return localError(error, facts);
  const { server } = facts;
  if (error instanceof NotSentError) {
    return new RockBotError({
      code: 'server_unavailable',
      message: `The server "${server}" cannot be reached (${error.message}).`,
      action: 'Check its url and whether it runs; the agent keeps trying.',
      cause: error,
    });
  }
  if (error instanceof SessionLostError && error.provesNotRun) {
    return new RockBotError({
      code: 'server_unavailable',
      message: `The server "${server}" forgets its sessions; the call was not run.`,
      action: 'Try again.',
      cause: error,
    });
  }
  if (error instanceof HttpStatusError) return statusError(error, facts);
  if (error instanceof JsonRpcError) return rpcError(error, facts);
  if (error instanceof NullResultError) {
    return lostOr(facts, error, {
      code: 'execution_failed',
      message: `The server "${server}" answered nothing: a missing permission, a policy of the tenant, a wrong path, or a timeout of its own.`,
      action: 'Check the path and the permissions of the signed-in user.',
    });
  }
  if (error instanceof ReplyTooLargeError) {
    return lostOr(facts, error, {
      code: 'payload_too_large',
      message: `The answer of "${server}" is larger than ${Math.round(error.maxBytes / 1024 / 1024)} MB.`,
      action: 'Ask for less.',
    });
  }
  if (error instanceof SessionLostError) {
    return lostOr(facts, error, {
      code: 'server_unavailable',
      message: `The server "${server}" does not know its session any more, and not whether the call was run.`,
      action: 'Try again.',
    });
  }
  if (error instanceof AnswerLostError) {
    return lostOr(facts, error, {
      code: 'server_unavailable',
      message: `The connection to "${server}" was lost before it answered (${error.message}).`,
      action: 'Try again.',
    });
  }
  return lostOr(facts, error, {
    code: 'server_unavailable',
    message: `The call of "${server}" failed on the way.`,
    action: 'Try again.',
  });
}

/** Time over or cancelled: whether the call was run is unknown. Everything else of ours was found out before sending. */
function localError(error: RockBotError, facts: CallFacts): RockBotError {
  const { code, message, action } = error;
  if (error instanceof RedirectedError && error.mayHaveRun)
    return lostOr(facts, error, { code, message, action, retryable: false });
  if (code === 'timeout') return lostOr(facts, error, { code, message, action });
  if (code !== 'cancelled' || facts.sideEffects === 'read') return error;
  return error.with({ action: checkBeforeRepeating });
}
