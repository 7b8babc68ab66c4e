// What is shown of a failed call: its meaning, the next step, and what support will ask for.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { errorMeaning, type ErrorMeaning } from './error-meaning.ts';
import type { NextStep, OwnAdvice } from './next-step.ts';

export interface ErrorCard {
  code: string;
  title: string;
  tone: ErrorMeaning['tone'];
  meaning: string;
  /** In the words of the agent or the server; empty when there is none. */
  message: string;
  /** What to do next. */
  advice: string;
  step: NextStep | undefined;
  /** For instance "Try again in 30 s."; undefined when a retry is of no use or as good now as later. */
  retryHint: string | undefined;
  requestId: string | undefined;
}

export function errorCard(error: NonNullable<ToolResultEvent['error']>, own?: OwnAdvice): ErrorCard {
  const { code, message, action, retryable, retryAfterMs, requestId } = error;
  const { title, tone, meaning, advice, step } = errorMeaning(code);
  return {
    code,
    title: own?.title ?? title,
    tone,
    meaning: own?.meaning ?? meaning,
    message: own?.message ?? message.trim(),
    advice: own?.text ?? (action?.trim() || advice),
    step: own?.step ?? step ?? (retryable ? 'runAgain' : undefined),
    retryHint: retryAfterMs === undefined ? undefined : `Try again in ${pauseText(retryAfterMs)}.`,
    requestId,
  };
}

function pauseText(milliseconds: number): string {
  const seconds = Math.max(1, Math.ceil(milliseconds / 1_000));
  if (seconds < 120) return `${seconds} s`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
