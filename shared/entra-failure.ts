// Says what a refusal of Microsoft Entra means and what to do next; pure, so that both tiers give the same answer.
// Sources: OAuth 2.0 (RFC 6749 5.2) for `error`, Microsoft's AADSTS reference for the numbers, which are hints only.
import { knownCodes, signInAgain, type KnownCode } from './entra-known-codes.ts';
import type { ErrorCode } from './errors/error-code.ts';

/**
 * - `sign_in`: a person must sign in again
 * - `consent`: a person or an admin must consent
 * - `admin`: only a tenant administrator or the operator can mend it
 * - `transient`: the same request may succeed later
 */
export type EntraFailureKind = 'sign_in' | 'consent' | 'admin' | 'transient';

export interface EntraFailure {
  kind: EntraFailureKind;
  code: ErrorCode;
  /** For example `AADSTS50173`. */
  aadsts?: string;
  message: string;
  action: string;
  /** Claims that the next sign-in must ask for. */
  claims?: string;
  /** True when the grant itself is void, whatever resource is asked for. */
  grantVoid: boolean;
  /** Milliseconds for which the tenant lets a sign-in serve, where Entra tells it with its refusal. */
  signInPeriodMs?: number;
}

export interface EntraRefusal {
  error?: string | undefined;
  suberror?: string | undefined;
  /** Text that may hold `AADSTSnnnnn`. */
  description?: string | undefined;
  claims?: string | undefined;
}

/** `AADSTSnnnnn` in a text of Entra, or undefined. */
export function aadstsOf(description: string | undefined): string | undefined {
  return description === undefined ? undefined : /AADSTS\d{4,8}/.exec(description)?.[0];
}

/** Of AADSTS70043: "…the maximum allowed lifetime for this request is {seconds}". */
function signInPeriodOf(description: string | undefined): number | undefined {
  const [, seconds] =
    /maximum allowed lifetime for this request is (\d{1,9})(?![\d.:]*\d)/.exec(description ?? '') ?? [];
  return seconds === undefined || Number(seconds) === 0 ? undefined : Number(seconds) * 1_000;
}

/** True where the sign-in has ended because the tenant asks for one every so often. */
export function isSignInFrequency(aadsts: string | undefined): boolean {
  return aadsts === 'AADSTS70043' || aadsts === 'AADSTS70044';
}

const transientErrors = new Set(['temporarily_unavailable', 'server_error', 'slow_down', 'request_timeout']);
const interactionErrors = new Set(['invalid_grant', 'interaction_required', 'login_required', 'bad_token']);
const adminErrors = new Set([
  'invalid_client',
  'unauthorized_client',
  'invalid_request',
  'invalid_resource',
  'invalid_scope',
  'unsupported_grant_type',
]);

/** Classifies by `error` and `suberror`; the number only makes it more precise. Unknown refusals count as transient. */
export function describeEntraRefusal(refusal: EntraRefusal): EntraFailure {
  const aadsts = aadstsOf(refusal.description);
  const hint = aadsts === undefined ? undefined : knownCodes[aadsts.slice('AADSTS'.length)];
  const kind = kindOf(refusal, hint);
  const fallback = fallbackText[kind];
  const signInPeriodMs = isSignInFrequency(aadsts) ? signInPeriodOf(refusal.description) : undefined;
  return {
    kind,
    code: codeOfKind[kind],
    message: hint?.kind === kind ? hint.message : fallback.message,
    action: hint?.kind === kind ? hint.action : fallback.action,
    grantVoid:
      kind === 'sign_in' &&
      (hint === undefined
        ? refusal.error === 'invalid_grant' || refusal.error === 'bad_token'
        : hint.grantVoid === true || refusal.suberror === 'bad_token'),
    ...(aadsts !== undefined && { aadsts }),
    ...(signInPeriodMs !== undefined && { signInPeriodMs }),
    ...(refusal.claims !== undefined && refusal.claims !== '' && { claims: refusal.claims }),
  };
}

function kindOf(refusal: EntraRefusal, hint: KnownCode | undefined): EntraFailureKind {
  const { error, suberror } = refusal;
  if (error === undefined || transientErrors.has(error)) return 'transient';
  if (suberror === 'consent_required' || error === 'consent_required')
    return hint?.kind === 'admin' ? 'admin' : 'consent';
  if (suberror === 'bad_token' || suberror === 'token_expired') return 'sign_in';
  if (interactionErrors.has(error)) return hint === undefined || hint.kind === 'transient' ? 'sign_in' : hint.kind;
  if (error === 'access_denied') return hint?.kind ?? 'consent';
  if (adminErrors.has(error)) return hint?.kind ?? 'admin';
  return hint?.kind ?? 'transient';
}

const codeOfKind: Readonly<Record<EntraFailureKind, ErrorCode>> = {
  sign_in: 'auth_required',
  consent: 'consent_required',
  admin: 'admin_action_required',
  transient: 'server_unavailable',
};

const fallbackText: Readonly<Record<EntraFailureKind, { message: string; action: string }>> = {
  sign_in: { message: 'Microsoft Entra asks for a new sign-in.', action: signInAgain },
  consent: {
    message: 'Microsoft Entra asks for consent to this app.',
    action: 'Sign in again and accept, or ask a tenant administrator to consent for everybody.',
  },
  admin: {
    message: 'Microsoft Entra refuses the request of this app.',
    action: 'Ask a tenant administrator to check the app registration, and the operator to check WorkIQ__* settings.',
  },
  transient: {
    message: 'Microsoft Entra cannot be reached or is busy.',
    action: 'Nothing to do: it is tried again by itself.',
  },
};
