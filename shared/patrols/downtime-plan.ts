// What becomes of the occurrences that came while nobody was there to run them; each is accounted for exactly once.
import type { Occurrence, Timetable } from './timetable.ts';

/** A row of occurrences that were not run. */
export interface OccurrenceSpan {
  count: number;
  first: Occurrence;
  last: Occurrence;
}

export interface DowntimePlan {
  /** False when there are more to count: call again with this plan as `soFar`, when others had their turn. */
  complete: boolean;
  /** The latest `scheduledAt` that is accounted for; the next occurrence is the one after it. */
  handledUpTo: number;
  skipped: OccurrenceSpan | undefined;
  /** The one to be run now, which is not among the skipped. */
  run: Occurrence | undefined;
}

/** Occurrences counted in one call, some tens of milliseconds. */
const defaultLimit = 1_000;

/**
 * Accounts for the occurrences after `lastHandled` that should have started by `now`. One whose jitter is not over is left to
 * the timetable.
 */
export function planAfterDowntime({
  timetable,
  lastHandled,
  now,
  missed,
  soFar,
  limit = defaultLimit,
}: {
  timetable: Timetable;
  lastHandled: number;
  now: number;
  missed: 'skip' | 'runOnce';
  soFar?: DowntimePlan;
  limit?: number;
}): DowntimePlan {
  let skipped = soFar?.skipped;
  let latest = soFar?.run;
  let handledUpTo = soFar?.handledUpTo ?? lastHandled;
  let counted = 0;
  for (const occurrence of timetable.between(handledUpTo, now)) {
    if (occurrence.startsAt > now) break;
    if (counted++ === limit) return { complete: false, handledUpTo, skipped, run: latest };
    handledUpTo = occurrence.scheduledAt;
    if (missed === 'skip') skipped = withOccurrence(skipped, occurrence);
    else {
      if (latest !== undefined) skipped = withOccurrence(skipped, latest);
      latest = occurrence;
    }
  }
  return { complete: true, handledUpTo, skipped, run: latest };
}

function withOccurrence(span: OccurrenceSpan | undefined, occurrence: Occurrence): OccurrenceSpan {
  return { count: (span?.count ?? 0) + 1, first: span?.first ?? occurrence, last: occurrence };
}
