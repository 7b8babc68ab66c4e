// Something that went wrong, as it is shown to a person: what happened and what to do next.
import type { ErrorCode, ErrorReason } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { redact } from '../../shared/redaction.ts';
import { BusUnreachableError, type BusTrouble } from '../bus/bus-unreachable.ts';
import { cleanLine } from '../results/clean-text.ts';
import { busErrorAdvice } from './window-advice.ts';

export interface Problem {
  code: ErrorCode;
  /** One sentence; clean of control characters and of secrets. */
  message: string;
  action?: string | undefined;
  /** Only for `handoff_refused`. */
  reason?: ErrorReason | undefined;
  /** Of a bus or an agent that does not answer, where it is known what it is. */
  trouble?: BusTrouble | undefined;
}

/** Text of an error that is none of ours was written for nobody, so it stays out. */
export function problemOf(error: unknown): Problem {
  if (!(error instanceof RockBotError)) {
    return { code: 'internal', message: 'Something unexpected went wrong.', action: 'Look at the RockBot log.' };
  }
  const { code, message, reason } = error;
  const action = busErrorAdvice(error) ?? error.action;
  const trouble = error instanceof BusUnreachableError ? error.trouble : undefined;
  return {
    code,
    message: tidy(message),
    action: action === undefined ? undefined : tidy(action),
    reason,
    ...(trouble !== undefined && { trouble }),
  };
}

function tidy(text: string): string {
  return cleanLine(redact(text));
}
