// A run from its opened record to its last one: its turn among others, its time limit, its budget. It never rejects.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun, RunTrigger } from '../../shared/contract/patrol-messages.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import type { RunData } from '../../shared/patrols/step-value.ts';
import { sightOf } from '../../shared/patrols/sight-of.ts';
import { summarise } from '../../shared/patrols/summarise.ts';
import type { Occurrence } from '../../shared/patrols/timetable.ts';
import type { Logger } from '../logger.ts';
import { stepRecordsOf } from './ended-step.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import { RunBudget, type DayCount } from './run-budget.ts';
import { newRunId, runIdOf } from './run-id.ts';
import { runPatrol } from './run-patrol.ts';
import type { RunSlots } from './run-slots.ts';
import { RunStopped } from './run-stopped.ts';

/** The record of a run that is about to begin. `runId`: as somebody wants it. */
export function openedRun(
  patrol: Patrol,
  { trigger, occurrence, runId, now }: { trigger: RunTrigger; occurrence?: Occurrence; runId?: string; now: number },
): PatrolRun {
  const run: PatrolRun = {
    runId: runId ?? (occurrence === undefined ? newRunId(now) : runIdOf(occurrence)),
    patrol: patrol.name,
    trigger,
    status: 'running',
    ...(occurrence !== undefined && {
      occurrenceId: occurrence.id,
      scheduledAt: new Date(occurrence.scheduledAt).toISOString(),
    }),
    startedAt: new Date(now).toISOString(),
    summary: '',
    saw: [],
    blind: [],
    steps: stepRecordsOf(patrol, []),
    budget: { calls: 0, callsPerRun: patrol.budget.callsPerRun },
  };
  return { ...run, summary: summarise(run) };
}

export interface PerformRunOptions {
  patrol: Patrol;
  /** As it was opened. */
  run: PatrolRun;
  /** Resolves when the opened record is on the volume; the first call waits for it. */
  recorded: Promise<void>;
  /** Ends the run; its reason is a RunStopped. */
  controller: AbortController;
  slots: RunSlots;
  call: MakePatrolCall;
  account: RunData['account'];
  lastOkAt: string | undefined;
  used: DayCount | undefined;
  onCount: (used: DayCount) => void;
  /** It has begun, or a step of it has ended. */
  onProgress: (run: PatrolRun) => void;
  clock: Clock;
  logger: Logger;
}

export async function performRun(options: PerformRunOptions): Promise<PatrolRun> {
  const { patrol, run, recorded, controller, slots, clock, onProgress, onCount } = options;
  const { signal } = controller;
  const over = new AbortController();
  let release: (() => void) | undefined;
  try {
    await recorded;
    onProgress(run);
    release = await slots.take(signal);
    clock.sleep(patrol.timeoutSeconds * 1000, over.signal).then(
      () => {
        controller.abort(RunStopped.timeout(patrol.timeoutSeconds));
      },
      () => undefined,
    );
    const budget = new RunBudget({ patrol, clock, used: options.used, onCount });
    return await runPatrol({ ...options, budget, signal, onStep: onProgress });
  } catch (error) {
    return notRun(error, options);
  } finally {
    over.abort();
    release?.();
  }
}

/** It never got its turn, or did not end as runs do. */
function notRun(error: unknown, { run: opened, clock, logger }: PerformRunOptions): PatrolRun {
  const stopped = error instanceof RunStopped ? error : undefined;
  if (stopped === undefined)
    logger.error('A run of a patrol failed unexpectedly.', { patrol: opened.patrol, runId: opened.runId, error });
  const run: PatrolRun = {
    ...opened,
    ...sightOf(opened.steps),
    status: stopped?.status ?? 'failed',
    endedAt: new Date(clock.now()).toISOString(),
    durationMs: 0,
    error: toWireError(error),
  };
  return { ...run, summary: summarise(run) };
}
