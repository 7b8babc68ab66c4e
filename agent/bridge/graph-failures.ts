// Microsoft Graph's answers inside a tool result that calls itself a success: Work IQ reports them by a status code for each
// part. Sources: Microsoft's Work IQ MCP tool reference and troubleshooting page, August 2026; Microsoft Graph error responses.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';
import { parseRetryAfter } from '../../shared/retry-after.ts';
import { NullResultError } from './call-errors.ts';
import { checkBeforeRepeating, forRetry, type CallFacts } from './call-facts.ts';
import { callError } from './call-outcome.ts';
import { entitlement, entitlementAction } from './entitlement.ts';
import { parseJson } from './parse-json.ts';
import { resultText } from './result-text.ts';
import { saidText } from './said-text.ts';

export interface GraphParts {
  /** How many parts the result has. */
  count: number;
  failed: { index: number; error: RockBotError }[];
}

const graphErrorSchema = z.looseObject({
  code: z.union([z.string(), z.number()]).optional(),
  message: z.string().optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
  innerError: z.looseObject({ 'request-id': z.string().max(128).optional() }).optional(),
});

const bodySchema = z.looseObject({
  error: z.union([graphErrorSchema, z.string().transform((code) => ({ code, message: undefined }))]),
});

const headersSchema = z.record(z.string(), z.unknown());

const statusSchema = z.union([
  z.number().int(),
  z
    .string()
    .regex(/^\d{1,3}$/)
    .transform(Number),
]);

const partSchema = z.looseObject({
  statusCode: statusSchema.optional(),
  /** In the answers of a `$batch`; the preview of `execute` has a word here. */
  status: z.union([statusSchema, z.string()]).optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
  data: z.unknown().optional(),
  body: z.unknown().optional(),
  error: z.unknown().optional(),
  message: z.string().optional(),
  requestId: z.string().max(128).optional(),
  headers: headersSchema.optional(),
});

const listsSchema = z.looseObject({
  results: z.array(z.unknown()).optional(),
  responses: z.array(z.unknown()).optional(),
});
/** The answers of a batch also stand in the data of the request that it was sent with. */
const partsSchema = listsSchema.and(z.looseObject({ data: listsSchema.optional().catch(undefined) }));

/** Undefined when the result has no status codes. */
export function graphParts(result: CallToolResult, facts: CallFacts): GraphParts | undefined {
  const whole = result.structuredContent ?? parseJson(jsonText(result));
  const { results, responses, data } = partsSchema.safeParse(whole).data ?? {};
  const listed = results ?? responses ?? data?.responses;
  const parts = (listed ?? [whole]).map((raw) => (raw === null ? null : partSchema.safeParse(raw).data));
  if (!parts.some((part) => part === null || (part !== undefined && saysHowItWent(part)))) return undefined;
  return {
    count: parts.length,
    failed: parts.flatMap((part, index) => {
      const error = part === null ? nothingSaid(facts) : part === undefined ? undefined : partError(part, facts);
      return error === undefined ? [] : [{ index, error: forRetry(error, facts) }];
    }),
  };
}

/** Work IQ answers `null` where it may not say why, for a whole result and for a part of one. */
function nothingSaid(facts: CallFacts): RockBotError {
  return callError(new NullResultError('The server answered null.'), facts);
}

function jsonText(result: CallToolResult): string {
  const { text } = resultText(result);
  return text.startsWith('{') ? text : '';
}

type Part = z.infer<typeof partSchema>;

/** The word `failed` counts as a failure that says no more. */
function statusOf({ statusCode, status }: Part): number | undefined {
  if (statusCode !== undefined) return statusCode;
  if (typeof status === 'string') return status.toLowerCase() === 'failed' ? failedWithoutStatus : undefined;
  return status;
}

const failedWithoutStatus = 499;

function saysHowItWent(part: Part): boolean {
  return statusOf(part) !== undefined || isBareError(part);
}

/** `{ error, requestId }` without any data is how `fetch_blob` reports that it failed. */
function isBareError(part: Part): boolean {
  return bodySchema.safeParse(part).success && part.data === undefined && part.body === undefined && !('value' in part);
}

