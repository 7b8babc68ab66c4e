// The steps of a run, one after another, until one of them ends it or it is stopped. It writes no record and no output.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';
import type { FunctionContext } from '../../shared/patrols/expression-functions.ts';
import type { Patrol, PatrolStep } from '../../shared/patrols/patrol.ts';
import { planStep, type StepPlan } from '../../shared/patrols/plan-step.ts';
import { uncalledStepValue } from '../../shared/patrols/step-value.ts';
import type { WorkBudget } from '../../shared/patrols/work-budget.ts';
import { redact } from '../../shared/redaction.ts';
import { callStep, type StepEnd } from './call-step.ts';
import { aboutStep, outcomesOf, runDataOf, type EndedStep, type RunFacts } from './ended-step.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import { RecordedResults } from './recorded-results.ts';
import type { RunBudget } from './run-budget.ts';
import { turns } from './turns.ts';
import { unlessStopped } from './unless-stopped.ts';

/** Of a whole run: its time, and the work that its expressions may do together. */
export type RunContext = FunctionContext & { work: WorkBudget };

export interface RunStepsOptions extends RunFacts {
  patrol: Patrol;
  /** As it began. */
  run: PatrolRun;
  context: RunContext;
  call: MakePatrolCall;
  budget: RunBudget;
  clock: Clock;
  /** Its reason is a RunStopped. */
  signal: AbortSignal;
  /** After each step but the last. */
  onStep: (ended: readonly EndedStep[]) => void;
}

export interface EndedSteps {
  /** In order; those that are missing were not run. */
  ended: EndedStep[];
  /** What the last of them ended the run with. */
  failure: WireError | undefined;
}

/** Never rejects for what a step, a server or an expression does, nor when it is stopped. */
export async function runSteps(options: RunStepsOptions): Promise<EndedSteps> {
  const { patrol, run, context, clock, signal, onStep } = options;
  const shared = { recorded: new RecordedResults(), signInNeeded: new Map<string, WireError>() };
  const pause = turns({ work: context.work, signal });
  const ended: EndedStep[] = [];
  for (const [index, step] of patrol.steps.entries()) {
    if (signal.aborted) break;
    const startedAt = clock.now();
    const data = runDataOf(options, run, ended);
    const plan = await unlessStopped(signal, planStep({ step, data, context, outcomes: outcomesOf(ended), pause }));
    if (plan === undefined) break;
    const end =
      plan.kind === 'calls'
        ? await callStep(plan, { ...options, ...shared, runId: run.runId, step, index })
        : uncalled(plan);
    const times = { startedAt: new Date(startedAt).toISOString(), durationMs: Math.max(0, clock.now() - startedAt) };
    ended.push(endedStep(step, { plan, end, times }));
    if (end.mustEnd) return { ended, failure: end.error };
    if (index < patrol.steps.length - 1 && !signal.aborted) onStep(ended);
  }
  return { ended, failure: undefined };
}

function endedStep(
  step: PatrolStep,
  { plan, end, times }: { plan: StepPlan; end: StepEnd; times: { startedAt: string; durationMs: number } },
): EndedStep {
  const { value, mustEnd: _mustEnd, ...facts } = end;
  const isInDoubt = plan.kind === 'skipped' && plan.unseen.length > 0;
  return {
    step,
    value,
    outcome: isInDoubt ? 'blind' : end.outcome,
    record: { ...aboutStep(step), ...facts, ...(plan.kind === 'calls' && times) },
  };
}

function uncalled(plan: Exclude<StepPlan, { kind: 'calls' }>): StepEnd {
  if (plan.kind === 'failed') {
    const error: WireError = {
      code: 'invalid_arguments',
      message: redact(`It cannot be filled in: ${plan.problem}`),
      retryable: false,
      action: 'Correct the expression in patrols.json, or ask steps.<id>.ok before.',
    };
    return { outcome: 'failed', calls: 0, error, value: { ok: false, result: null, error }, mustEnd: true };
  }
  const { kind, reason } = plan;
  const value = uncalledStepValue(kind === 'skipped' ? undefined : { code: 'server_unavailable', message: reason });
  return { outcome: kind, calls: 0, reason: redact(reason), value, mustEnd: false };
}
