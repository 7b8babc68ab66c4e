// When a sign-in will end although nothing happens to it, as far as that can be known; pure.
import type { ExpectedEnd } from '../../shared/contract/auth-state.ts';
import { everyText } from '../../shared/period-text.ts';

/** Times in milliseconds since the epoch. */
export interface SignInFacts {
  signedInAt: number;
  lastRefreshAt: number;
  /** Refreshes fail at present. */
  isFailing: boolean;
  /** How often the tenant asks for a sign-in, once that is known. */
  periodMs: number | undefined;
}

const dayMs = 24 * 60 * 60 * 1000;
/** After so long without a refresh Entra forgets a refresh token (AADSTS700082). */
const idleLimitMs = 90 * dayMs;

/** So long after the last refresh its failing is more than a short outage. */
const longOutageMs = 2 * dayMs;

/** `changesAt`: when `end` will read differently although the facts are the same; undefined for never. */
export function expectedEnd(facts: SignInFacts, now: number): { end?: ExpectedEnd; changesAt?: number } {
  const { signedInAt, lastRefreshAt, isFailing, periodMs } = facts;
  const ends: { at: number; lengthMs: number; cause: ExpectedEnd['cause']; message: string }[] = [];
  if (periodMs !== undefined) {
    const message = `The tenant asks for a sign-in ${everyText(periodMs)} (learnt).`;
    ends.push({ at: signedInAt + periodMs, lengthMs: periodMs, cause: 'sign_in_frequency', message });
  }
  // Each refresh moves the limit on; it only comes near while they fail.
  const isLong = isFailing && now >= lastRefreshAt + longOutageMs;
  if (isLong) {
    const message = 'The sign-in ends after 90 days without a refresh, and refreshes fail at present.';
    ends.push({ at: lastRefreshAt + idleLimitMs, lengthMs: idleLimitMs, cause: 'idle', message });
  }
  const [first] = ends.toSorted((left, right) => left.at - right.at);
  const changes = isFailing && !isLong ? [lastRefreshAt + longOutageMs] : [];
  if (first === undefined) return withChange({}, changes);
  const { at, lengthMs, cause, message } = first;
  const soonAt = at - Math.min(dayMs, lengthMs / 4);
  const soon = now >= soonAt;
  if (!soon) changes.push(soonAt);
  return withChange({ end: { at: new Date(at).toISOString(), cause, soon, message } }, changes);
}

function withChange(known: { end?: ExpectedEnd }, changes: number[]): { end?: ExpectedEnd; changesAt?: number } {
  return changes.length === 0 ? known : { ...known, changesAt: Math.min(...changes) };
}
