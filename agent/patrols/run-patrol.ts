// One run of a patrol from its first step to its record. It knows no schedule, no file and no bus.
import type { PatrolRun, RunStatus } from '../../shared/contract/patrol-messages.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { renderOutput } from '../../shared/patrols/render-output.ts';
import { sightOf } from '../../shared/patrols/sight-of.ts';
import { summarise } from '../../shared/patrols/summarise.ts';
import { WorkBudget } from '../../shared/patrols/work-budget.ts';
import { redact } from '../../shared/redaction.ts';
import { outcomesOf, runDataOf, stepRecordsOf, type EndedStep } from './ended-step.ts';
import { RunStopped } from './run-stopped.ts';
import { runSteps, type EndedSteps, type RunContext, type RunStepsOptions } from './run-steps.ts';
import { turns } from './turns.ts';
import { unlessStopped } from './unless-stopped.ts';

export interface RunPatrolOptions extends Omit<RunStepsOptions, 'context' | 'onStep'> {
  /** As it was opened. */
  run: PatrolRun;
  /** After each step but the last, with what is known by then, without results. */
  onStep: (run: PatrolRun) => void;
}

type Output = Pick<PatrolRun, 'output' | 'outputProblems'>;

const unwritten: Output = { outputProblems: ['the output could not be written before the run ended'] };

/** Never rejects for what a step, a server or an expression does. */
export async function runPatrol(options: RunPatrolOptions): Promise<PatrolRun> {
  const { patrol, clock, signal } = options;
  const startedAt = clock.now();
  const run: PatrolRun = { ...options.run, startedAt: isoTime(startedAt) };
  const context: RunContext = { now: startedAt, timeZone: patrol.schedule.timeZone, work: new WorkBudget() };
  const onStep = (ended: readonly EndedStep[]): void => {
    options.onStep(progressOf(run, ended, options));
  };
  const steps = await runSteps({ ...options, run, context, onStep });
  const wasStopped = signal.aborted && isCut(steps, options);
  const isLeft = wasStopped && signal.reason instanceof RunStopped && signal.reason.status !== 'failed';
  const output = isLeft ? {} : await outputOf(options, { run, ended: steps.ended, context });
  const stopped: unknown = wasStopped || output === undefined ? signal.reason : undefined;
  return endedRun(options, { run, steps, output: output ?? unwritten, stopped });
}

/** One that is stopped after its last step was done is whole all the same. */
function isCut({ ended, failure }: EndedSteps, { patrol }: RunPatrolOptions): boolean {
  return ended.length < patrol.steps.length || ended.at(-1)?.outcome === 'cancelled' || failure !== undefined;
}

function endedRun(
  { patrol, clock, budget }: RunPatrolOptions,
  {
    run: begun,
    steps: { ended, failure },
    output,
    stopped,
  }: { run: PatrolRun; steps: EndedSteps; output: Output; stopped: unknown },
): PatrolRun {
  const steps = stepRecordsOf(patrol, ended);
  const sight = sightOf(steps);
  const error = stopped === undefined ? failure : toWireError(stopped);
  const endedAt = clock.now();
  const run: PatrolRun = {
    ...begun,
    status: statusOf({ stopped, hasFailed: failure !== undefined, isBlind: sight.blind.length > 0 }),
    endedAt: isoTime(endedAt),
    durationMs: Math.max(0, endedAt - Date.parse(begun.startedAt ?? '')),
    ...(error !== undefined && { error }),
    ...sight,
    steps,
    budget: budget.use(),
    ...output,
  };
  return { ...run, summary: summarise(run) };
}

function statusOf({
  stopped,
  hasFailed,
  isBlind,
}: {
  stopped: unknown;
  hasFailed: boolean;
  isBlind: boolean;
}): RunStatus {
  if (stopped instanceof RunStopped) return stopped.status;
  if (hasFailed) return 'failed';
  return isBlind ? 'blind' : 'ok';
}

/** What is not known yet counts neither as seen nor as unseen. */
function progressOf(run: PatrolRun, ended: readonly EndedStep[], { patrol, budget }: RunPatrolOptions): PatrolRun {
  const sight = sightOf(ended.map(({ record }) => record));
  const steps = stepRecordsOf(patrol, ended).map(({ result: _result, ...step }) => step);
  const progress: PatrolRun = { ...run, ...sight, steps, budget: budget.use() };
  return { ...progress, summary: summarise(progress) };
}

/** Undefined when the run was stopped meanwhile. */
async function outputOf(
  options: RunPatrolOptions,
  { run, ended, context }: { run: PatrolRun; ended: readonly EndedStep[]; context: RunContext },
): Promise<Output | undefined> {
  const { patrol, signal } = options;
  const { output: lines } = patrol;
  if (lines === undefined) return {};
  const data = runDataOf(options, run, ended);
  // A run that was too long all the same says what it has.
  const pause = turns({ work: context.work, ...(!signal.aborted && { signal }) });
  const rendered = renderOutput({ lines, data, context, outcomes: outcomesOf(ended), pause });
  const done = signal.aborted ? await rendered : await unlessStopped(signal, rendered);
  if (done === undefined) return undefined;
  const { text, problems } = done;
  return {
    output: redact(text),
    ...(problems.length > 0 && { outputProblems: problems.map((problem) => redact(problem)) }),
  };
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
