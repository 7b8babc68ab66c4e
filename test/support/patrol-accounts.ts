// Adds up what became of a patrol's occurrences, from its records: each must be there exactly once.
import assert from 'node:assert/strict';
import { patrolRunSchema, type PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Timetable } from '../../shared/patrols/timetable.ts';
import type { MemoryVolume } from './memory-files.ts';

/** Without results. */
export function recordsOn(volume: MemoryVolume): PatrolRun[] {
  return [...volume]
    .filter(([name]) => /^\d{8}T\d{9}Z\..*\.json$/.test(name))
    .map(([, content]) => patrolRunSchema.parse(JSON.parse(content.split('\n', 1)[0] ?? '')));
}

export interface Accounts {
  run: number;
  skipped: number;
}

/** Fails when an occurrence after `from` and up to `to` is missing, or is there twice. */
export function accountFor(
  patrol: string,
  { timetable, records, from, to }: { timetable: Timetable; records: readonly PatrolRun[]; from: number; to: number },
): Accounts {
  const left = new Map([...timetable.between(from, to)].map(({ scheduledAt, id }) => [scheduledAt, id]));
  const take = (instant: number, by: string): void => {
    assert.ok(
      left.delete(instant),
      `${patrol}: ${new Date(instant).toISOString()} is there twice or never came (${by})`,
    );
  };
  const accounts: Accounts = { run: 0, skipped: 0 };
  for (const { status, occurrenceId, scheduledAt, skipped, runId } of records.filter((run) => run.patrol === patrol)) {
    if (status !== 'skipped') {
      if (occurrenceId === undefined) continue;
      take(Date.parse(scheduledAt ?? ''), `run ${runId}`);
      accounts.run++;
      continue;
    }
    assert.ok(skipped !== undefined);
    const row = [...timetable.between(Date.parse(skipped.first) - 1, Date.parse(skipped.last))];
    // Between those of a row some were run: they are of a run that was under way.
    const open = row.filter(({ scheduledAt: at }) => left.has(at));
    assert.ok(skipped.count <= row.length, `${patrol}: a row of ${skipped.count} is longer than its time`);
    assert.equal(row.length, skipped.count, `${patrol}: the row ${runId} has a gap`);
    assert.equal(open.length, skipped.count, `${patrol}: some of the row ${runId} are there twice`);
    for (const { scheduledAt: at } of row) take(at, `row ${runId}`);
    accounts.skipped += skipped.count;
  }
  assert.deepEqual([...left.values()], [], `${patrol}: not accounted for`);
  return accounts;
}
