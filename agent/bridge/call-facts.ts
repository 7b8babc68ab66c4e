// What is known of a call when it fails, and what follows from it: a possible write is never sent again by a program.
import { RockBotError, type RockBotErrorOptions } from '../../shared/errors/rockbot-error.ts';

export interface CallFacts {
  server: string;
  tool: string;
  sideEffects: 'read' | 'write';
  /** The server takes a bearer of ours, so that what it answers means what Microsoft says it means. */
  isWorkIq?: boolean;
}

export const checkBeforeRepeating = 'Look whether it took effect before you do it again.';

/** Only what cannot have side effects may be sent again by a program (promise P10). */
export function forRetry(error: RockBotError, { sideEffects }: CallFacts): RockBotError {
  return sideEffects === 'read' || !error.retryable ? error : error.with({ retryable: false });
}

/** `read` as described; a possible write may have taken effect, so that it is `outcome_unknown`. */
export function lostOr(
  { sideEffects, server, tool }: CallFacts,
  cause: unknown,
  read: RockBotErrorOptions,
): RockBotError {
  if (sideEffects === 'read') return new RockBotError({ ...read, cause });
  return new RockBotError({
    code: 'outcome_unknown',
    message: `The answer of "${server}" to "${tool}" was lost: ${read.message}`,
    action: checkBeforeRepeating,
    cause,
  });
}
