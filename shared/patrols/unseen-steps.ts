// Which steps left less than there is, so that what reads them would take nothing for what there is (promise P12).
import type { StepOutcome } from '../contract/patrol-messages.ts';

/**
 * Ids of those among `reads` that were not seen. One that its condition left out has left what it should; where the condition
 * itself rests on what was not seen, its outcome is to be given as `blind`. `outcomes`: by id; a step that is missing was not run.
 */
export function unseenSteps(reads: readonly string[], outcomes: Readonly<Record<string, StepOutcome>>): string[] {
  return reads.filter((id) => {
    const outcome = outcomes[id];
    return outcome !== 'ok' && outcome !== 'skipped';
  });
}
