// Records of occurrences that were not run: one for a whole row of them, as long as nothing else comes between.
import type { PatrolRun, SkipReason } from '../../shared/contract/patrol-messages.ts';
import type { OccurrenceSpan } from '../../shared/patrols/timetable.ts';
import { summarise } from '../../shared/patrols/summarise.ts';
import { runIdOf } from './run-id.ts';

/** `before`: the record of the occurrence right before, which goes on with this row when it is of the same reason. */
export function skipRecord({
  patrol,
  reason,
  span,
  before,
  now,
  callsPerRun,
}: {
  patrol: string;
  reason: SkipReason;
  span: OccurrenceSpan;
  before: PatrolRun | undefined;
  now: number;
  callsPerRun: number;
}): PatrolRun {
  const earlier = before?.status === 'skipped' && before.skipped?.reason === reason ? before : undefined;
  const scheduledAt = earlier?.scheduledAt ?? isoTime(span.first.scheduledAt);
  const count = span.count + (earlier?.skipped?.count ?? 0);
  const run: PatrolRun = {
    runId: earlier?.runId ?? runIdOf(span.first),
    patrol,
    trigger: 'schedule',
    status: 'skipped',
    ...(count === 1 && { occurrenceId: span.first.id }),
    scheduledAt,
    endedAt: isoTime(now),
    summary: '',
    skipped: {
      reason,
      count,
      first: earlier?.skipped?.first ?? scheduledAt,
      last: isoTime(span.last.scheduledAt),
    },
    saw: [],
    blind: [],
    steps: [],
    budget: { calls: 0, callsPerRun },
  };
  return { ...run, summary: summarise(run) };
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
