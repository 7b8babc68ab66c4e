// Turns whatever ended a sign-in into one clear error with a next step; it prints no token and trusts no library text.
import { authReasonText } from '../../shared/auth-reason-text.ts';
import { describeEntraRefusal, type EntraRefusal } from '../../shared/entra-failure.ts';
import { adminConsentUrl } from '../../shared/entra-next-step.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { AppIdsRefused, refusedIds } from './app-ids-refused.ts';
import type { SignInRequest } from './sign-in.ts';

export interface SignInFailureInput {
  error: unknown;
  request: SignInRequest;
  lastRefusal: EntraRefusal | undefined;
  lastFailure: Error | undefined;
  signal?: AbortSignal | undefined;
}

const startAgain = 'Start the sign-in again.';

export function describeSignInFailure({
  error,
  request,
  lastRefusal,
  lastFailure,
  signal,
}: SignInFailureInput): RockBotError {
  if (signal?.aborted) return signal.reason instanceof RockBotError ? signal.reason : cancelled(error);
  if (error instanceof RockBotError) return error;
  if (lastFailure !== undefined) return unreachable(request, lastFailure);
  // While polling, "not yet" is no refusal; the library's own end of patience is.
  const isPending = lastRefusal?.error === 'authorization_pending' || lastRefusal?.error === 'slow_down';
  const refusal = (isPending ? undefined : lastRefusal) ?? refusalOf(error);
  const name = refusal?.error ?? textOf(error, 'errorCode');

  if (name === 'authorization_declined' || (name === 'access_denied' && !/AADSTS/.test(refusal?.description ?? ''))) {
    return new RockBotError({
      code: 'auth_required',
      message: 'The sign-in was declined on the Microsoft page.',
      action: `${startAgain} If you did not decline it, ask a tenant administrator whether the app may be used.`,
      cause: error,
    });
  }
  if (name === 'expired_token' || name === 'device_code_expired' || name === 'user_timeout_reached') {
    return new RockBotError({
      code: 'auth_required',
      message: 'The code expired before somebody entered it.',
      action: `${startAgain} A code is good for about 15 minutes.`,
      cause: error,
    });
  }
  if (refusal !== undefined) return refused(refusal, request, error);
  if (name === 'endpoints_resolution_error' || name === 'network_error') return unreachable(request, undefined);
  return new RockBotError({
    code: 'internal',
    message: `The sign-in failed${name === undefined ? '' : ` (${name})`}.`,
    action: `${startAgain} If it fails again, try the other way, the browser or a device code.`,
    cause: error,
  });
}

function refused(refusal: EntraRefusal, request: SignInRequest, cause: unknown): RockBotError {
  const { kind, code, message, action, aadsts } = describeEntraRefusal(refusal);
  // Who declined can change their mind; an administrator is not needed for that.
  const needsAdmin = kind === 'consent' && aadsts !== 'AADSTS65004';
  const ids = refusedIds(aadsts);
  const details = {
    code,
    message: authReasonText({ message, aadsts }),
    action: needsAdmin
      ? `${action} An administrator can consent here: ${adminConsentUrl(request)}`
      : kind === 'transient'
        ? 'Try again in a minute.'
        : kind === 'sign_in'
          ? startAgain
          : action,
    cause,
  };
  return ids === undefined ? new RockBotError(details) : new AppIdsRefused({ ...details, ids });
}

function unreachable({ authority }: SignInRequest, failure: NodeJS.ErrnoException | undefined): RockBotError {
  const { host } = new URL(authority);
  const code = failure?.code;
  const detail =
    code === 'EPROXY'
      ? failure?.message
      : (code ?? (failure?.name === 'TimeoutError' ? 'no answer in time' : undefined));
  const isUntrusted = code !== undefined && /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ALTNAME/.test(code);
  return new RockBotError({
    code: 'server_unavailable',
    message: isUntrusted
      ? `The certificate of the sign-in service ${host} is not trusted (${code}).`
      : `The sign-in service ${host} cannot be reached${detail === undefined ? '' : ` (${detail})`}.`,
    action: isUntrusted
      ? 'Name the certificate authority of your proxy or service in WorkIQ__CaFile or NODE_EXTRA_CA_CERTS.'
      : 'Check the network and the proxy settings (HTTPS_PROXY, NO_PROXY), then start the sign-in again.',
    cause: failure,
  });
}

function cancelled(cause: unknown): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The sign-in was cancelled.', cause });
}

/** The errors that carry Entra's own words; the others are the library's. */
function refusalOf(error: unknown): EntraRefusal | undefined {
  const name = error instanceof Error ? error.name : '';
  if (name !== 'ServerError' && name !== 'InteractionRequiredAuthError') return undefined;
  return {
    error: textOf(error, 'errorCode'),
    suberror: textOf(error, 'subError'),
    description: textOf(error, 'errorMessage'),
    claims: textOf(error, 'claims'),
  };
}

function textOf(error: unknown, key: string): string | undefined {
  const value: unknown = error instanceof Error ? Reflect.get(error, key) : undefined;
  return typeof value === 'string' && value !== '' ? value : undefined;
}
