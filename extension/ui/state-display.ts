// Shows each new state everywhere it is seen: status bar, servers view, context keys, the notice of an expiry.
import { commands, env } from 'vscode';
import { phaseOf } from '../connection/connection-phase.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { statusView } from '../connection/status-view.ts';
import { contextKeys } from '../contributions.ts';
import type { ExpiredNotice } from './expired-notice.ts';
import type { ServersView } from './servers-view.ts';
import type { StatusBar } from './status-bar.ts';

export interface StateDisplayParts {
  statusBar: StatusBar;
  servers: Pick<ServersView, 'changed'>;
  notice: ExpiredNotice;
  timeZone: string;
}

export function createStateDisplay({ statusBar, servers, notice, timeZone }: StateDisplayParts) {
  return (state: ConnectionState): void => {
    statusBar.show(statusView(state, { now: Date.now(), timeZone, locale: env.language }));
    void commands.executeCommand('setContext', contextKeys.phase, phaseOf(state));
    servers.changed();
    void notice.follow(state.auth);
  };
}
