// The error of a call that did not come about, as the event of the call holds it; it knows no vscode.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { busErrorAdvice } from '../connection/window-advice.ts';

export function failedCall(error: unknown): NonNullable<ToolResultEvent['error']> {
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
