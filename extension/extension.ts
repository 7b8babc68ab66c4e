// The extension's composition root: makes the parts and connects them; it decides and shows nothing itself.
import { join } from 'node:path';
import { commands, env, type ExtensionContext } from 'vscode';
import { phaseOf } from './connection/connection-phase.ts';
import { statusView } from './connection/status-view.ts';
import { commandIds, contextKeys, settingsQuery } from './contributions.ts';
import { createBusCredentials } from './ui/bus-credentials.ts';
import { createConnection, type Connection } from './ui/connection.ts';
import { createExpiredNotice } from './ui/expired-notice.ts';
import { createLog } from './ui/log.ts';
import { createOpenMcpJson } from './ui/open-mcp-json.ts';
import { createServersView } from './ui/servers-view.ts';
import { createSignIn } from './ui/sign-in.ts';
import { createStatusBar } from './ui/status-bar.ts';
import { createToolRunning } from './ui/tool-running.ts';

export function activate(context: ExtensionContext): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const add = <Part extends { dispose(): unknown }>(part: Part): Part => {
    context.subscriptions.push(part);
    return part;
  };
  const register = (id: string, run: () => unknown): void => void add(commands.registerCommand(id, run));

  const log = add(createLog());
  const credentials = add(createBusCredentials({ secrets: context.secrets }));
  const statusBar = add(createStatusBar());
  const notice = createExpiredNotice({
    folder: join(context.globalStorageUri.fsPath, 'episodes'),
    agentName: () => session.state.agentName,
  });
  const tools = add(createToolRunning({ context, session: () => session, timeZone }));
  const connection: Connection = add(
    createConnection({
      credentials,
      log,
      onToolResult: tools.onResult,
      onToolProgress: tools.onProgress,
      onState: () => showState(),
    }),
  );
  const { session } = connection;
  const openMcpJson = createOpenMcpJson({
    localFile: () => Promise.resolve(undefined),
    agentName: () => session.state.agentName,
  });
  const servers = add(
    createServersView({
      state: () => session.state,
      manage: (request) => session.request('mcpManage', request),
      refresh: () => session.refresh(),
      runTool: (target) => tools.run(target),
      openEntry: openMcpJson,
    }),
  );
  const signIn = createSignIn({
    context,
    connection,
    onError: (message, error) => log.error(message, { error }),
  });

  function showState(): void {
    const { state } = session;
    statusBar.show(statusView(state, { now: Date.now(), timeZone, locale: env.language }));
    void commands.executeCommand('setContext', contextKeys.phase, phaseOf(state));
    servers.changed();
    void notice.follow(state.auth);
  }

  register(commandIds.connectM365, () => signIn.connect());
  register(commandIds.reconnectM365, () => signIn.connect());
  register(commandIds.disconnectM365, () => signIn.disconnect());
  register(commandIds.runTool, () => tools.run());
  register(commandIds.openMcpJson, () => openMcpJson());
  register(commandIds.setBusCredentials, () => credentials.ask());
  register(commandIds.showLog, () => log.show());
  register(commandIds.openSettings, () => commands.executeCommand('workbench.action.openSettings', settingsQuery));
  // After activation, which VS Code waits for: the bus is a bundle of its own that takes its time to load.
  setImmediate(() => void connection.restart());
}
