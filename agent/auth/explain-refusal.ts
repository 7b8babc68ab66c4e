// What Entra's refusal means for this app, in plain words and with the exact next step. Pure.
import type { AuthReason } from '../../shared/contract/auth-state.ts';
import type { EntraFailure } from '../../shared/entra-failure.ts';
import { exactAction, nextStepOf, type EntraApp } from '../../shared/entra-next-step.ts';
import { everyText } from '../../shared/period-text.ts';
import { reasonOf } from './refresh-failure.ts';

/** `periodMs`: after which the tenant asks for a sign-in, where that is why and it is known. */
export function explainRefusal(
  failure: EntraFailure,
  { app, periodMs }: { app: EntraApp; periodMs: number | undefined },
): AuthReason {
  const reason = reasonOf(failure);
  return {
    ...reason,
    ...(periodMs !== undefined && {
      message: `The tenant asks for a sign-in ${everyText(periodMs)} (learnt), and the last one is over.`,
    }),
    action: exactAction(reason, nextStepOf(reason, app)),
  };
}
