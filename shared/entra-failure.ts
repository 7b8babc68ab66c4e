// Says what a refusal of Microsoft Entra means and what to do next; pure, so that both tiers give the same answer.
// Sources: OAuth 2.0 (RFC 6749 5.2) for `error`, Microsoft's AADSTS reference for the numbers, which are hints only.
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
}

export interface EntraRefusal {
  error?: string | undefined;
  suberror?: string | undefined;
  /** Text that may hold `AADSTSnnnnn`. */
  description?: string | undefined;
  claims?: string | undefined;
}

interface KnownCode {
  kind: EntraFailureKind;
  message: string;
  action: string;
  grantVoid?: boolean;
}

const signInAgain = 'Sign in again: run "rockbot auth workiq", or "RockBot: Reconnect M365" in VS Code.';
const askAdmin = 'Ask a tenant administrator to';
const fixSettings = 'Ask the operator to correct the agent configuration:';

const knownCodes: Readonly<Record<string, KnownCode>> = {
  '65001': {
    kind: 'consent',
    message: 'Nobody has consented to this app for Work IQ yet.',
    action: `${askAdmin} grant consent for the app, then sign in again.`,
  },
  '65004': {
    kind: 'consent',
    message: 'Consent was declined.',
    action: 'Sign in again and accept, or ask a tenant administrator to consent for everybody.',
  },
  '90094': {
    kind: 'consent',
    message: 'This permission needs the consent of an administrator.',
    action: `${askAdmin} grant consent for the app, then sign in again.`,
  },
  '650052': {
    kind: 'admin',
    message: 'The Work IQ service principal does not exist in this tenant.',
    action: `${askAdmin} run "az ad sp create --id fdcc1f02-fc51-4226-8753-f668596af7f7", then sign in again.`,
  },
  '53003': {
    kind: 'admin',
    message: 'A Conditional Access policy blocks this sign-in.',
    action: `${askAdmin} look up the sign-in in the Entra sign-in log and except this app or its device from the policy.`,
  },
  '530084': {
    kind: 'admin',
    message: 'A token protection policy blocks tokens that are not bound to a device.',
    action: `${askAdmin} except this app from the token protection policy.`,
  },
  '50105': {
    kind: 'admin',
    message: 'The user is not assigned to the app.',
    action: `${askAdmin} assign the user to the app under "Enterprise applications", then sign in again.`,
  },
  '50057': {
    kind: 'admin',
    message: 'The account is disabled.',
    action: `${askAdmin} enable the account, then sign in again.`,
  },
  '65002': {
    kind: 'admin',
    message: 'This first-party client id is not pre-authorised for Work IQ.',
    action: `${fixSettings} set WorkIQ__ClientId to an app of your own.`,
  },
  '50011': {
    kind: 'admin',
    message: 'The redirect address is not registered for the app.',
    action: `${askAdmin} add http://localhost under "Mobile and desktop applications" of the app.`,
  },
  '7000218': {
    kind: 'admin',
    message: 'The app is not registered as a public client.',
    action: `${askAdmin} set "Allow public client flows" to Yes in the app's Authentication page.`,
  },
  '700016': {
    kind: 'admin',
    message: 'The app is not known in this tenant.',
    action: `${fixSettings} check WorkIQ__ClientId and WorkIQ__TenantId.`,
  },
  '500011': {
    kind: 'admin',
    message: 'The requested resource is not known in this tenant.',
    action: `${fixSettings} check WorkIQ__Scopes, or have an administrator create the service principal of the resource.`,
  },
  '90002': {
    kind: 'admin',
    message: 'The tenant does not exist.',
    action: `${fixSettings} check WorkIQ__TenantId and WorkIQ__Authority.`,
  },
  '900023': { kind: 'admin', message: 'The tenant id is malformed.', action: `${fixSettings} check WorkIQ__TenantId.` },
  '900144': { kind: 'admin', message: 'The request was malformed.', action: `${fixSettings} check WorkIQ__Scopes.` },
  '650053': {
    kind: 'admin',
    message: 'The scope is not qualified with its resource.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '70011': {
    kind: 'admin',
    message: 'The scopes cannot be requested together.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '90009': {
    kind: 'admin',
    message: 'The scope is missing in the request.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '9010010': {
    kind: 'admin',
    message: 'Resource and scope contradict each other.',
    action: `${fixSettings} check WorkIQ__Scopes.`,
  },
  '50020': {
    kind: 'sign_in',
    message: 'The account belongs to another tenant.',
    action: "Sign in again with an account of the agent's tenant.",
  },
  '50076': { kind: 'sign_in', message: 'Multi-factor authentication is needed.', action: signInAgain },
  '50079': { kind: 'sign_in', message: 'Multi-factor authentication has to be set up.', action: signInAgain },
  '16000': { kind: 'sign_in', message: 'Several accounts are signed in.', action: signInAgain },
  '50173': {
    kind: 'sign_in',
    message: 'The password was changed or the sign-in was revoked.',
    action: signInAgain,
    grantVoid: true,
  },
  '700082': { kind: 'sign_in', message: 'The sign-in was not used for 90 days.', action: signInAgain, grantVoid: true },
  '70043': {
    kind: 'sign_in',
    message: 'The sign-in frequency policy of the tenant asks for a new sign-in.',
    action: signInAgain,
    grantVoid: true,
  },
  '70008': { kind: 'sign_in', message: 'The sign-in has expired.', action: signInAgain, grantVoid: true },
  '70000': { kind: 'sign_in', message: 'The sign-in is no longer valid.', action: signInAgain, grantVoid: true },
  '700084': {
    kind: 'sign_in',
    message: 'The sign-in was made by an app registered for single pages and ended after 24 hours.',
    action: 'Have the app registered under "Mobile and desktop applications", then sign in again.',
    grantVoid: true,
  },
  '90055': {
    kind: 'transient',
    message: 'The sign-in service has too many requests.',
    action: 'Wait; it is tried again.',
  },
};

/** `AADSTSnnnnn` in a text of Entra, or undefined. */
export function aadstsOf(description: string | undefined): string | undefined {
  return description === undefined ? undefined : /AADSTS\d{4,8}/.exec(description)?.[0];
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
