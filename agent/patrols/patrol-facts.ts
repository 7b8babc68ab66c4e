// What metrics are told of patrols. Times are ISO 8601.
import type { Verdict } from './run-verdict.ts';

export interface PatrolFacts {
  name: string;
  /** False while it is stopped because of its problems. */
  isValid: boolean;
  nextRunAt: string | undefined;
  /** Start of the last run that saw everything. */
  lastOkAt: string | undefined;
  /** When the agent saw the patrol first. */
  addedAt: string | undefined;
  /** Of the last run that went to its end. */
  verdict: Verdict | undefined;
}

export interface PatrolsFacts {
  /** False while patrols.json as a whole has a problem, so that what was in force before stays so. */
  isFileValid: boolean;
  patrols: readonly PatrolFacts[];
}
