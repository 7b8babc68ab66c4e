// What a step of a run does next: the calls with their arguments filled in, or why there are none. It calls nothing itself.
import type { JSONValue } from '@jmespath-community/jmespath';
import type { StepOutcome } from '../contract/patrol-messages.ts';
import type { FunctionContext } from './expression-functions.ts';
import { ExpressionProblem } from './expression-time.ts';
import { evaluateExpression, type Expression } from './expression.ts';
import { fillIn, isTrue } from './patrol-value.ts';
import type { PatrolStep } from './patrol.ts';
import { dataFor, type RunData } from './step-value.ts';
import { unseenSteps } from './unseen-steps.ts';

export type StepPlan =
  /** `total` is how many items there were; `calls` has those within the bound, or one without forEach. */
  | { kind: 'calls'; calls: Record<string, unknown>[]; total: number }
  /** Its condition was false. `unseen`: steps that the condition rests on and that were not seen; they might have made it true. */
  | { kind: 'skipped'; reason: string; unseen: string[] }
  /** It reads what was not seen: taking nothing for what there is would be a lie. */
  | { kind: 'blind'; reason: string }
  /** An expression cannot be evaluated; names the step, the place and the expression. */
  | { kind: 'failed'; problem: string };

export interface StepPlanOptions {
  step: PatrolStep;
  /** With the values of all steps before. */
  data: RunData;
  context: FunctionContext;
  /** How the steps before ended, by id; see `unseenSteps`. */
  outcomes: Readonly<Record<string, StepOutcome>>;
  /** Lets others have their turn between items; what it rejects with ends the planning. */
  pause?: () => Promise<void>;
}

export async function planStep({ step, data, context, outcomes, pause }: StepPlanOptions): Promise<StepPlan> {
  const unseen = unseenSteps(step.reads, outcomes);
  if (unseen.length > 0) return { kind: 'blind', reason: `it needs what was not seen: ${unseen.join(', ')}` };
  let place = 'when';
  try {
    if (step.when !== undefined && !isTrue(evaluateExpression(step.when, dataFor(data), context)))
      return skipped(step.when, outcomes);
    await pause?.();
    if (step.forEach === undefined) {
      place = 'arguments';
      return { kind: 'calls', calls: [argumentsOf(fillIn(step.arguments, dataFor(data), context))], total: 1 };
    }
    place = 'forEach.in';
    const { in: list, as, max } = step.forEach;
    const items = itemsOf(evaluateExpression(list, dataFor(data), context), {
      isEmpty: step.reads.some((id) => outcomes[id] === 'skipped'),
    });
    const calls: Record<string, unknown>[] = [];
    for (const [index, value] of items.slice(0, max).entries()) {
      await pause?.();
      place = `arguments for item ${index}`;
      calls.push(argumentsOf(fillIn(step.arguments, dataFor(data, { as, value, index }), context)));
    }
    return { kind: 'calls', calls, total: items.length };
  } catch (error) {
    if (error instanceof ExpressionProblem)
      return { kind: 'failed', problem: `step ${step.id}, ${place}: ${error.message}` };
    throw error;
  }
}

function skipped({ source, asks }: Expression, outcomes: StepPlanOptions['outcomes']): StepPlan {
  const unseen = unseenSteps(asks, outcomes);
  const rests = unseen.length === 0 ? '' : `, and rests on what was not seen: ${unseen.join(', ')}`;
  return { kind: 'skipped', reason: `its condition \${${source}} was not true${rests}`, unseen };
}

/** Nothing is an empty list only where a step was left out on purpose; elsewhere it is a mistake in the expression. */
function itemsOf(value: JSONValue, { isEmpty }: { isEmpty: boolean }): JSONValue[] {
  if (Array.isArray(value)) return value;
  if (value === null && isEmpty) return [];
  const got = value === null ? 'nothing' : `${typeof value === 'object' ? 'an' : 'a'} ${typeof value}`;
  throw new ExpressionProblem(`it gave ${got} instead of a list`);
}

/** The form of patrols.json takes an object for `arguments`, and filling it in keeps its members. */
function argumentsOf(value: JSONValue): Record<string, unknown> {
  return value as Record<string, unknown>;
}
