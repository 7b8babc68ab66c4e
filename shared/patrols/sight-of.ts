// What a run saw and what it did not, from how its steps ended, and why in a few words (promise P12).
import type { BlindCode, BlindSpot, StepRecord } from '../contract/patrol-messages.ts';
import { isSignInCode, type ErrorCode } from '../errors/error-code.ts';

const reasons: Partial<Record<ErrorCode, string>> = {
  auth_required: 'sign-in is needed',
  consent_required: 'consent is needed',
  admin_action_required: 'an administrator has to act',
  entitlement_required: 'a licence or billing is missing',
  policy_denied: 'a policy of the tenant forbids it',
  guard_denied: 'a guard forbids it',
  forbidden: 'access is forbidden',
  throttled: 'too many calls',
  timeout: 'it took too long',
  cancelled: 'it was cancelled',
  tool_not_found: 'there is no such tool',
  server_unavailable: 'server unavailable',
  invalid_arguments: 'the arguments do not fit',
  execution_failed: 'the tool failed',
  outcome_unknown: 'the answer was lost',
  payload_too_large: 'the answer is too large',
};

/** Why a server could not be seen, in a few words. */
export function blindReason(code: string): string {
  return reasons[code as ErrorCode] ?? 'an error of the agent';
}

/** What a run did not see and which servers it saw, from how its steps ended. */
export function sightOf(steps: readonly StepRecord[]): { saw: string[]; blind: BlindSpot[] } {
  const unseen = steps.filter(({ outcome }) => outcome !== 'ok' && outcome !== 'skipped');
  const saw = steps.filter(({ outcome }) => outcome === 'ok' || outcome === 'partial').map(({ server }) => server);
  return { saw: [...new Set(saw)], blind: unseen.map(blindSpotOf) };
}

function blindSpotOf({ id, server, outcome, error, reason }: StepRecord): BlindSpot {
  const spot = { server, step: id };
  if (error !== undefined) {
    const words = blindReason(error.code);
    return { ...spot, code: error.code, reason: outcome === 'partial' ? `in part: ${words}` : words };
  }
  const [code, words] = withoutError[outcome] ?? ['internal', blindReason('internal')];
  return { ...spot, code, reason: reason ?? words };
}

/** Code and words of steps that no error kept from being seen, by their outcome. */
const withoutError: Readonly<Record<string, readonly [code: BlindCode, words: string]>> = {
  not_run: ['not_run', 'the run ended before'],
  blind: ['not_seen', 'it needs what was not seen'],
  cancelled: ['cancelled', blindReason('cancelled')],
};

/** Whether something could not be seen for want of a sign-in, so that a catch-up is owed. */
export function missedSignIn(blind: readonly BlindSpot[]): boolean {
  return blind.some(({ code }) => isSignInCode(code as ErrorCode));
}
