// A run as a window shows it: errors in it say what to do in a window, where the agent's own words name the command line, too.
// The record itself stays as it is. Pure.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { callAdvice } from '../connection/window-advice.ts';
import { momentOf } from './run-words.ts';

type RunError = NonNullable<PatrolRun['error']>;

export function advisedRun(run: PatrolRun, state: Pick<ConnectionState, 'auth' | 'servers'>): PatrolRun {
  const startedAt = momentOf(run);
  const advised = (error: RunError, server: string): RunError => {
    const action = callAdvice(error, { server, startedAt, again: 'run the patrol again' }, state)?.text ?? error.action;
    return { ...error, ...(action !== undefined && { action }) };
  };
  const steps = run.steps.map((step) =>
    step.error === undefined ? step : { ...step, error: advised(step.error, step.server) },
  );
  // A run fails with what its last step failed with.
  const failed = run.steps.findLast(({ error }) => error?.code === run.error?.code);
  return {
    ...run,
    steps,
    ...(run.error !== undefined && { error: advised(run.error, failed?.server ?? '') }),
  };
}
