// Tells that the sign-in has ended, or soon will: once per episode over all windows of this person, whichever window comes first.
import { commands, env } from 'vscode';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { claimOnce } from '../connection/claim-once.ts';
import { endedNotice } from '../connection/sign-in-notices.ts';
import { commandIds } from '../contributions.ts';
import { createEndingNotice, type EndingNoticeOptions } from './ending-notice.ts';
import { showWarning } from './messages.ts';

export interface ExpiredNotice {
  /** Call it with every state. */
  follow(auth: AuthState | undefined): Promise<void>;
}

export function createExpiredNotice({ folder, agentName, timeZone }: EndingNoticeOptions): ExpiredNotice {
  let seen: string | undefined;
  const ending = createEndingNotice({ folder, agentName, timeZone });
  return {
    async follow(auth) {
      if (auth !== undefined) void ending.follow(auth);
      const notice = auth && endedNotice(auth);
      if (notice === undefined || notice.key === seen) return;
      seen = notice.key;
      if (!(await claimOnce(folder, `${agentName()}-${notice.key}`))) return;
      const reconnect = 'Reconnect M365';
      const copy = 'Copy for Your Admin';
      const choices = notice.forAdmin === undefined ? [reconnect] : [copy, reconnect];
      const chosen = await showWarning(notice.text, ...choices, 'Not Now');
      if (chosen === copy) await env.clipboard.writeText(notice.forAdmin ?? '');
      if (chosen === reconnect) await commands.executeCommand(commandIds.reconnectM365);
    },
  };
}
