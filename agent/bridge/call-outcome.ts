// What a failed call means to its caller: every error of the way as one of the wire's codes. Errors inside results are in
// result-error.
import * as z from 'zod';
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';
import { parseRetryAfter } from '../../shared/retry-after.ts';
import {
  AnswerLostError,
  HttpStatusError,
  JsonRpcError,
  NotSentError,
  NullResultError,
  SessionLostError,
} from './call-errors.ts';
import { ReplyTooLargeError } from './http-post.ts';
import { parseJson } from './parse-json.ts';
import { saidText } from './said-text.ts';

export interface CallFacts {
  server: string;
  tool: string;
  sideEffects: 'read' | 'write';
}

export const checkBeforeRepeating = 'Look whether it took effect before you do it again.';

/** The RockBotError for anything that a call threw; never `retryable` when the call may have side effects. */
export function callError(error: unknown, facts: CallFacts): RockBotError {
  return forRetry(describedError(error, facts), facts);
}

/** The same for what failed before the call was sent: it was not run, so its outcome is known. */
export function unsentError(error: unknown, facts: CallFacts): RockBotError {
  return error instanceof RockBotError ? forRetry(error, facts) : callError(error, facts);
}

/** Only what cannot have side effects may be sent again by a program (promise P10). */
export function forRetry(error: RockBotError, { sideEffects }: CallFacts): RockBotError {
  if (sideEffects === 'read' || !error.retryable) return error;
  const { code, message, action, reason, retryAfterMs, requestId, result } = error;
  return new RockBotError({
    code,
    message,
    action,
    reason,
    retryAfterMs,
    requestId,
    result,
    retryable: false,
    cause: error,
  });
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
      message: `The answer of "${server}" is larger than 64 MB.`,
      action: 'Ask for less.',
    });
  }
  if (error instanceof SessionLostError) {
    return lostOr(facts, error, {
      code: 'server_unavailable',
      message: `The server "${server}" answered HTTP 404, which does not say whether the call was run.`,
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
  if (code === 'timeout') return lostOr(facts, error, { code, message, action });
  if (code !== 'cancelled' || facts.sideEffects === 'read') return error;
  return new RockBotError({ code, message, action: checkBeforeRepeating, cause: error });
}

/** `read` as described; a possible write may have taken effect, so that it is `outcome_unknown`. */
function lostOr({ sideEffects, server, tool }: CallFacts, cause: unknown, read: RockBotErrorOptions): RockBotError {
  if (sideEffects === 'read') return new RockBotError({ ...read, cause });
  return new RockBotError({
    code: 'outcome_unknown',
    message: `The answer of "${server}" to "${tool}" was lost: ${read.message}`,
    action: checkBeforeRepeating,
    cause,
  });
}

function statusError(error: HttpStatusError, facts: CallFacts): RockBotError {
  const { status, requestId } = error;
  const { server } = facts;
  const said = saidIn(error.body);
  const detail = asDetail(said);
  const base = { requestId, cause: error };
  if (status === 401) {
    return new RockBotError({
      ...base,
      code: 'auth_required',
      message: `The server "${server}" wants a sign-in${detail}.`,
      action: `Give its entry in mcp.json "auth": { "profile": … }, or correct its headers.`,
    });
  }
  if (status === 403) return forbiddenError(said, facts, base);
  if (status === 429) {
    return new RockBotError({
      ...base,
      code: 'throttled',
      message: `The server "${server}" has too many requests${detail}.`,
      action: 'Wait and try again.',
      retryAfterMs: parseRetryAfter(error.retryAfter) ?? 5_000,
    });
  }
  if (status === 408) {
    return lostOr(facts, error, {
      ...base,
      code: 'timeout',
      message: `The server "${server}" took too long${detail}.`,
      action: 'Ask for less, or try again.',
    });
  }
  if (status === 404) {
    return new RockBotError({
      ...base,
      code: 'server_unavailable',
      retryable: false,
      message: `There is no MCP server at the url of "${server}" (HTTP 404)${detail}.`,
      action: "Correct the server's url in mcp.json.",
    });
  }
  if (status >= 500) {
    return lostOr(facts, error, {
      ...base,
      code: 'server_unavailable',
      message: `The server "${server}" failed (HTTP ${status})${detail}.`,
      action: 'Try again later.',
      retryAfterMs: parseRetryAfter(error.retryAfter),
    });
  }
  return new RockBotError({
    ...base,
    code: 'execution_failed',
    message: `The server "${server}" refused the request (HTTP ${status})${detail}.`,
    action: 'Check the arguments and the url of the server.',
  });
}

function forbiddenError(
  said: string | undefined,
  { server }: CallFacts,
  base: { requestId: string | undefined; cause: unknown },
): RockBotError {
  const detail = asDetail(said);
  if (said !== undefined && /required scopes|scope '.*' is not present/i.test(said)) {
    return new RockBotError({
      ...base,
      code: 'consent_required',
      message: `The server "${server}" misses a permission${detail}.`,
      action: 'Have the permission added to the app and consented to, then sign in again.',
    });
  }
  if (said !== undefined && entitlement.test(said))
    return new RockBotError({ ...base, code: 'entitlement_required', message: said, action: entitlementAction });
  return new RockBotError({
    ...base,
    code: 'forbidden',
    message: `The server "${server}" forbids this${detail}.`,
    action:
      'Check that the signed-in user has the permission, a licence or a billing plan; changes take up to 30 minutes.',
  });
}

function rpcError(error: JsonRpcError, facts: CallFacts): RockBotError {
  const { server, tool } = facts;
  const said = saidText(error.message, 500);
  if (error.code === -32602 && /unknown tool|tool .*not found/i.test(said)) {
    return new RockBotError({
      code: 'tool_not_found',
      message: `The server "${server}" has no tool "${tool}".`,
      action: 'List the tools again.',
      cause: error,
    });
  }
  if (error.code === -32602)
    return new RockBotError({
      code: 'invalid_arguments',
      message: `The server "${server}" refuses the arguments: ${said}`,
      action: "Compare them with the tool's input schema.",
      cause: error,
    });
  if (error.code === -32001 && /timed? ?out/i.test(said))
    return lostOr(facts, error, { code: 'timeout', message: said, action: 'Try again with more time.' });
  return new RockBotError({
    code: 'execution_failed',
    message: `The server "${server}" failed: ${said}`,
    action: 'Look at the message; it is from the server.',
    cause: error,
  });
}

export const entitlement = /not entitled|billing policy|credits? access is not configured|NoPolicy/i;
export const entitlementAction =
  'Ask an administrator for a Microsoft 365 Copilot licence, or to add the user to an active billing plan with the Work IQ API; it takes up to 30 minutes.';

const errorBodySchema = z.union([
  z
    .looseObject({ error: z.looseObject({ code: z.union([z.string(), z.number()]).optional(), message: z.string() }) })
    .transform(({ error }) => `${error.code ?? ''} ${error.message}`.trim()),
  z.looseObject({ error: z.string(), message: z.string() }).transform(({ error, message }) => `${error} ${message}`),
  z.looseObject({ message: z.string() }).transform(({ message }) => message),
]);

/** For the end of a sentence, whose full stop follows. */
function asDetail(said: string | undefined): string {
  return said === undefined ? '' : `: ${said.replace(/[\s.?!]+$/, '')}`;
}

/** What a refusing body says to a person: JSON's message, or the text of a page or of plain text. */
function saidIn(body: string): string | undefined {
  const text = body.trim();
  const said = saidText(errorBodySchema.safeParse(parseJson(text)).data ?? text, 300);
  return said === '' ? undefined : said;
}
