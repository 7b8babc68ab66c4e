// The closed set of error codes on the wire and what each means for a retry; it knows no transport.

export const errorCodes = [
  'auth_required',
  'consent_required',
  'admin_action_required',
  'entitlement_required',
  'policy_denied',
  'guard_denied',
  'forbidden',
  'throttled',
  'timeout',
  'cancelled',
  'tool_not_found',
  'server_unavailable',
  'invalid_arguments',
  'execution_failed',
  'outcome_unknown',
  'payload_too_large',
  'handoff_refused',
  'unsupported_version',
  'invalid_request',
  'internal',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

/** Why an agent refused a hand-off. */
export const refusalReasons = [
  'signer',
  'account',
  'tenant',
  'replay',
  'expired',
  'unreadable',
  'refresh_failed',
] as const;

export type RefusalReason = (typeof refusalReasons)[number];

/** `conflict`: what was to be replaced is not what it was when it was read. */
export const errorReasons = [...refusalReasons, 'conflict'] as const;

export type ErrorReason = (typeof errorReasons)[number];

const retryableCodes: ReadonlySet<ErrorCode> = new Set(['throttled', 'timeout', 'server_unavailable']);

/** True when the same call may be sent again, provided it cannot have had side effects. */
export function isRetryableCode(code: ErrorCode): boolean {
  return retryableCodes.has(code);
}

const signInCodes: ReadonlySet<ErrorCode> = new Set(['auth_required', 'consent_required', 'admin_action_required']);

/** True for the codes that only a person's sign-in, consent or tenant administration can mend. */
export function isSignInCode(code: ErrorCode): boolean {
  return signInCodes.has(code);
}

/** By them a server that was reached refuses the account: its sign-in, consent, licence, policy or right is missing. */
export const accountCodes = [
  'auth_required',
  'consent_required',
  'admin_action_required',
  'entitlement_required',
  'policy_denied',
  'forbidden',
] as const satisfies readonly ErrorCode[];
