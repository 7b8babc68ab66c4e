// The extension's composition root: makes the parts and connects them; it decides and shows nothing itself.
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import { createSetBusAddress, openSettings } from './ui/bus-address.ts';
import { createBusCredentials } from './ui/bus-credentials.ts';
import { registerCommands } from './ui/commands.ts';
import { createConnection, type Connection } from './ui/connection.ts';
import { createCopyDiagnostics } from './ui/copy-diagnostics.ts';
import { createExpiredNotice } from './ui/expired-notice.ts';
import { createLocalAgentCommands } from './ui/local-agent.ts';
import { createLog } from './ui/log.ts';
import { createOpenMcpJson } from './ui/open-mcp-json.ts';
import { createPatrols } from './ui/patrols.ts';
import { createServerDetails } from './ui/server-details.ts';
import { createServersView } from './ui/servers-view.ts';
import { createSignIn } from './ui/sign-in.ts';
import { createStateDisplay } from './ui/state-display.ts';
import { createStatusBar } from './ui/status-bar.ts';
import { createToolRunning } from './ui/tool-running.ts';

let leave: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): void {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  const add = <Part extends { dispose(): unknown }>(part: Part): Part => {
    context.subscriptions.push(part);
    return part;
  };
  const log = add(createLog());
  const credentials = add(createBusCredentials(context));
  const agentName = (): string => connection.session.state.agentName;
  const shared = { context, session: () => connection.session, timeZone };
  const localFile = (): string | undefined => localAgent.address?.mcpConfigPath;
  const tools = add(createToolRunning(shared));
  const patrols = add(createPatrols({ ...shared, showResult: tools.showResult, showRuns: tools.showRuns, localFile }));
  const connection: Connection = add(
    createConnection({
      credentials,
      log,
      ...tools.hears,
      ...patrols.hears,
      onState: (state) => showState(state),
    }),
  );
  const { session, settings } = connection;
  const state = () => session.state;
  const localAgent = add(
    createLocalAgentCommands({
      context,
      settings,
      log,
      onStarted: connection.use,
      onStopped: () => connection.use(undefined),
    }),
  );
  const details = add(createServerDetails({ state }));
  const openMcpJson = createOpenMcpJson({ localFile, state, showDetails: details.show });
  const manage = session.request.bind(session, 'mcpManage');
  const servers = add(
    createServersView({
      state,
      manage,
      refresh: () => session.refresh(),
      runTool: tools.run,
      openEntry: openMcpJson,
      showDetails: details.show,
    }),
  );
  const notice = createExpiredNotice({ folder: join(context.globalStorageUri.fsPath, 'episodes'), agentName });
  const showState = createStateDisplay({ statusBar: add(createStatusBar()), servers, patrols, notice, log, timeZone });
  const signIn = createSignIn({ context, connection, localFile, log });

  add(
    registerCommands({
      connectM365: () => signIn.connect(),
      reconnectM365: () => signIn.connect(),
      disconnectM365: signIn.disconnect,
      runTool: () => tools.run(),
      openMcpJson: () => openMcpJson(),
      startLocalAgent: localAgent.start,
      stopLocalAgent: localAgent.stop,
      setBusCredentials: credentials.ask,
      showLog: log.show,
      copyDiagnostics: createCopyDiagnostics({ context, settings, state, credentials, localAgent, log }),
      openSettings,
      setBusAddress: createSetBusAddress({ usesLocal: () => localFile() !== undefined }),
    }),
  );
  leave = localAgent.release;
  // After activation, which VS Code waits for: the bus is a bundle of its own that takes its time to load.
  setImmediate(() => void connection.restart().then(localAgent.resume));
}

export const deactivate = (): Promise<void> | undefined => leave?.();
