// The error of calls for which there is no sign-in, from what is known of it. It knows no server.
import { authReasonText } from '../../shared/auth-reason-text.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { errorCodes, type ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export function signInError({ reason }: Pick<AuthState, 'reason'>): RockBotError {
  if (reason === undefined)
    return new RockBotError({
      code: 'auth_required',
      message: 'Nobody has connected Microsoft 365 to this agent yet.',
      action: 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.',
    });
  const code: ErrorCode = errorCodes.find((known) => known === reason.code) ?? 'auth_required';
  return new RockBotError({ code, message: authReasonText(reason), action: reason.action });
}
