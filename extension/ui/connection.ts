// Connects the session to what the person set: settings, bus credentials, certificates; and starts anew when these change.
import { env as processEnv } from 'node:process';
import { workspace, type Disposable } from 'vscode';
import type { Bus } from '../bus.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { readCertificates } from '../bus/read-certificates.ts';
import { ConnectionSession, type BusTarget, type ConnectionSessionOptions } from '../connection/connection-session.ts';
import { loadedPart } from '../loaded-part.ts';
import { callerName } from '../servers/agent-tools.ts';
import { readSettings, type Settings } from '../settings.ts';
import { createSettingProblems } from './setting-problems.ts';

export interface ConnectionOptions extends Omit<ConnectionSessionOptions, 'openBus'> {
  /** Told of the agent before it is connected: by its bus and name, or as the local one, whose port may change. */
  onAgent: (agent: string | undefined) => void;
  credentials: {
    read(): Promise<BusCredentials | undefined>;
    onDidChange(listener: () => void): Disposable;
  };
}

/** A bus and agent that are used in place of what the settings name. */
export interface LocalTarget extends BusTarget {
  credentials: BusCredentials;
}

export interface Connection extends Disposable {
  session: ConnectionSession;
  settings: () => Settings;
  /** The credentials for the bus in use. */
  credentials(): Promise<BusCredentials | undefined>;
  /** Connects with what is set now. */
  restart(): Promise<void>;
  /** Connects to a local agent, or with undefined to what the settings name. */
  use(local: LocalTarget | undefined): Promise<void>;
}

export function currentSettings(): Settings {
  const configuration = workspace.getConfiguration();
  return readSettings((id) => configuration.get(id));
}

export function createConnection({ credentials, onAgent, ...options }: ConnectionOptions): Connection {
  let settings = currentSettings();
  let local: LocalTarget | undefined;
  const tellProblems = createSettingProblems(options.log);
  const ofBus = async (): Promise<BusCredentials | undefined> => local?.credentials ?? (await credentials.read());
  const session = new ConnectionSession({
    ...options,
    openBus: async (target, signal) => openBus(target, await ofBus(), signal),
  });

  async function restart(): Promise<void> {
    settings = currentSettings();
    tellProblems(settings);
    const { natsUrl, agentName, connectionProblem: problem } = settings;
    const ofSettings = problem === undefined && natsUrl !== undefined ? `${natsUrl} ${agentName}` : undefined;
    const identity = local === undefined ? ofSettings : `local ${local.agentName}`;
    onAgent(identity);
    await session.configure({
      identity,
      ...(local ?? {
        // Rather nothing than another bus or agent than the one that was meant.
        url: problem === undefined ? natsUrl : undefined,
        agentName,
        problem:
          problem === undefined ? undefined : { code: 'invalid_request', message: problem, action: 'Correct it.' },
      }),
    });
  }

  const listening = [
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration('rockbot')) return;
      const before = settings;
      settings = currentSettings();
      tellProblems(settings);
      const isOther =
        settings.natsUrl !== before.natsUrl ||
        settings.agentName !== before.agentName ||
        settings.connectionProblem !== before.connectionProblem;
      if (isOther && local === undefined) void restart();
    }),
    credentials.onDidChange(() => {
      if (local === undefined) void restart();
    }),
  ];

  return {
    session,
    settings: () => settings,
    credentials: ofBus,
    restart,
    use: (target) => {
      local = target;
      return restart();
    },
    dispose: () => {
      for (const listener of listening) listener.dispose();
      void session.close();
    },
  };
}

/** Of its own; whoever asks closes it. Rejects with a RockBotError. */
export async function openBus(
  { url, agentName }: BusTarget,
  credentials: BusCredentials | undefined,
  signal: AbortSignal,
): Promise<Bus> {
  const { connectBus } = await loadedPart(import('../bus.ts'));
  const ca = await readCertificates(processEnv['Nats__CaFile']);
  return connectBus({ url, agent: agentName, source: callerName, credentials, ca, signal });
}
