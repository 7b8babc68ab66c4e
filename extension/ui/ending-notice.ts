// Tells quietly that the sign-in will end soon: once per expected end over all windows of this person.
import { commands } from 'vscode';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { claimOnce } from '../connection/claim-once.ts';
import { endingNotice } from '../connection/sign-in-notices.ts';
import { commandIds } from '../contributions.ts';
import { showInfo } from './messages.ts';
import { readerLocale } from './reader-locale.ts';

export interface EndingNotice {
  /** Call it with every state. */
  follow(auth: AuthState): Promise<void>;
}

/** `folder`: shared by all windows on this machine. */
export function createEndingNotice({ folder, agentName }: { folder: string; agentName: () => string }): EndingNotice {
  let seen: string | undefined;
  return {
    async follow(auth) {
      const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
      const notice = endingNotice(auth, { now: Date.now(), timeZone, locale: readerLocale() });
      if (notice === undefined || notice.key === seen) return;
      seen = notice.key;
      if (!(await claimOnce(folder, `${agentName()}-${notice.key}`))) return;
      const reconnect = 'Reconnect Now';
      const chosen = await showInfo(notice.text, reconnect, 'Later');
      if (chosen === reconnect) await commands.executeCommand(commandIds.reconnectM365);
    },
  };
}
