// One run of a patrol from its first step to its record. It knows no schedule, no file and no bus.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun, StepOutcome, StepRecord } from '../../shared/contract/patrol-messages.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { FunctionContext } from '../../shared/patrols/expression-functions.ts';
import type { Patrol, PatrolStep } from '../../shared/patrols/patrol.ts';
import { planStep, type StepPlan } from '../../shared/patrols/plan-step.ts';
import { renderOutput } from '../../shared/patrols/render-output.ts';
import { uncalledStepValue, type RunData, type StepValue } from '../../shared/patrols/step-value.ts';
import { sightOf, summarise } from '../../shared/patrols/summarise.ts';
import { WorkBudget } from '../../shared/patrols/work-budget.ts';
import { redact } from '../../shared/redaction.ts';
import { callStep, type StepEnd } from './call-step.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import { RecordedResults } from './recorded-results.ts';
import type { RunBudget } from './run-budget.ts';
import { RunStopped } from './run-stopped.ts';
import { turns } from './turns.ts';

export interface RunPatrolOptions {
  patrol: Patrol;
  /** As it was opened. */
  run: PatrolRun;
  account: RunData['account'];
  /** Start of the last run that saw everything. */
  lastOkAt: string | undefined;
  call: MakePatrolCall;
  budget: RunBudget;
  clock: Clock;
  /** Its reason is a RunStopped. */
  signal: AbortSignal;
  /** After each step but the last, with what is known by then, without results. */
  onStep: (run: PatrolRun) => void;
}

type RunContext = FunctionContext & { work: WorkBudget };

interface Ended {
  step: PatrolStep;
  record: StepRecord;
  value: StepValue;
  /** Not called, by a condition that rests on what was not seen: nobody knows what it would have left. */
  isInDoubt: boolean;
}

/** Never rejects for what a step, a server or an expression does. */
export async function runPatrol(options: RunPatrolOptions): Promise<PatrolRun> {
  const { patrol, clock, signal, budget } = options;
  const startedAt = clock.now();
  const opened: PatrolRun = { ...options.run, startedAt: isoTime(startedAt) };
  const context: RunContext = { now: startedAt, timeZone: patrol.schedule.timeZone, work: new WorkBudget() };
  const pause = turns({ work: context.work, signal });
  const recorded = new RecordedResults();
  const signInNeeded = new Map<string, WireError>();
  const ended: Ended[] = [];
  let failure: WireError | undefined;

  for (const [index, step] of patrol.steps.entries()) {
    if (signal.aborted || failure !== undefined) break;
    const startedStepAt = clock.now();
    const data = dataOf(options, opened, ended);
    const plan = await unlessStopped(signal, planStep({ step, data, context, outcomes: outcomesOf(ended), pause }));
    if (plan === undefined) break;
    const end =
      plan.kind === 'calls'
        ? await callStep(plan, {
            ...options,
            runId: opened.runId,
            step,
            index,
            recorded,
            signInNeeded,
          })
        : uncalled(plan);
    const { value, mustEnd, ...facts } = end;
    const timed = plan.kind === 'calls' ? { startedAt: isoTime(startedStepAt) } : {};
    const durationMs = Math.max(0, clock.now() - startedStepAt);
    ended.push({
      step,
      value,
      isInDoubt: plan.kind === 'skipped' && plan.unseen.length > 0,
      record: { ...aboutStep(step), ...facts, ...timed, ...(plan.kind === 'calls' && { durationMs }) },
    });
    if (mustEnd) failure = facts.error;
    if (index < patrol.steps.length - 1 && !signal.aborted) options.onStep(progressOf(opened, ended, options));
  }

  const isCut =
    ended.length < patrol.steps.length || ended.at(-1)?.record.outcome === 'cancelled' || failure !== undefined;
  const wasStopped = signal.aborted && isCut;
  const isLeft = wasStopped && signal.reason instanceof RunStopped && signal.reason.status !== 'failed';
  const output = isLeft ? {} : await outputOf(options, { opened, ended, context });
  const stopped: unknown = wasStopped || output === undefined ? signal.reason : undefined;
  const steps = recordsOf(patrol, ended);
  const { saw, blind } = sightOf(steps);
  const status =
    stopped instanceof RunStopped
      ? stopped.status
      : failure !== undefined
        ? 'failed'
        : blind.length > 0
          ? 'blind'
          : 'ok';
  const error = stopped === undefined ? failure : toWireError(stopped);
  const endedAt = clock.now();
  const run: PatrolRun = {
    ...opened,
    status,
    endedAt: isoTime(endedAt),
    durationMs: Math.max(0, endedAt - startedAt),
    summary: '',
    ...(error !== undefined && { error }),
    saw,
    blind,
    steps,
    budget: budget.use(),
    ...(output ?? { outputProblems: ['the output could not be written before the run ended'] }),
  };
  return { ...run, summary: summarise(run) };
}

