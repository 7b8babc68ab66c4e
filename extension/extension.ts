// The extension's composition root: makes the parts and connects them; it decides and shows nothing itself.
import type { ExtensionContext } from 'vscode';
import { FirstWord } from './connection/first-word.ts';
import { takeInterruptedSignIn } from './connection/sign-in-mark.ts';
import { loadedPart } from './loaded-part.ts';
import { createAgentFiles, type AgentFilesOptions } from './ui/agent-files.ts';
import { createSetBusAddress, openSettings } from './ui/bus-address.ts';
import { createBusCredentials } from './ui/bus-credentials.ts';
import { registerCommands } from './ui/commands.ts';
import { createConnection, type Connection } from './ui/connection.ts';
import { createCopyDiagnostics } from './ui/copy-diagnostics.ts';
import { createDoctorCommand } from './ui/doctor-command.ts';
import { createLocalAgentCommands } from './ui/local-agent.ts';
import { createLog } from './ui/log.ts';
import { createMcpJsonLanguage } from './ui/mcp-json-language.ts';
import { onDemand } from './ui/on-demand.ts';
import { createPatrols } from './ui/patrols.ts';
import { createReaderTimeZone } from './ui/reader-time-zone.ts';
import { createServers } from './ui/servers.ts';
import { createStateDisplay } from './ui/state-display.ts';
import { tellNotLoaded } from './ui/tell-not-loaded.ts';
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
  const firstWord = add(new FirstWord({ state: () => connection.session.state }));
  const tools = add(createToolRunning({ ...shared, timeZone, firstWord }));
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
        firstWord.changed();
        tools.changed();
        doctor.changed();
      },
    }),
  );
  const { session, settings } = connection;
  const state = () => session.state;
  const localAgent = add(createLocalAgentCommands({ context, connection, log }));
  const servers = add(createServers({ session, firstWord, localFile, runTool: tools.run }));
  const language = add(createMcpJsonLanguage({ context, localFile, log }));
  const onFacts: AgentFilesOptions['onFacts'] = (facts) => language.follow(state(), facts ?? null);
  const agentFiles = add(createAgentFiles({ session: shared.session, onFacts, log }));
  const display = add(createStateDisplay({ context, servers, patrols, language, log, timeZone }));
  const asked = { context, connection, localFile, log };
  const doctor = add(createDoctorCommand(asked));
  const signIn = add(
    onDemand(async () => (await loadedPart(import('./ui/sign-in.ts'))).createSignIn(asked), tellNotLoaded),
  );
  const connect = (): Promise<void> => signIn.use((commands) => commands.connect());

  add(
    registerCommands({
      connectM365: connect,
      reconnectM365: connect,
      disconnectM365: () => signIn.use((commands) => commands.disconnect()),
      runTool: () => tools.run(),
      openMcpJson: servers.openMcpJson,
      startLocalAgent: localAgent.start,
      stopLocalAgent: localAgent.stop,
      setBusCredentials: credentials.ask,
      showLog: log.show,
      copyDiagnostics: createCopyDiagnostics({ context, settings, state, credentials, localAgent, log }),
      doctor: doctor.run,
      openSettings,
      setBusAddress: createSetBusAddress({ usesLocal: () => localFile() !== undefined }),
    }),
  );
  const interrupted = takeInterruptedSignIn(context.workspaceState, Date.now());
  if (interrupted !== undefined) void signIn.use((commands) => commands.tellInterrupted(interrupted));
  leave = localAgent.release;
  // After activation, which VS Code waits for: the bus is a bundle of its own that takes its time to load.
  const begin = async (): Promise<void> => {
    await connection.restart();
    await localAgent.resume();
    firstWord.started();
  };
  setImmediate(() => void begin());
}

export const deactivate = (): Promise<void> | undefined => leave?.();
