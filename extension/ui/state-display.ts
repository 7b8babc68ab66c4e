// Shows each new state everywhere it is seen: status bar, servers view, context keys, the notice of an expiry.
import { join } from 'node:path';
import { commands, type Disposable, type ExtensionContext } from 'vscode';
import { phaseOf } from '../connection/connection-phase.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { problemShown, statusView } from '../connection/status-view.ts';
import { contextKeys } from '../contributions.ts';
import { createExpiredNotice } from './expired-notice.ts';
import type { Log } from './log.ts';
import type { McpJsonLanguage } from './mcp-json-language.ts';
import { readerLocale } from './reader-locale.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';
import type { Patrols } from './patrols.ts';
import type { ServersView } from './servers-view.ts';
import { createStatusBar } from './status-bar.ts';

export interface StateDisplayOptions {
  context: Pick<ExtensionContext, 'globalStorageUri'>;
  servers: Pick<ServersView, 'changed'>;
  patrols: Pick<Patrols, 'follow'>;
  language: Pick<McpJsonLanguage, 'follow'>;
  log: Pick<Log, 'info'>;
  timeZone: Pick<ReaderTimeZone, 'current'>;
}

export interface StateDisplay extends Disposable {
  show(state: ConnectionState): void;
}

export function createStateDisplay({
  context,
  servers,
  patrols,
  language,
  log,
  timeZone,
}: StateDisplayOptions): StateDisplay {
  const statusBar = createStatusBar();
  const notice = createExpiredNotice({
    folder: join(context.globalStorageUri.fsPath, 'episodes'),
    agentName: () => shown?.agentName ?? '',
    timeZone,
  });
  let shown: ConnectionState | undefined;
  let shownView = '';
  const show = (state: ConnectionState): void => {
    const before = shown;
    shown = state;
    const phase = phaseOf(state);
    void notice.follow(state.auth);
    patrols.follow(state);
    language.follow(state);
    const isSamePhase = before !== undefined && phaseOf(before) === phase;
    const problem = problemShown(state, phase);
    void commands.executeCommand('setContext', contextKeys.problem, problem?.code);
    if (state.agent.kind === 'online' && before?.agent.kind !== 'online')
      void commands.executeCommand('setContext', contextKeys.agentReached, true);
    if (!isSamePhase) {
      void commands.executeCommand('setContext', contextKeys.phase, phase);
      log.info(`Now ${phase.replaceAll('_', ' ')}.`, { ...problem });
    }
    // Heartbeats come every few seconds and mostly say what is on screen.
    const view = statusView(state, { now: Date.now(), timeZone: timeZone.current(), locale: readerLocale() });
    const key = JSON.stringify(view);
    if (key !== shownView) statusBar.show(view);
    shownView = key;
    const isSameTree =
      isSamePhase && before.servers === state.servers && before.configProblems === state.configProblems;
    if (!isSameTree) servers.changed();
  };
  return { show, dispose: () => statusBar.dispose() };
}