function uncalled(plan: Exclude<StepPlan, { kind: 'calls' }>): StepEnd {
  if (plan.kind === 'failed') {
    const action = 'Correct the expression in patrols.json, or ask steps.<id>.ok before.';
    const error: WireError = {
      code: 'invalid_arguments',
      message: redact(`It cannot be filled in: ${plan.problem}`),
      retryable: false,
      action,
    };
    return { outcome: 'failed', calls: 0, error, value: { ok: false, result: null, error }, mustEnd: true };
  }
  const { kind, reason } = plan;
  const value = uncalledStepValue(kind === 'skipped' ? undefined : { code: 'server_unavailable', message: reason });
  return { outcome: kind, calls: 0, reason: redact(reason), value, mustEnd: false };
}

function aboutStep({ id, server, tool }: PatrolStep): Pick<StepRecord, 'id' | 'server' | 'tool'> {
  return { id, server, tool };
}

/** All steps of the patrol, those that were not run as such. */
function recordsOf({ steps }: Patrol, ended: readonly Ended[]): StepRecord[] {
  return steps.map((step, index) => ended[index]?.record ?? { ...aboutStep(step), outcome: 'not_run', calls: 0 });
}

/** What is not known yet counts neither as seen nor as unseen. */
function progressOf(run: PatrolRun, ended: readonly Ended[], { patrol, budget }: RunPatrolOptions): PatrolRun {
  const sight = sightOf(ended.map(({ record }) => record));
  const steps = recordsOf(patrol, ended).map(({ result: _result, ...step }) => step);
  const progress: PatrolRun = { ...run, ...sight, steps, budget: budget.use() };
  return { ...progress, summary: summarise(progress) };
}

function dataOf({ patrol, account, lastOkAt }: RunPatrolOptions, run: PatrolRun, ended: readonly Ended[]): RunData {
  return {
    patrol: patrol.name,
    run: {
      id: run.runId,
      scheduledAt: wholeSeconds(run.scheduledAt) ?? null,
      startedAt: wholeSeconds(run.startedAt) ?? '',
      lastOkAt: wholeSeconds(lastOkAt) ?? null,
    },
    account,
    // Ids may be such as "__proto__".
    steps: Object.fromEntries(ended.map(({ step, value }) => [step.id, value])),
  };
}

function outcomesOf(ended: readonly Ended[]): Record<string, StepOutcome> {
  return Object.fromEntries(
    ended.map(({ step, record, isInDoubt }) => [step.id, isInDoubt ? 'blind' : (record.outcome as StepOutcome)]),
  );
}

/** Undefined when the run was stopped meanwhile. */
async function outputOf(
  options: RunPatrolOptions,
  { opened, ended, context }: { opened: PatrolRun; ended: readonly Ended[]; context: RunContext },
): Promise<Pick<PatrolRun, 'output' | 'outputProblems'> | undefined> {
  const { patrol, signal } = options;
  const { output: lines } = patrol;
  if (lines === undefined) return {};
  const data = dataOf(options, opened, ended);
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

async function unlessStopped<Result>(signal: AbortSignal, work: Promise<Result>): Promise<Result | undefined> {
  try {
    return await work;
  } catch (error) {
    if (signal.aborted && error === signal.reason) return undefined;
    throw error;
  }
}

/** As the functions of time write instants, so that they can be compared as texts. */
function wholeSeconds(time: string | undefined): string | undefined {
  return time?.replace(/\.\d+Z$/, 'Z');
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
