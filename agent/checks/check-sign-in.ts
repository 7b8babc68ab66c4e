// Findings about the sign-in: its state, and on request a new token from Entra. A failed refresh drops nothing that Entra did not
// definitely refuse (promise P9); that is decided by the account session, not here.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const signIn = 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.';

export function checkSignIn({ status, account, reason, endsAt, accessTokenExpiresAt }: AuthState): Finding {
  const as = account === undefined ? '' : ` as ${account.username}`;
  const why = reason === undefined ? '' : `: ${reason.message}`;
  const action = reason?.action ?? signIn;
  switch (status) {
    case 'not_connected':
      return finding('sign-in.state', 'failed', `Nobody is connected${why || '.'}`, { fault: 'permission', action });
    case 'expired':
      return finding('sign-in.state', 'failed', `Expired${as}${why || '.'}`, { fault: 'permission', action });
    case 'degraded':
      return finding('sign-in.state', 'warning', `Connected${as}, and not all is well${why || '.'}`, { action });
    case 'connected': {
      if (endsAt?.soon === true)
        return finding('sign-in.state', 'warning', `Connected${as}, until ${endsAt.at}: ${endsAt.message}`, {
          action: 'Sign in again before that.',
        });
      const until = accessTokenExpiresAt === undefined ? '' : `; the access token lasts until ${accessTokenExpiresAt}`;
      return finding('sign-in.state', 'ok', `Connected${as}${until}.`);
    }
  }
}

export interface RefreshCheckOptions {
  isWanted: boolean;
  isConnected: boolean;
  /** Through the queue of the account, as every refresh. Rejects with a RockBotError. */
  refresh: () => Promise<unknown>;
}

export async function checkRefresh({ isWanted, isConnected, refresh }: RefreshCheckOptions): Promise<Finding> {
  if (!isWanted) return finding('sign-in.refresh', 'skipped', 'Not asked for; Entra issues a new token on request.');
  if (!isConnected) return finding('sign-in.refresh', 'skipped', 'There is no working sign-in to refresh.');
  try {
    await refresh();
    return finding('sign-in.refresh', 'ok', 'Entra issued a new token, and it is stored.');
  } catch (error) {
    if (!(error instanceof RockBotError) || error.code === 'cancelled') throw error;
    const { code, message, action } = error;
    if (isSignInCode(code))
      return finding('sign-in.refresh', 'failed', message, { fault: 'permission', action: action ?? signIn });
    return finding('sign-in.refresh', 'failed', `${message} The sign-in is kept.`, {
      action: action ?? 'Wait; the agent tries again by itself.',
    });
  }
}
