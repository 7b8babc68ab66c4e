// Brings what the volume holds of a patrol into order at a start: records that a crash left open or unwritten. It runs nothing.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { newPatrolState } from '../../shared/patrols/patrol-state.ts';
import { missedSignIn, sightOf } from '../../shared/patrols/sight-of.ts';
import { summarise } from '../../shared/patrols/summarise.ts';
import type { Logger } from '../logger.ts';
import type { KeptPatrol } from './kept-patrols.ts';
import type { RunRecords } from './run-records.ts';
import { verdictOf } from './run-verdict.ts';

/** Records that are looked at: behind a run that a crash cut off there are a few rows of skipped occurrences at most. */
const recentRuns = 8;

export interface RestoreOptions {
  patrol: string;
  /** What was kept of it, if anything. */
  kept: KeptPatrol | undefined;
  /** The state is lost, so that what records say is all there is. */
  wasLost: boolean;
  records: RunRecords;
  clock: Clock;
  logger: Logger;
  schedule: string;
}

export interface RestoredPatrol {
  kept: KeptPatrol;
  /** The last record that says how the patrol fares; without results. */
  lastRun: PatrolRun | undefined;
}

/** What cannot be written is told, and its turn comes again at the next start. */
export async function restorePatrol(options: RestoreOptions): Promise<RestoredPatrol> {
  const { patrol, records, clock, wasLost, schedule } = options;
  await writePending(options);
  const recent = await closeOpenRuns(options);
  const lastRun = recent.find(
    (run) => run.status !== 'skipped' || ['missed', 'invalid'].includes(run.skipped?.reason ?? ''),
  );
  const verdict = recent.map(verdictOf).find((found) => found !== undefined);
  const addedAt = new Date(clock.now()).toISOString();
  if (options.kept === undefined) {
    const handledUpTo = wasLost ? Math.min(clock.now(), lastHandled(recent) ?? clock.now()) : clock.now();
    const owesCatchUp = wasLost && lastRun !== undefined && missedSignIn(lastRun.blind);
    const state = { ...newPatrolState(handledUpTo), owesCatchUp };
    const pending = new Map<string, PatrolRun>();
    return { kept: { patrol, state, schedule, addedAt, pending, ...(wasLost && { verdict }) }, lastRun };
  }
  const { runId, ...known } = options.kept;
  const kept = { ...known, verdict: known.verdict ?? verdict, addedAt: known.addedAt ?? addedAt };
  if (runId === undefined) return { kept, lastRun };
  const run = recent.find((one) => one.runId === runId) ?? (await records.get(runId));
  if (run === undefined) return { kept, lastRun };
  // An interrupted run has not seen what the one before it could not see.
  const owesCatchUp = missedSignIn(run.blind) || (run.status === 'interrupted' && kept.state.owesCatchUp);
  const lastOkAt = run.status === 'ok' ? run.startedAt : kept.lastOkAt;
  const state = { ...kept.state, owesCatchUp };
  return {
    kept: { ...kept, state, verdict: verdictOf(run) ?? kept.verdict, ...(lastOkAt !== undefined && { lastOkAt }) },
    lastRun,
  };
}

/** What was decided before a crash and not written by then. */
async function writePending({ kept, records, logger }: RestoreOptions): Promise<void> {
  for (const [runId, record] of kept?.pending ?? []) {
    const written = records.has(runId) ? await records.get(runId) : undefined;
    const isNewer = record.status === 'skipped' && (written?.skipped?.count ?? 0) < (record.skipped?.count ?? 0);
    const isEnd = written?.status === 'running' && record.status !== 'running';
    if (written !== undefined && !isNewer && !isEnd) kept?.pending.delete(runId);
    else if (await isWritten(record, { records, logger })) kept?.pending.delete(runId);
  }
}

/** Closes what ran when the agent ended; the patrol's last records, newest first and without results. */
export async function closeOpenRuns({
  patrol,
  records,
  clock,
  logger,
}: Pick<RestoreOptions, 'patrol' | 'records' | 'clock' | 'logger'>): Promise<PatrolRun[]> {
  const recent = await records.find({ patrol, limit: recentRuns });
  return Promise.all(
    recent.map(async (run) => {
      if (run.status !== 'running') return run;
      const closed = interrupted(run, clock.now());
      await isWritten(closed, { records, logger });
      return closed;
    }),
  );
}

async function isWritten(
  run: PatrolRun,
  { records, logger }: Pick<RestoreOptions, 'records' | 'logger'>,
): Promise<boolean> {
  try {
    await records.write(run);
    return true;
  } catch (error) {
    logger.error('A run record could not be written.', { patrol: run.patrol, runId: run.runId, error });
    return false;
  }
}

function interrupted(run: PatrolRun, now: number): PatrolRun {
  // How a run goes on is written now and then: a step may have come further than its record says.
  const reason = 'it is not known whether it was called';
  const steps = run.steps.map((step) => (step.outcome === 'not_run' ? { ...step, reason } : step));
  const closed: PatrolRun = {
    ...run,
    ...sightOf(steps),
    steps,
    status: 'interrupted',
    // When it was closed: when it was cut off, nobody knows.
    endedAt: new Date(now).toISOString(),
  };
  return { ...closed, summary: summarise(closed) };
}

function lastHandled(runs: readonly PatrolRun[]): number | undefined {
  const times = runs
    .flatMap(({ skipped, scheduledAt }) => [skipped?.last, scheduledAt])
    .map((time) => Date.parse(time ?? ''))
    .filter((time) => !Number.isNaN(time));
  return times.length === 0 ? undefined : Math.max(...times);
}