function partError(part: Part, facts: CallFacts): RockBotError | undefined {
  const status = statusOf(part) ?? (isBareError(part) ? 400 : 200);
  if (isGood(status)) return undefined;
  const body = [part.data, part.body, part].map((candidate) => bodySchema.safeParse(candidate).data).find(Boolean);
  const { code = '', message = part.message, ...more } = body?.error ?? {};
  const details = graphErrorSchema.safeParse(more).data;
  const said = saidText([code, message].filter((text) => text !== undefined && text !== '').join(': '), 500);
  return describedPart(status, {
    facts,
    said: said === '' ? `status ${status} without a reason` : said,
    requestId: part.requestId ?? details?.innerError?.['request-id'] ?? headerOf(part, 'request-id'),
    retryAfterMs: retryAfterOf(part, part.retryAfterSeconds ?? details?.retryAfterSeconds),
  });
}

/** A redirect was not followed, and 0 is what is left of a request that got no answer. */
function isGood(status: number): boolean {
  return (status >= 100 && status < 300) || status === 304;
}

interface PartFacts {
  facts: CallFacts;
  said: string;
  requestId: string | undefined;
  retryAfterMs: number | undefined;
}

function describedPart(status: number, { facts, said, requestId, retryAfterMs }: PartFacts): RockBotError {
  const make = (options: Pick<RockBotErrorOptions, 'code' | 'action'> & { prefix: string }): RockBotError =>
    new RockBotError({ code: options.code, message: `${options.prefix}: ${said}`, action: options.action, requestId });
  if (/^access denied for path|\baccess denied for path\b/i.test(said)) return policyDenied(said, requestId);
  if (entitlement.test(said) || status === 402)
    return make({ code: 'entitlement_required', prefix: 'No licence or billing', action: entitlementAction });
  if (status === 429) {
    return new RockBotError({
      code: 'throttled',
      message: `Microsoft 365 has too many requests: ${said}`,
      action: 'Wait and try again.',
      retryAfterMs: retryAfterMs ?? 5_000,
      requestId,
    });
  }
  if (status === 401 || status === 403) {
    return make({
      code: 'forbidden',
      prefix: 'Microsoft 365 forbids this',
      action: 'The signed-in user or the app lacks the permission; trying again does not help. Ask an administrator.',
    });
  }
  if (status === 400) {
    const isFilter = /InefficientFilter|too complex/i.test(said);
    return make({
      code: 'invalid_arguments',
      prefix: 'Microsoft 365 refuses the request',
      action: isFilter ? 'Use $search in place of $filter with contains().' : 'Check the path, the query and the body.',
    });
  }
  if (status === 404 || status === 410) {
    return make({
      code: 'execution_failed',
      prefix: 'Not found',
      action: 'Check the path and the ids in it; the item may be gone or may not be visible to the signed-in user.',
    });
  }
  if (status === 409 || status === 412 || status === 423) {
    return make({
      code: 'execution_failed',
      prefix: 'The item was changed or locked meanwhile',
      action: 'Read it again and repeat the change on what you then have.',
    });
  }
  if (status === 413) return make({ code: 'payload_too_large', prefix: 'Too large', action: 'Ask for less.' });
  if (status >= 500 || status === 408 || status === 0)
    return brokenPart(status, { facts, said, requestId, retryAfterMs });
  return make({
    code: 'execution_failed',
    prefix: `Microsoft 365 refuses (${status})`,
    action: 'Look at the message.',
  });
}

/** A failure of Graph itself does not say whether a change was made. */
function brokenPart(status: number, { facts, said, requestId, retryAfterMs }: PartFacts): RockBotError {
  if (facts.sideEffects === 'write') {
    const message = `Microsoft 365 failed while it ran "${facts.tool}": ${said}`;
    return new RockBotError({ code: 'outcome_unknown', message, action: checkBeforeRepeating, requestId });
  }
  return new RockBotError({
    code: status === 408 || status === 504 ? 'timeout' : 'server_unavailable',
    message: `Microsoft 365 failed: ${said}`,
    action: 'Try again later.',
    requestId,
    retryAfterMs,
  });
}

export function policyDenied(message: string, requestId: string | undefined): RockBotError {
  return new RockBotError({
    code: 'policy_denied',
    message,
    action:
      'A policy of the tenant denies this path or this change. An administrator sets it under Agents, Tools, Work IQ MCP, Policy; trying again does not help.',
    requestId,
  });
}

function headerOf({ headers = {} }: Part, name: string): string | undefined {
  const found = Object.entries(headers).find(([key]) => key.toLowerCase() === name)?.[1];
  return typeof found === 'string' ? found.slice(0, 128) : undefined;
}

function retryAfterOf(part: Part, seconds: number | undefined): number | undefined {
  return seconds === undefined ? parseRetryAfter(headerOf(part, 'retry-after')) : seconds * 1000;
}
