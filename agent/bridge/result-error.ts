// What a tool result means to its caller when something in it failed, as one of the wire's codes; the result stays attached.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { PartFailure } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { redact } from '../../shared/redaction.ts';
import { NullResultError } from './call-errors.ts';
import { checkBeforeRepeating, forRetry, lostOr, type CallFacts } from './call-facts.ts';
import { callError } from './call-outcome.ts';
import { entitlement, entitlementAction } from './entitlement.ts';
import { graphParts, policyDenied } from './graph-failures.ts';
import { parseJson } from './parse-json.ts';
import { resultText } from './result-text.ts';
import { saidText } from './said-text.ts';

/**
 * Throws the error of a result that failed as a whole: by `isError`, or because all of its parts did. Returns the failures of
 * single parts beside others that succeeded. Parts are looked for in what Work IQ answers, where they mean what they say.
 */
export function checkResult(result: CallToolResult | undefined, facts: CallFacts): PartFailure[] {
  if (result === undefined) return [];
  const isWorkIq = facts.isWorkIq === true;
  const parts = isWorkIq ? graphParts(result, facts) : undefined;
  if (result.isError === true) {
    // In words, the words are what counts.
    const isTold = result.structuredContent !== undefined && parts !== undefined && parts.failed.length === parts.count;
    if (!isTold) throw forRetry(failedResult(result, facts), facts);
  } else if (isWorkIq) {
    const silent = silentFailure(result, facts);
    if (silent !== undefined) throw forRetry(silent, facts);
  }
  if (parts === undefined || parts.failed.length === 0) return [];
  if (parts.failed.length < parts.count)
    return parts.failed.map(({ index, error }) => ({ index, error: toWireError(error) }));
  throw failedParts(parts.failed.map(({ error }) => error)).with({ result: withoutCredentials(result) });
}

/** What Work IQ answers as a success and is none. */
function silentFailure(result: CallToolResult, facts: CallFacts): RockBotError | undefined {
  const { text } = resultText(result);
  const isTextOnly = result.structuredContent === undefined && result.content.every(({ type }) => type === 'text');
  if (!isTextOnly) return undefined;
  if (text === '' || text === 'null' || isEmptyList(text))
    return callError(new NullResultError('The server answered nothing.'), facts);
  const isRefusal = /^access denied for path: \S+$/i.test(text);
  const isBusy = text.startsWith('{') && busySchema.safeParse(parseJson(text)).success;
  if (isRefusal || isBusy) return failedResult(result, facts);
  if (!/^<(?:!doctype html|html)\b/i.test(text)) return undefined;
  return lostOr(facts, undefined, {
    code: 'execution_failed',
    message: `The server "${facts.server}" answered with a page in place of data: ${saidText(text, 300)}`,
    action: 'Try again later; when it stays so, look whether a proxy or a sign-in page answers in place of Work IQ.',
  }).with({ result: withoutCredentials(result) });
}

/** `{"results":null}` */
function isEmptyList(text: string): boolean {
  return text.startsWith('{') && z.strictObject({ results: z.null() }).safeParse(parseJson(text)).success;
}

/** One error for all parts: the first, and how many others there are. */
function failedParts(errors: RockBotError[]): RockBotError {
  const [first] = errors as [RockBotError];
  if (errors.length === 1) return first;
  // Whoever may try one of them again cannot try all of them again.
  const retryable = errors.every((error) => error.retryable);
  return first.with({ message: `All ${errors.length} parts failed; the first: ${first.message}`, retryable });
}

const busySchema = z.looseObject({
  error: z.union([z.string(), z.looseObject({ message: z.string().optional() })]),
  message: z.string().optional(),
  retryAfterSeconds: z.number().nonnegative(),
});

const errorSchema = z.looseObject({
  error: z.union([z.string(), z.looseObject({ code: z.unknown(), message: z.string() })]).optional(),
  message: z.string().optional(),
  requestId: z.string().max(128).optional(),
});

