// How often a tenant asks for a sign-in, learnt from how earlier ones ended; pure functions of times in milliseconds.

/** One sign-in that ended because of the tenant's sign-in frequency. */
export interface EndedSignIn {
  /** As Entra said it. */
  statedMs?: number | undefined;
  /** So long after the sign-in it was still good, as the last refresh showed. */
  goodAfterMs: number;
  /** So long after the sign-in it was refused. */
  refusedAfterMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
/** Between the sign-in and its hand-off: a device code lives so long. */
const handOffMs = 15 * minuteMs;

/** What Conditional Access can be set to (Microsoft's reference of "sign-in frequency"): 1 to 23 hours, 1 to 365 days. */
const settable = [
  ...Array.from({ length: 23 }, (_, index) => (index + 1) * hourMs),
  ...Array.from({ length: 365 }, (_, index) => (index + 1) * dayMs),
];

/**
 * The period, or undefined while it is not clear. `ended`: oldest first. Clear is what Entra said; a single measurement between
 * two near refreshes that only one setting explains; or two and more that one setting, or about one length, explains.
 */
export function learntPeriodMs(ended: readonly EndedSignIn[]): number | undefined {
  const newest = ended.at(-1);
  if (newest === undefined || newest.statedMs !== undefined) return newest?.statedMs;
  let { goodAfterMs: low, refusedAfterMs: high } = newest;
  let similar = 1;
  for (const earlier of ended.slice(0, -1).toReversed()) {
    const nextLow = Math.max(low, earlier.goodAfterMs);
    const nextHigh = Math.min(high, earlier.refusedAfterMs);
    // The policy was another one before. Measurements of one policy may miss each other by what their hand-offs took.
    if (earlier.statedMs !== undefined || nextLow >= nextHigh + handOffAtMost(nextHigh)) break;
    [low, high] = [nextLow, nextHigh];
    similar++;
  }
  const fitting = settable.filter((period) => period > low && period <= high + handOffMs);
  const width = high - low;
  if (fitting.length === 1 && (similar > 1 || width <= Math.max(1.5 * hourMs, high * 0.05))) return fitting[0];
  // Rather warned early than late. An hourly refresh and a late hand-off leave a little over half of two hours open.
  return similar > 1 && width <= high * 0.6 ? (fitting[0] ?? high) : undefined;
}

/** True when a sign-in that is still good after `goodAfterMs` shows that the tenant does not ask that often any more. */
export function isDisproved(periodMs: number, goodAfterMs: number): boolean {
  return goodAfterMs > periodMs + handOffAtMost(periodMs);
}

/** For a period of this length; the short ones of a test tenant leave less room. */
function handOffAtMost(periodMs: number): number {
  return Math.min(handOffMs, periodMs / 4);
}
