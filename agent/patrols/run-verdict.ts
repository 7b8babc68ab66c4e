// What a run that went to its end says of how its patrol fares; one that was cut off or not run says nothing of it.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';

export const verdicts = ['ok', 'blind', 'failed'] as const;

export type Verdict = (typeof verdicts)[number];

/** Undefined for a run that did not go to its end. */
export function verdictOf({ status }: Pick<PatrolRun, 'status'>): Verdict | undefined {
  return verdicts.find((verdict) => verdict === status);
}
