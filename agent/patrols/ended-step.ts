// The steps of a run that have ended: what later expressions see of them, and what of all its steps stands in its record.
import type { PatrolRun, StepOutcome, StepRecord } from '../../shared/contract/patrol-messages.ts';
import type { Patrol, PatrolStep } from '../../shared/patrols/patrol.ts';
import type { RunData, StepValue } from '../../shared/patrols/step-value.ts';

export interface EndedStep {
  step: PatrolStep;
  record: StepRecord;
  value: StepValue;
  /** As later steps take it: `blind`, too, for one that a condition left out which rests on what was not seen. */
  outcome: StepOutcome;
}

export interface RunFacts {
  patrol: Pick<Patrol, 'name' | 'steps'>;
  account: RunData['account'];
  /** Start of the last run that saw everything, ISO 8601. */
  lastOkAt: string | undefined;
}

/** What expressions see of the run so far. */
export function runDataOf(
  { patrol, account, lastOkAt }: RunFacts,
  run: PatrolRun,
  ended: readonly EndedStep[],
): RunData {
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

/** By the id of the step. */
export function outcomesOf(ended: readonly EndedStep[]): Record<string, StepOutcome> {
  return Object.fromEntries(ended.map(({ step, outcome }) => [step.id, outcome]));
}

export function aboutStep({ id, server, tool }: PatrolStep): Pick<StepRecord, 'id' | 'server' | 'tool'> {
  return { id, server, tool };
}

/** All steps of the patrol, those that were not run as such. */
export function stepRecordsOf({ steps }: Pick<Patrol, 'steps'>, ended: readonly EndedStep[]): StepRecord[] {
  return steps.map((step, index) => ended[index]?.record ?? { ...aboutStep(step), outcome: 'not_run', calls: 0 });
}

/** As the functions of time write instants, so that they can be compared as texts. */
function wholeSeconds(time: string | undefined): string | undefined {
  return time?.replace(/\.\d+Z$/, 'Z');
}
