// Lets all else in the agent have its turn while the expressions of a run are evaluated, and ends them with the run.
import type { WorkBudget } from '../../shared/patrols/work-budget.ts';

/** Units of work between two turns, some milliseconds. */
const workOfTurn = 50_000;

/** What it returns rejects with the reason of `signal`. */
export function turns({ work, signal }: { work: WorkBudget; signal?: AbortSignal }): () => Promise<void> {
  let spent = work.spent;
  return async () => {
    if (work.spent - spent >= workOfTurn) {
      spent = work.spent;
      await new Promise((resolve) => setImmediate(resolve));
    }
    signal?.throwIfAborted();
  };
}
