// Why a refresh failed, and whether the stored token may still be good.
import { authReasonText } from '../../shared/auth-reason-text.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AuthReason } from '../../shared/contract/auth-state.ts';
import { describeEntraRefusal, type EntraFailure } from '../../shared/entra-failure.ts';
import { certificateFault } from '../connect-failure.ts';
import type { TokenEndpointFailure } from './token-endpoint.ts';

export class RefreshFailure extends Error {
  readonly failure: EntraFailure;
  readonly retryAfterMs: number | undefined;

  constructor(failure: EntraFailure, options: { retryAfterMs?: number | undefined; cause?: unknown }) {
    super(failure.message, { cause: options.cause });
    this.name = 'RefreshFailure';
    this.failure = failure;
    this.retryAfterMs = options.retryAfterMs;
  }
}

const localSignInErrors = new Set([
  'no_tokens_found',
  'no_account_found',
  'no_account_in_silent_request',
  'refresh_token_expired',
]);

/**
 * Classifies what MSAL threw, preferring what the token endpoint itself said: MSAL gives `invalid_grant` as two different
 * classes and loses status and claims. Only what Entra stated counts as definite; all else may pass (promise P9).
 */
export function refreshFailure(error: unknown, said: TokenEndpointFailure | undefined): RefreshFailure {
  const { errorCode, subError, message } = (error ?? {}) as {
    errorCode?: unknown;
    subError?: unknown;
    message?: unknown;
  };
  const missingToken = said === undefined && typeof errorCode === 'string' && localSignInErrors.has(errorCode);
  const failure = describeEntraRefusal({
    error: missingToken ? 'invalid_grant' : said?.error,
    suberror: said?.suberror ?? (typeof subError === 'string' ? subError : undefined),
    description: said?.description ?? (typeof message === 'string' ? message : undefined),
    claims: said?.claims,
  });
  return new RefreshFailure(
    { ...failure, ...certificateAdvice(said) },
    { retryAfterMs: said?.retryAfterMs, cause: error },
  );
}

/** An untrusted certificate does not pass by itself, unlike other outages: it is named with what to do. */
function certificateAdvice({ certificate }: TokenEndpointFailure = {}): Partial<
  Pick<EntraFailure, 'message' | 'action'>
> {
  if (certificate === undefined) return {};
  const { host, code } = certificate;
  return certificateFault(code) === 'authority'
    ? {
        message: `The certificate of ${host} is not trusted (${code}).`,
        action:
          'Name the file of the certificate authority of your proxy or sign-in service in WorkIQ__CaFile, and start the agent anew.',
      }
    : {
        message: `The certificate of ${host} is not valid for it at this time (${code}).`,
        action: `Have the certificate of ${host} and the clock of this machine checked; it is tried again by itself.`,
      };
}

export function reasonOf({ code, aadsts, message, action, claims }: EntraFailure): AuthReason {
  return { code, message, action, ...(aadsts !== undefined && { aadsts }), ...(claims !== undefined && { claims }) };
}

/** The error that a caller of a tool gets for a failed refresh. */
export function errorOfFailure({ failure, retryAfterMs }: RefreshFailure): RockBotError {
  return new RockBotError({
    code: failure.code,
    message: authReasonText(failure),
    action: failure.action,
    retryAfterMs,
  });
}