function failedResult(result: CallToolResult, { tool, sideEffects }: CallFacts): RockBotError {
  const { text, requestId: known } = resultText(result);
  const json = parseJson(text.startsWith('{') ? text : '');
  const error = errorSchema.safeParse(json).data;
  const said = saidText(error === undefined ? text : messageOf(error, text), 500);
  const base = { requestId: known ?? error?.requestId, result: withoutCredentials(result) };
  const busy = busySchema.safeParse(json).data;
  if (busy !== undefined) {
    return new RockBotError({
      ...base,
      code: 'throttled',
      message: saidText(busy.message ?? nestedMessage(busy.error) ?? 'The service is busy.', 500),
      action: 'Wait and try again.',
      retryAfterMs: busy.retryAfterSeconds * 1000,
    });
  }
  if (entitlement.test(text))
    return new RockBotError({ ...base, code: 'entitlement_required', message: said, action: entitlementAction });
  if (/^access denied for path/i.test(text)) return policyDenied(said, base.requestId).with({ result: base.result });
  if (/^the request timed out/i.test(text)) {
    return sideEffects === 'read'
      ? new RockBotError({ ...base, code: 'timeout', message: said, action: 'Ask for less, or try again.' })
      : new RockBotError({ ...base, code: 'outcome_unknown', message: said, action: checkBeforeRepeating });
  }
  if (/exceeds the configured limit of \d+ bytes/i.test(text)) {
    return new RockBotError({
      ...base,
      code: 'payload_too_large',
      message: said,
      action: 'Ask for less, or open the file where it is.',
    });
  }
  // The MCP SDK's servers report arguments that do not fit their schema, and tools they do not have, as a result.
  if (/^MCP error -32602\b/.test(text)) return refusedArguments(said, { base, tool });
  return new RockBotError({
    ...base,
    code: 'execution_failed',
    message: said === '' ? `"${tool}" failed without saying why.` : said,
    action: 'Look at the message; it is from the server.',
  });
}

function refusedArguments(
  said: string,
  { base, tool }: { base: { requestId: string | undefined; result: CallToolResult }; tool: string },
): RockBotError {
  if (/\btool\b.* not found\b/i.test(said)) {
    return new RockBotError({
      ...base,
      code: 'tool_not_found',
      message: `The server has no tool "${tool}" any more.`,
      action: 'List the tools again.',
    });
  }
  return new RockBotError({
    ...base,
    code: 'invalid_arguments',
    message: said,
    action: "Compare them with the tool's input schema.",
  });
}

function messageOf({ error, message }: z.infer<typeof errorSchema>, text: string): string {
  if (typeof error === 'string') return message === undefined ? error : `${error}: ${message}`;
  if (error === undefined) return message ?? text;
  return typeof error.code === 'string' ? `${error.code}: ${error.message}` : error.message;
}

function nestedMessage(error: z.infer<typeof busySchema>['error']): string | undefined {
  return typeof error === 'string' ? undefined : error.message;
}

/** Characters of a failed result that an error carries; of a larger one, the beginning of what it says. */
const largestAttached = 1024 * 1024;
const shownOfLarger = 16 * 1024;

/**
 * The result of a failure as part of an error: nothing in it may be a credential (promise P6), and an error goes its way without
 * the room in memory that an answer has.
 */
function withoutCredentials(result: CallToolResult): CallToolResult {
  const text = JSON.stringify(result);
  if (text.length > largestAttached)
    return { content: [{ type: 'text', text: saidText(resultText(result).text, shownOfLarger) }], isError: true };
  if (redact(text) === text) return result;
  const content = result.content.flatMap((block): CallToolResult['content'] => {
    if (block.type === 'text') return [{ type: 'text', text: redact(block.text) }];
    const json = JSON.stringify(block);
    return redact(json) === json ? [block] : [];
  });
  return { content, isError: true };
}
