// The calls of one step of a run, one after another, and how the step ended. What cannot be seen is told apart from what failed.
import type { StepOutcome, StepRecord } from '../../shared/contract/patrol-messages.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { toWireError, type WireError } from '../../shared/errors/wire-error.ts';
import type { Patrol, PatrolStep } from '../../shared/patrols/patrol.ts';
import { calledStepValue, uncalledStepValue, type CallEnd, type StepValue } from '../../shared/patrols/step-value.ts';
import { wasUnsent } from '../unsent-errors.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import type { RecordedResults } from './recorded-results.ts';
import type { RunBudget } from './run-budget.ts';
import { RunStopped } from './run-stopped.ts';

export interface StepEnd extends Pick<StepRecord, 'calls' | 'reason' | 'items' | 'result' | 'resultBytes'> {
  outcome: StepOutcome;
  value: StepValue;
  error?: WireError;
  /** The run ends with it. */
  mustEnd: boolean;
}

export interface CallStepOptions {
  patrol: Pick<Patrol, 'name' | 'guards' | 'onAuthRequired'>;
  runId: string;
  step: PatrolStep;
  /** From 0. */
  index: number;
  call: MakePatrolCall;
  budget: RunBudget;
  recorded: RecordedResults;
  /** Servers that need a sign-in, as far as this run has found; further steps of theirs are not called. */
  signInNeeded: Map<string, WireError>;
  signal: AbortSignal;
}

interface Calls {
  ends: CallEnd[];
  /** Of those that ended, how many were sent. */
  sent: number;
  /** Of those that succeeded, null for others. */
  results: unknown[];
  bytes: number;
  /** Parts of results that failed. */
  partFailure: WireError | undefined;
  /** Of calls that failed. */
  failures: WireError[];
  /** What ended the step before its last call. */
  halt: { as: 'blind' | 'failed' | 'cancelled'; error: WireError; mustEnd: boolean } | undefined;
}

export async function callStep(
  plan: { calls: readonly Record<string, unknown>[]; total: number },
  options: CallStepOptions,
): Promise<StepEnd> {
  const { step, patrol } = options;
  const known = plan.calls.length === 0 ? undefined : options.signInNeeded.get(step.server);
  const made: Calls = {
    ends: [],
    sent: 0,
    results: [],
    bytes: 0,
    partFailure: undefined,
    failures: [],
    halt: undefined,
  };
  if (known !== undefined) made.halt = { as: 'blind', error: known, mustEnd: patrol.onAuthRequired === 'fail' };
  for (const [item, args] of plan.calls.entries()) {
    if (made.halt !== undefined) break;
    await callOnce(made, args, { ...options, item });
  }
  return endOf(made, plan, options);
}

async function callOnce(
  made: Calls,
  args: Record<string, unknown>,
  { patrol, runId, step, index, item, call, budget, signInNeeded, signal }: CallStepOptions & { item: number },
): Promise<void> {
  const fail = (error: WireError, halt?: Omit<NonNullable<Calls['halt']>, 'error'>): void => {
    if (halt !== undefined) made.halt = { ...halt, error };
    made.ends.push({ error });
    made.results.push(null);
    made.failures.push(error);
  };
  /** It was turned away before it was sent, or by the server unseen. */
  const unsent = (): void => {
    budget.refund();
    made.sent--;
  };
  try {
    budget.charge();
  } catch (error) {
    made.halt = { as: 'failed', error: toWireError(error), mustEnd: true };
    return;
  }
  made.sent++;
  try {
    const { server, tool, timeoutSeconds } = step;
    const { result, bytes, failures } = await call(
      {
        callId: `${runId}-${index}-${item}`,
        runId,
        patrol: patrol.name,
        server,
        tool,
        arguments: args,
        timeoutMs: timeoutSeconds === undefined ? undefined : timeoutSeconds * 1000,
        guards: patrol.guards,
      },
      { signal },
    );
    made.ends.push({ result });
    made.results.push(result);
    made.bytes += bytes;
    made.partFailure ??= failures[0]?.error;
  } catch (thrown) {
    const { result: _result, inputSchema: _schema, ...error } = toWireError(thrown);
    if (isSignInCode(error.code) || error.code === 'guard_denied' || wasUnsent(thrown)) unsent();
    if (signal.aborted) {
      const isTimeout = signal.reason instanceof RunStopped && signal.reason.status === 'failed';
      fail(error, { as: isTimeout ? 'failed' : 'cancelled', mustEnd: true });
    } else if (isSignInCode(error.code)) {
      signInNeeded.set(step.server, error);
      made.halt = { as: 'blind', error, mustEnd: patrol.onAuthRequired === 'fail' };
    } else fail(error, error.code === 'server_unavailable' ? { as: 'blind', mustEnd: false } : undefined);
  }
}

function endOf(
  made: Calls,
  { calls, total }: { calls: readonly unknown[]; total: number },
  { step, recorded }: CallStepOptions,
): StepEnd {
  const isForEach = step.forEach !== undefined;
  const good = made.ends.length - made.failures.length;
  const error = made.halt?.error ?? made.failures[0] ?? made.partFailure;
  const outcome = outcomeOf(made, good);
  const common = {
    outcome,
    calls: made.sent,
    ...(error !== undefined && { error }),
    ...(isForEach && { items: { total, run: made.ends.length, failed: made.failures.length } }),
    mustEnd: made.halt?.mustEnd === true || (outcome === 'failed' && !step.continueOnError),
  };
  if (good === 0 && error !== undefined) {
    const value = made.ends.length === 0 ? uncalledStepValue(error) : calledStepValue({ isForEach, ends: made.ends });
    return { ...common, value };
  }
  const value = calledStepValue({ isForEach, ends: made.ends });
  const said = isForEach ? made.results : made.results[0];
  return {
    ...common,
    ...(calls.length > 0 && recorded.take(said, made.bytes)),
    value: { ...value, ok: outcome === 'ok', ...(error !== undefined && { error }) },
  };
}

function outcomeOf({ halt, failures, partFailure }: Calls, good: number): StepOutcome {
  if (halt !== undefined)
    return halt.as === 'blind' ? (halt.mustEnd ? 'failed' : good > 0 ? 'partial' : 'blind') : halt.as;
  if (failures.length > 0) return good > 0 ? 'partial' : 'failed';
  return partFailure === undefined ? 'ok' : 'partial';
}
