// What an HTTP status that is no success means to the caller of a tool, with what its body says to a person.
import * as z from 'zod';
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';
import { parseRetryAfter } from '../../shared/retry-after.ts';
import type { HttpStatusError } from './call-errors.ts';
import { lostOr, type CallFacts } from './call-facts.ts';
import { entitlement, entitlementAction } from './entitlement.ts';
import { parseJson } from './parse-json.ts';
import { saidText } from './said-text.ts';

export function statusError(error: HttpStatusError, facts: CallFacts): RockBotError {
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
  if (status === 402) {
    const message = `The server "${server}" wants a licence or billing${detail}.`;
    return new RockBotError({ ...base, code: 'entitlement_required', message, action: entitlementAction });
  }
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
    ...refusal(said ?? ''),
    message: `The server "${server}" refused the request (HTTP ${status})${detail}.`,
  });
}

/** What Microsoft's front ends say by name, and what mends it. */
function refusal(said: string): Pick<RockBotErrorOptions, 'code' | 'action'> {
  if (/TenantIdInvalid|EndpointInvalid/.test(said)) {
    return {
      code: 'admin_action_required',
      action: "Put the tenant's GUID into the server's url in mcp.json, for example as ${WORKIQ_TENANT_ID}.",
    };
  }
  if (/AuthenticationError/.test(said) && /authenticating with resource/i.test(said)) {
    return {
      code: 'admin_action_required',
      action:
        "The token is of another tenant than the service expects: set WorkIQ__TenantId to the user's home tenant, or register the app in it.",
    };
  }
  return { code: 'execution_failed', action: 'Check the arguments and the url of the server.' };
}

function forbiddenError(
  said: string | undefined,
  { server }: CallFacts,
  base: { requestId: string | undefined; cause: unknown },
): RockBotError {
  const detail = asDetail(said);
  if (said !== undefined && /required scopes|scope '.*' is not present|\binsufficient_scope\b/i.test(said)) {
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

const errorBodySchema = z.union([
  z
    .looseObject({ error: z.looseObject({ code: z.union([z.string(), z.number()]).optional(), message: z.string() }) })
    .transform(({ error }) => `${error.code ?? ''} ${error.message}`.trim()),
  z.looseObject({ error: z.string(), message: z.string() }).transform(({ error, message }) => `${error} ${message}`),
  z
    .looseObject({ error: z.string(), error_description: z.string() })
    .transform(({ error, error_description: description }) => `${error} ${description}`),
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
