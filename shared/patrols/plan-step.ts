// What a step of a run does next: the calls with their arguments filled in, or why there are none. It calls nothing itself.
import type { JSONValue } from '@jmespath-community/jmespath';
import type { StepOutcome } from '../contract/patrol-messages.ts';
import type { FunctionContext } from './expression-functions.ts';
import { ExpressionProblem } from './expression-time.ts';
import { evaluateExpression } from './expression.ts';
import { fillIn, isTrue } from './patrol-value.ts';
import type { PatrolStep } from './patrol.ts';
import { unseenSteps } from './render-output.ts';
import { dataFor, type RunData } from './step-value.ts';

export type StepPlan =
  /** `total` is how many items there were; `calls` has those within the bound, or one without forEach. */
  | { kind: 'calls'; calls: Record<string, unknown>[]; total: number }
  /** Its condition was false. */
  | { kind: 'skipped'; reason: string }
  /** It reads what was not seen: taking nothing for what there is would be a lie. */
  | { kind: 'blind'; reason: string }
  /** An expression cannot be evaluated; names the step, the place and the expression. */
  | { kind: 'failed'; problem: string };

export interface StepPlanOptions {
  step: PatrolStep;
  /** With the values of all steps before. */
  data: RunData;
  context: FunctionContext;
  /** How the steps before ended, by id. */
  outcomes: Readonly<Record<string, StepOutcome>>;
}

export function planStep({ step, data, context, outcomes }: StepPlanOptions): StepPlan {
  const unseen = unseenSteps(step.reads, outcomes);
  if (unseen.length > 0) return { kind: 'blind', reason: `it needs what was not seen: ${unseen.join(', ')}` };
  let place = 'when';
  try {
    if (step.when !== undefined && !isTrue(evaluateExpression(step.when, dataFor(data), context)))
      return { kind: 'skipped', reason: `its condition \${${step.when.source}} was not true` };
    if (step.forEach === undefined) {
      place = 'arguments';
      return { kind: 'calls', calls: [argumentsOf(fillIn(step.arguments, dataFor(data), context))], total: 1 };
    }
    place = 'forEach.in';
    const { in: list, as, max } = step.forEach;
    const items = itemsOf(evaluateExpression(list, dataFor(data), context), {
      isEmpty: step.reads.some((id) => outcomes[id] === 'skipped'),
    });
    const calls = items.slice(0, max).map((value, index) => {
      place = `arguments for item ${index}`;
      return argumentsOf(fillIn(step.arguments, dataFor(data, { as, value, index }), context));
    });
    return { kind: 'calls', calls, total: items.length };
  } catch (error) {
    if (error instanceof ExpressionProblem)
      return { kind: 'failed', problem: `step ${step.id}, ${place}: ${error.message}` };
    throw error;
  }
}

/** Nothing is an empty list only where a step was left out on purpose; elsewhere it is a mistake in the expression. */
function itemsOf(value: JSONValue, { isEmpty }: { isEmpty: boolean }): JSONValue[] {
  if (Array.isArray(value)) return value;
  if (value === null && isEmpty) return [];
  const got = value === null ? 'nothing' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
  throw new ExpressionProblem(`it gave ${got} instead of a list`);
}

function argumentsOf(value: JSONValue): Record<string, unknown> {
  return value as Record<string, unknown>;
}
