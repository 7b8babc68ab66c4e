// The words of the two notices about the sign-in, that it has ended and that it will, and what an administrator is sent; pure.
import { authReasonText } from '../../shared/auth-reason-text.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { cleanLine } from '../results/clean-text.ts';
import { dateTimeText, type ViewClock } from './status-view.ts';

export interface EndedNotice {
  /** One per episode. */
  key: string;
  text: string;
  /** What to send to an administrator, when a sign-in alone does not help. */
  forAdmin?: string | undefined;
}

export function endedNotice({ status, episodeId, account, reason, nextStep }: AuthState): EndedNotice | undefined {
  if (status !== 'expired' || episodeId === undefined) return undefined;
  const who = account === undefined ? '' : ` of ${cleanLine(account.username)}`;
  const why = reason === undefined ? '' : `: ${cleanLine(reason.message)}`;
  const text = `The Microsoft 365 sign-in${who} has ended${why}`;
  if (nextStep?.kind !== 'ask_admin' || reason === undefined) return { key: episodeId, text };
  const exact = nextStep.url ?? nextStep.command;
  const lines = [
    `RockBot cannot reach Microsoft 365${who}. ${authReasonText(reason)}`,
    reason.action,
    ...(exact === undefined || reason.action.includes(exact) ? [] : [exact]),
  ];
  return { key: episodeId, text, forAdmin: lines.map(cleanLine).join('\n') };
}

/** `key`: one per expected end. */
export function endingNotice(
  { account, endsAt }: AuthState,
  clock: ViewClock,
): { key: string; text: string } | undefined {
  if (endsAt?.soon !== true) return undefined;
  const who = account === undefined ? '' : ` of ${cleanLine(account.username)}`;
  const when = dateTimeText(endsAt.at, clock) ?? cleanLine(endsAt.at);
  const text = `The Microsoft 365 sign-in${who} ends on ${when}. ${cleanLine(endsAt.message)} Sign in again before that.`;
  return { key: `ends-${endsAt.at}`, text };
}
