// Tells quietly that the sign-in will end soon: once per expected end over all windows of this person.
import { commands } from 'vscode';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { claimOnce } from '../connection/claim-once.ts';
import { endingNotice } from '../connection/sign-in-notices.ts';
import { commandIds } from '../contributions.ts';
import { showInfo } from './messages.ts';
import { readerLocale } from './reader-locale.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';

export interface EndingNotice {
  /** Call it with every state. */
  follow(auth: AuthState): Promise<void>;
}

export interface EndingNoticeOptions {
  /** Shared by all windows on this machine. */
  folder: string;
  agentName: () => string;
  timeZone: Pick<ReaderTimeZone, 'current'>;
}

export function createEndingNotice({ folder, agentName, timeZone }: EndingNoticeOptions): EndingNotice {
  let seen: string | undefined;
  return {
    async follow(auth) {
      const clock = { now: Date.now(), timeZone: timeZone.current(), locale: readerLocale() };
      const notice = endingNotice(auth, clock);
      if (notice === undefined || notice.key === seen) return;
      seen = notice.key;
      if (!(await claimOnce(folder, `${agentName()}-${notice.key}`))) return;
      const reconnect = 'Reconnect Now';
      const chosen = await showInfo(notice.text, reconnect, 'Later');
      if (chosen === reconnect) await commands.executeCommand(commandIds.reconnectM365);
    },
  };
}
