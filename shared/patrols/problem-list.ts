// The problems of one patrol, as far as anybody reads them: finding and telling thousands would hold up whoever looks for them.
import type { PatrolProblem } from './patrol-problem.ts';

type Problem = Omit<PatrolProblem, 'line'>;

/** Of one patrol. */
export const maxProblems = 20;

export class ProblemList {
  readonly #problems: Problem[] = [];

  get isEmpty(): boolean {
    return this.#problems.length === 0;
  }

  /** There are more than are told: there is no need to look for others. */
  get isFull(): boolean {
    return this.#problems.length > maxProblems;
  }

  add(path: Problem['path'], message: string): void {
    if (!this.isFull) this.#problems.push({ path, message });
  }

  told(): Problem[] {
    if (!this.isFull) return this.#problems;
    const more: Problem = { path: [], message: 'has more problems, which are told when these are mended' };
    return [...this.#problems.slice(0, maxProblems), more];
  }
}
