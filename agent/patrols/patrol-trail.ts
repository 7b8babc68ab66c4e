// The last records of one patrol: the one that says how it fares, and the row of skipped occurrences that may go on.
import type { PatrolRun, SkipReason } from '../../shared/contract/patrol-messages.ts';
import type { OccurrenceSpan } from '../../shared/patrols/timetable.ts';
import type { PatrolAgenda } from './patrol-agenda.ts';
import { withoutResults } from './run-records.ts';
import { skipRecord } from './skip-record.ts';

export interface PatrolTrailOptions {
  patrol: string;
  lastRun: PatrolRun | undefined;
  agenda: Pick<PatrolAgenda, 'isRightAfter'>;
}

export class PatrolTrail {
  readonly #options: PatrolTrailOptions;
  #lastRun: PatrolRun | undefined;
  #lastRecord: PatrolRun | undefined;

  constructor(options: PatrolTrailOptions) {
    this.#options = options;
    this.#lastRun = options.lastRun;
  }

  /** The last record that says how the patrol fares, without results: a run, or what was missed or kept from running. */
  get lastRun(): PatrolRun | undefined {
    return this.#lastRun;
  }

  /** The record of occurrences that were not run, in which an earlier row may go on. `now`: milliseconds since the epoch. */
  skipped({ reason, span }: { reason: SkipReason; span: OccurrenceSpan }, now: number, callsPerRun: number): PatrolRun {
    const { patrol, agenda } = this.#options;
    // With nothing between that was run, or skipped for another reason.
    const goesOn = agenda.isRightAfter(this.#lastRecord?.skipped?.last ?? '', span.first);
    const before = goesOn ? this.#lastRecord : undefined;
    const record = skipRecord({ patrol, reason, span, before, now, callsPerRun });
    this.#lastRecord = record;
    if (reason === 'missed' || reason === 'invalid') this.#lastRun = record;
    return record;
  }

  begun(run: PatrolRun): void {
    this.#lastRecord = run;
  }

  /** The record without results; `isNews`: it went wrong, and the one before did not in this way. */
  ended(run: PatrolRun): { record: PatrolRun; isNews: boolean } {
    const isNews = run.status !== 'ok' && this.#lastRun?.status !== run.status;
    const record = withoutResults(run);
    this.#lastRun = record;
    this.#lastRecord = record;
    return { record, isNews };
  }
}
