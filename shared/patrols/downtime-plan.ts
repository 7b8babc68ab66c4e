// What becomes of the occurrences that came while nobody was there to run them; each is accounted for exactly once.
import type { Occurrence, OccurrenceSpan, Timetable } from './timetable.ts';

export interface DowntimePlan {
  /** False when there are more to count: call again with this plan as `soFar`, when others had their turn. */
  complete: boolean;
  /** The latest `scheduledAt` that is accounted for; the next occurrence is the one after it. */
  handledUpTo: number;
  skipped: OccurrenceSpan | undefined;
  /** The one to be run now, which is not among the skipped. */
  run: Occurrence | undefined;
}

/** Rows of occurrences counted in one call, some milliseconds. */
const defaultLimit = 100;

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
  for (const row of timetable.rows(handledUpTo, now)) {
    if (row.first.startsAt > now) break;
    if (counted++ === limit) return { complete: false, handledUpTo, skipped, run: latest };
    handledUpTo = row.last.scheduledAt;
    if (missed === 'skip') skipped = joined(skipped, row);
    else {
      if (latest !== undefined) skipped = joined(skipped, { count: 1, first: latest, last: latest });
      latest = row.count === 1 ? row.last : undefined;
      // Another one comes after several.
      if (row.count > 1) skipped = joined(skipped, row);
    }
  }
  return { complete: true, handledUpTo, skipped, run: latest };
}

function joined(span: OccurrenceSpan | undefined, row: OccurrenceSpan): OccurrenceSpan {
  return { count: (span?.count ?? 0) + row.count, first: span?.first ?? row.first, last: row.last };
}
