// How much work the expressions of one run may do together. It knows no clock and no expression.
import { ExpressionProblem } from './expression-time.ts';

/** Units of work of all expressions of a run, less than half a second; see `evaluateTree` for what a unit is. */
const maxWorkOfRun = 5_000_000;

export class WorkBudget {
  #spent = 0;

  /** So far, also by expressions that failed. */
  get spent(): number {
    return this.#spent;
  }

  /** Throws ExpressionProblem. */
  spend(amount: number): void {
    this.#spent += amount;
    if (this.#spent > maxWorkOfRun)
      throw new ExpressionProblem('the expressions of the run take too much work together: look at less data');
  }
}
