// Tells that the sign-in has ended: once per episode over all windows of this person, whichever window comes first.
import { commands } from 'vscode';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { claimOnce } from '../connection/claim-once.ts';
import { commandIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showWarning } from './messages.ts';

export interface ExpiredNotice {
  /** Call it with every state. */
  follow(auth: AuthState | undefined): Promise<void>;
}

/** `folder`: shared by all windows on this machine. */
export function createExpiredNotice({ folder, agentName }: { folder: string; agentName: () => string }): ExpiredNotice {
  let seen: string | undefined;
  return {
    async follow(auth) {
      if (auth?.status !== 'expired' || auth.episodeId === undefined || auth.episodeId === seen) return;
      seen = auth.episodeId;
      if (!(await claimOnce(folder, `${agentName()}-${auth.episodeId}`))) return;
      const reconnect = 'Reconnect M365';
      const who = auth.account === undefined ? '' : ` of ${cleanLine(auth.account.username)}`;
      const why = auth.reason === undefined ? '' : `: ${cleanLine(auth.reason.message)}`;
      const chosen = await showWarning(`The Microsoft 365 sign-in${who} has ended${why}`, reconnect, 'Not Now');
      if (chosen === reconnect) await commands.executeCommand(commandIds.reconnectM365);
    },
  };
}
