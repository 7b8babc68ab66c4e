// The extension's composition root: makes the parts and connects them; it decides and shows nothing itself.
import type { ExtensionContext } from 'vscode';
import { createAgentFiles, type AgentFilesOptions } from './ui/agent-files.ts';
import { createSetBusAddress, openSettings } from './ui/bus-address.ts';
import { createBusCredentials } from './ui/bus-credentials.ts';
import { registerCommands } from './ui/commands.ts';
import { createConnection, type Connection } from './ui/connection.ts';
import { createCopyDiagnostics } from './ui/copy-diagnostics.ts';
import { createLocalAgentCommands } from './ui/local-agent.ts';
import { createLog } from './ui/log.ts';
import { createMcpJsonLanguage } from './ui/mcp-json-language.ts';
import { onDemand } from './ui/on-demand.ts';
import { createPatrols } from './ui/patrols.ts';
import { createReaderTimeZone } from './ui/reader-time-zone.ts';
import { createServers } from './ui/servers.ts';
import { createStateDisplay } from './ui/state-display.ts';
import { createToolRunning } from './ui/tool-running.ts';

let leave: (() => Promise<void>) | undefined;

export function activate(context: ExtensionContext): void {
  const add = <Part extends { dispose(): unknown }>(part: Part): Part => {
    context.subscriptions.push(part);
    return part;
  };
  const log = add(createLog());
  const timeZone = add(createReaderTimeZone(context.globalState));
  const credentials = add(createBusCredentials(context));
  const shared = { context, session: () => connection.session };
  const localFile = (): string | undefined => localAgent.address?.mcpConfigPath;
  const tools = add(createToolRunning({ ...shared, timeZone }));
  const { showResult, showRuns } = tools;
  const patrols = add(createPatrols({ ...shared, timeZone, showResult, showRuns, localFile }));
  const connection: Connection = add(
    createConnection({
      credentials,
      log,
      ...tools.hears,
      ...patrols.hears,
      onState: (state, event) => {
        display.show(state);
        agentFiles.follow(state, event);
      },
    }),
  );
  const { session, settings } = connection;
  const state = () => session.state;
  const localAgent = add(createLocalAgentCommands({ context, connection, log }));
  const servers = add(createServers({ session, localFile, runTool: tools.run }));
  const language = add(createMcpJsonLanguage({ context, localFile, log }));
  const onFacts: AgentFilesOptions['onFacts'] = (facts) => language.follow(state(), facts ?? null);
  const agentFiles = add(createAgentFiles({ session: shared.session, onFacts, log }));
  const display = add(createStateDisplay({ context, servers, patrols, language, log, timeZone }));
  const asked = { context, connection, localFile, log };
  const doctor = add(onDemand(async () => (await import('./ui/doctor.ts')).createDoctor(asked)));
  const signIn = add(onDemand(async () => (await import('./ui/sign-in.ts')).createSignIn(asked)));
  const connect = async (): Promise<void> => (await signIn.get()).connect();

  add(
    registerCommands({
      connectM365: connect,
      reconnectM365: connect,
      disconnectM365: async () => (await signIn.get()).disconnect(),
      runTool: () => tools.run(),
      openMcpJson: servers.openMcpJson,
      startLocalAgent: localAgent.start,
      stopLocalAgent: localAgent.stop,
      setBusCredentials: credentials.ask,
      showLog: log.show,
      copyDiagnostics: createCopyDiagnostics({ context, settings, state, credentials, localAgent, log }),
      doctor: async () => (await doctor.get()).run(),
      openSettings,
      setBusAddress: createSetBusAddress({ usesLocal: () => localFile() !== undefined }),
    }),
  );
  leave = localAgent.release;
  // After activation, which VS Code waits for: the bus is a bundle of its own that takes its time to load.
  setImmediate(() => void connection.restart().then(localAgent.resume));
}

export const deactivate = (): Promise<void> | undefined => leave?.();
