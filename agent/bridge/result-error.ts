// What a result with `isError` means to its caller, as one of the wire's codes; the result itself stays attached.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { redact } from '../../shared/redaction.ts';
import { checkBeforeRepeating, entitlement, entitlementAction, forRetry, type CallFacts } from './call-outcome.ts';
import { parseJson } from './parse-json.ts';
import { saidText } from './said-text.ts';

const busySchema = z.looseObject({
  error: z.union([z.string(), z.looseObject({})]),
  message: z.string().optional(),
  retryAfterSeconds: z.number().nonnegative(),
});

/** The error that a result with `isError` means, or undefined for a success. The result itself stays attached. */
export function resultError(result: CallToolResult | undefined, facts: CallFacts): RockBotError | undefined {
  return result?.isError === true ? forRetry(failedResult(result, facts), facts) : undefined;
}

function failedResult(result: CallToolResult, { tool, sideEffects }: CallFacts): RockBotError {
  const text = result.content
    .map((block) => (block.type === 'text' ? block.text : ''))
    .join('\n')
    .trim();
  const said = saidText(text, 500);
  const requestId = z.looseObject({ requestId: z.string() }).safeParse(result._meta).data?.requestId;
  const base = { requestId, result: withoutCredentials(result) };
  const busy = busySchema.safeParse(parseJson(text)).data;
  if (busy !== undefined) {
    return new RockBotError({
      ...base,
      code: 'throttled',
      message: busy.message ?? 'The service is busy.',
      action: 'Wait and try again.',
      retryAfterMs: busy.retryAfterSeconds * 1000,
    });
  }
  if (entitlement.test(text))
    return new RockBotError({ ...base, code: 'entitlement_required', message: said, action: entitlementAction });
  if (/^access denied for path/i.test(text)) {
    return new RockBotError({
      ...base,
      code: 'policy_denied',
      message: said,
      action:
        'A policy of the tenant denies this path or this change. An administrator sets it under Agents, Tools, Work IQ MCP, Policy; trying again does not help.',
    });
  }
  if (/^the request timed out/i.test(text)) {
    return sideEffects === 'read'
      ? new RockBotError({ ...base, code: 'timeout', message: said, action: 'Ask for less, or try again.' })
      : new RockBotError({ ...base, code: 'outcome_unknown', message: said, action: checkBeforeRepeating });
  }
  // The MCP SDK's servers report arguments that do not fit their schema as a result.
  if (/^MCP error -32602\b/.test(text)) {
    return new RockBotError({
      ...base,
      code: 'invalid_arguments',
      message: said,
      action: "Compare them with the tool's input schema.",
    });
  }
  return new RockBotError({
    ...base,
    code: 'execution_failed',
    message: said === '' ? `"${tool}" failed without saying why.` : said,
    action: 'Look at the message; it is from the server.',
  });
}

/** The result of a failure is part of an error, so that nothing in it may be a credential (promise P6). */
function withoutCredentials(result: CallToolResult): CallToolResult {
  const text = JSON.stringify(result);
  if (redact(text) === text) return result;
  const content = result.content.flatMap((block): CallToolResult['content'] => {
    if (block.type === 'text') return [{ type: 'text', text: redact(block.text) }];
    const json = JSON.stringify(block);
    return redact(json) === json ? [block] : [];
  });
  return { content, isError: true };
}
