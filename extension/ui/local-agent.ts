// The commands "Start Local Agent" and "Stop Local Agent": questions, progress, and what a window remembers of it.
import { env } from 'node:process';
import { commands, ProgressLocation, Uri, type Disposable, type ExtensionContext } from 'vscode';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { contextKeys } from '../contributions.ts';
import type { LocalAgent } from '../local/local-agent.ts';
import { createWindowLocalAgent, startCancelled, type AppIds } from '../local/window-local-agent.ts';
import { askAppIds } from './ask-app-ids.ts';
import type { Connection } from './connection.ts';
import { createLocalAgentMessages } from './local-agent-messages.ts';
import type { Log } from './log.ts';
import { withProgress } from './messages.ts';

/** Where the bus of a local agent is and who this window is there. */
export interface LocalAgentAddress {
  url: string;
  credentials: BusCredentials;
  agentName: string;
  mcpConfigPath: string;
  /** False when another window had started it. */
  isOwned: boolean;
}

export interface LocalAgentCommandsOptions {
  context: Pick<ExtensionContext, 'globalStorageUri' | 'extensionUri' | 'globalState'>;
  /** Uses the bus of the local agent while it runs, and that of the settings again when it is over. */
  connection: Pick<Connection, 'settings' | 'use'>;
  log: Pick<Log, 'info' | 'warn' | 'agentLine'>;
}

export interface LocalAgentCommands extends Disposable {
  /** Undefined while this window uses no local agent. */
  readonly address: LocalAgentAddress | undefined;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** At activation: a local agent that nobody stopped is used again, or started again, without a question. */
  resume(): Promise<void>;
  /** At deactivation: an agent that this window started ends, and another open window takes it over. */
  release(): Promise<void>;
}

/** In global state, so shared by all windows: a person started a local agent and has not stopped it. */
const wantedKey = 'rockbot.localAgentWanted';

export function createLocalAgentCommands(options: LocalAgentCommandsOptions): LocalAgentCommands {
  const { context, connection, log } = options;
  const { settings } = connection;
  const messages = createLocalAgentMessages(log);
  let starting: Promise<void> | undefined;
  /** Those that were typed for this session only. */
  let typed: Partial<AppIds> = {};
  const local = createWindowLocalAgent({
    dataDir: Uri.joinPath(context.globalStorageUri, 'local-agent').fsPath,
    programFolder: Uri.joinPath(context.extensionUri, 'dist').fsPath,
    env,
    agentName: () => settings().agentName,
    knownIds,
    log,
    onStarted: ({ url, credentials, agentName }) => void connection.use({ url, credentials, agentName }),
    onEnded: (error) => {
      void connection.use(undefined);
      if (error !== undefined) messages.gaveUp(error);
    },
    // The palette offers either the start or the stop.
    onStoppable: (isStoppable) => void commands.executeCommand('setContext', contextKeys.localAgentRuns, isStoppable),
  });

  function knownIds(): Partial<AppIds> {
    const { tenantId, clientId } = settings();
    return {
      ...typed,
      ...given({ tenantId: env['WorkIQ__TenantId'], clientId: env['WorkIQ__ClientId'] }),
      ...given({ tenantId, clientId }),
    };
  }

  /** Undefined when it did not start, which the person has been told then. */
  async function startWithProgress(ids: AppIds, location: ProgressLocation): Promise<LocalAgent | undefined> {
    try {
      return await withProgress(
        { location, title: 'Starting a local agent', cancellable: true },
        async (steps, cancellation) => {
          const listening = cancellation.onCancellationRequested(() => void local.abortLaunch(startCancelled()));
          const remember = () => context.globalState.update(wantedKey, true);
          return local.launch(ids, steps, remember).finally(() => listening.dispose());
        },
      );
    } catch (error) {
      if (!local.isLeaving) messages.startFailed(error);
      return undefined;
    }
  }

  async function start(): Promise<void> {
    if (local.current !== undefined) {
      messages.runs(`The local agent runs already, with its bus at ${local.current.url}.`);
      return;
    }
    const ids = await askAppIds(knownIds());
    if (ids === undefined) return;
    typed = ids;
    const started = await startWithProgress(ids, ProgressLocation.Notification);
    if (started === undefined) return;
    messages.runs(
      started.isOwned
        ? `A local agent runs on this machine, with its bus at ${started.url}.`
        : `The local agent that another window runs is used here, with its bus at ${started.url}.`,
    );
  }

  async function stop(): Promise<void> {
    const reason = startCancelled();
    messages.isTold(reason);
    const wasStarting = await local.abortLaunch(reason);
    // Only now: a launch that could not be ended any more has set it.
    await context.globalState.update(wantedKey, false);
    let found: LocalAgent | undefined;
    try {
      if (local.current === undefined) found = await local.findOther();
      const stopping = local.current ?? found;
      if (stopping === undefined) {
        if (wasStarting) messages.startCancelled();
        else messages.noneRuns();
        return;
      }
      await withProgress({ location: ProgressLocation.Notification, title: 'Stopping the local agent' }, () =>
        stopping.stop(),
      );
      messages.stopped();
    } catch (error) {
      messages.failed(error);
    } finally {
      void found?.release();
    }
  }

  async function resume(): Promise<void> {
    if (local.current !== undefined || context.globalState.get(wantedKey) !== true) return;
    const { tenantId, clientId } = knownIds();
    try {
      // Without them one that runs elsewhere can still be used.
      if ((tenantId === undefined || clientId === undefined) && !(await local.isRunning())) return;
      await startWithProgress({ tenantId: tenantId ?? '', clientId: clientId ?? '' }, ProgressLocation.Window);
    } catch (error) {
      log.warn('The local agent of last time could not be used again.', { error });
    }
  }

  return {
    get address() {
      return local.current;
    },
    start: () => (starting ??= start().finally(() => (starting = undefined))),
    stop,
    resume,
    release: () => local.release(),
    dispose: () => void local.release(),
  };
}

/** Without the members that are empty. */
function given(ids: { [Name in keyof AppIds]: string | undefined }): Partial<AppIds> {
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined && id !== ''));
}
