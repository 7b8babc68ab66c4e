// The error of a call that did not come about, as the event of the call holds it; it knows no vscode.
import type { ListedTool, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { callFailure } from '../bus/answer-lost.ts';
import { busErrorAdvice } from '../connection/window-advice.ts';

type SideEffects = ListedTool['sideEffects'];

/** `sideEffects` of the tool that was called; without, it may write. */
export function failedCall(thrown: unknown, sideEffects?: SideEffects): NonNullable<ToolResultEvent['error']> {
  const error = callFailure(thrown, sideEffects);
  if (!(error instanceof RockBotError)) {
    return {
      code: 'internal',
      message: 'RockBot could not make this call.',
      retryable: false,
      action: 'Run it again. If it fails again, report it with what "RockBot: Copy Diagnostics" gives you.',
    };
  }
  const advice = busErrorAdvice(error);
  return { ...toWireError(error), ...(advice !== undefined && { action: advice }) };
}

/** For a call that was cancelled here and of which the agent says nothing. */
export function cancelledCall(sideEffects: SideEffects): RockBotError {
  return new RockBotError({
    code: 'cancelled',
    message: 'The call was cancelled.',
    ...(sideEffects !== 'read' && {
      action: 'Check whether the tool has done its work already before you run it again.',
    }),
  });
}
