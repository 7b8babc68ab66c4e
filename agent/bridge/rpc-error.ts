// What a JSON-RPC error in place of a result means to the caller of a tool.
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { JsonRpcError } from './call-errors.ts';
import { lostOr, type CallFacts } from './call-facts.ts';
import { entitlement, entitlementAction } from './entitlement.ts';
import { saidText } from './said-text.ts';

/** JSON-RPC 2.0, 5.1: what the codes of the protocol itself mean; all others are the server's own. */
const protocolErrors: Readonly<Record<number, string>> = {
  [-32700]: 'could not read the request',
  [-32600]: 'takes the request for an invalid one',
  [-32601]: 'does not know how to call tools',
};

const errorDataSchema = z.looseObject({
  requestId: z.string().max(128).optional(),
  retryAfterSeconds: z.number().nonnegative().optional(),
  details: z.string().optional(),
});

export function rpcError(error: JsonRpcError, facts: CallFacts): RockBotError {
  const { server, tool } = facts;
  const { requestId, retryAfterSeconds, details } = errorDataSchema.safeParse(error.data).data ?? {};
  const said = saidText(details === undefined ? error.message : `${error.message}: ${details}`, 500);
  const base = { requestId, cause: error };
  if (error.code === -32602 && /unknown tool|tool .*not found/i.test(said)) {
    return new RockBotError({
      ...base,
      code: 'tool_not_found',
      message: `The server "${server}" has no tool "${tool}".`,
      action: 'List the tools again.',
    });
  }
  if (error.code === -32602)
    return new RockBotError({
      ...base,
      code: 'invalid_arguments',
      message: `The server "${server}" refuses the arguments: ${said}`,
      action: "Compare them with the tool's input schema.",
    });
  if (error.code === -32001 && /timed? ?out/i.test(said))
    return lostOr(facts, error, { code: 'timeout', message: said, action: 'Try again with more time.' });
  if (retryAfterSeconds !== undefined || error.code === 429) {
    return new RockBotError({
      ...base,
      code: 'throttled',
      message: `The server "${server}" has too many requests: ${said}`,
      action: 'Wait and try again.',
      retryAfterMs: (retryAfterSeconds ?? 5) * 1000,
    });
  }
  if (entitlement.test(said))
    return new RockBotError({ ...base, code: 'entitlement_required', message: said, action: entitlementAction });
  return new RockBotError({
    ...base,
    code: 'execution_failed',
    message: `The server "${server}" ${protocolErrors[error.code] ?? 'failed'}: ${said}`,
    action: 'Look at the message; it is from the server.',
  });
}
