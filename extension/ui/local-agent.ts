// The commands "Start Local Agent" and "Stop Local Agent": questions, progress and messages around local/local-agent.
import { env } from 'node:process';
import { commands, ProgressLocation, Uri, type Disposable, type ExtensionContext, type Progress } from 'vscode';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { commandIds, contextKeys } from '../contributions.ts';
import { problemOf, type Problem } from '../connection/problem.ts';
import { AbortableFlight } from '../local/abortable-flight.ts';
import type { LocalAgent, LocalAgentEvent } from '../local/local-agent.ts';
import type { Settings } from '../settings.ts';
import { askAppIds, type AppIds } from './ask-app-ids.ts';
import type { Log } from './log.ts';
import { showError, showInfo, withProgress } from './messages.ts';

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
  settings: () => Settings;
  log: Pick<Log, 'info' | 'warn' | 'agentLine'>;
  /** Use this bus from now on. Called again when the address changed. */
  onStarted: (address: LocalAgentAddress) => void | Promise<void>;
  /** It is over; use the bus of the settings again. */
  onStopped: () => void | Promise<void>;
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
/** Milliseconds that windows wait differently long before one takes over. */
const takeOverSpreadMs = 1_000;
const startCancelled = 'The start of the local agent was cancelled; nothing of it is left running.';

type Steps = Progress<{ message?: string }>;

export function createLocalAgentCommands(options: LocalAgentCommandsOptions): LocalAgentCommands {
  const { context, settings, log, onStarted, onStopped } = options;
  const dataDir = Uri.joinPath(context.globalStorageUri, 'local-agent').fsPath;
  const programFolder = Uri.joinPath(context.extensionUri, 'dist').fsPath;
  const leaving = new AbortController();
  /** By a command, at activation and from a window that closed: never two beside each other. */
  const launches = new AbortableFlight<LocalAgent>();
  /** Those who share a launch say once why it failed. */
  const told = new WeakSet<Error>();
  let agent: LocalAgent | undefined;
  let starting: Promise<void> | undefined;
  /** Those that were typed for this session only. */
  let typed: Partial<AppIds> = {};

  function knownIds(): Partial<AppIds> {
    const { tenantId, clientId } = settings();
    return {
      ...typed,
      ...given({ tenantId: env['WorkIQ__TenantId'], clientId: env['WorkIQ__ClientId'] }),
      ...given({ tenantId, clientId }),
    };
  }

  async function findRunning(): Promise<LocalAgent | undefined> {
    const { findLocalAgent } = await loadLocalAgent();
    return findLocalAgent({ dataDir });
  }

  async function launch(ids: AppIds, steps: Steps, signal: AbortSignal): Promise<LocalAgent> {
    leaving.signal.throwIfAborted();
    if (agent !== undefined) return agent;
    // Already now: a start can be stopped, too.
    showStop(true);
    steps.report({ message: 'looking for nats-server' });
    const started = await startOrAttach(ids, steps, signal).catch((error: unknown) => {
      showStop(false);
      throw error;
    });
    agent = started;
    const { url, credentials, agentName, mcpConfigPath, isOwned } = started;
    log.info(isOwned ? 'The local agent is ready.' : 'The local agent of another window is used.', { url });
    void onStarted({ url, credentials, agentName, mcpConfigPath, isOwned });
    void follow(started);
    return started;
  }

  async function startOrAttach(ids: AppIds, steps: Steps, signal: AbortSignal): Promise<LocalAgent> {
    const { startLocalAgent } = await loadLocalAgent();
    return startLocalAgent({
      ...ids,
      programFolder,
      dataDir,
      agentName: settings().agentName,
      env,
      onEvent: (event) => onEvent(event, steps),
      signal,
    });
  }

  function onEvent(event: LocalAgentEvent, steps: Steps): void {
    switch (event.kind) {
      case 'nats_fetching':
        log.info(event.message);
        steps.report({ message: event.message });
        break;
      case 'nats_ready':
        log.info('The local bus is ready.', { url: event.url });
        steps.report({ message: 'starting the agent' });
        break;
      case 'nats_crashed':
        log.warn('The local bus ended unexpectedly; it is started again.');
        break;
      case 'agent_log':
        log.agentLine(event.line);
        break;
      case 'agent_crashed':
        log.warn('The local agent ended unexpectedly; it is started again.', { ...event.exit });
        break;
      case 'gave_up':
        log.warn(event.error.message);
        break;
      case 'agent_ready':
      case 'stopped':
        break;
    }
  }

  async function follow(followed: LocalAgent): Promise<void> {
    const end = await followed.exited;
    if (agent !== followed || leaving.signal.aborted) return;
    agent = undefined;
    if (end.reason === 'released' && (await takeOver())) return;
    showStop(false);
    void onStopped();
    if (end.reason === 'gave_up') await offerStart(inWords(problemOf(end.error)));
  }

  /** The window that owned it closed; whichever window is quickest goes on with it, the others follow. */
  async function takeOver(): Promise<boolean> {
    const { tenantId, clientId } = knownIds();
    if (tenantId === undefined || clientId === undefined) return false;
    try {
      await launches.run(async (signal) => {
        await systemClock.sleep(Math.random() * takeOverSpreadMs, signal);
        log.info('The window that ran the local agent has closed; it goes on here.');
        return launch({ tenantId, clientId }, { report: () => undefined }, signal);
      });
      return true;
    } catch (error) {
      if (!leaving.signal.aborted)
        log.warn('The local agent could not be taken over.', { error: problemOf(error).message });
      return false;
    }
  }

  /** Undefined when it did not start, which the person has been told then. */
  async function startWithProgress(ids: AppIds, location: ProgressLocation): Promise<LocalAgent | undefined> {
    try {
      return await withProgress(
        { location, title: 'Starting a local agent', cancellable: true },
        async (steps, cancellation) => {
          const listening = cancellation.onCancellationRequested(() => void launches.abort(cancelled()));
          const launching = launches.run(async (signal) => {
            const started = await launch(ids, steps, signal);
            await context.globalState.update(wantedKey, true);
            return started;
          });
          return launching.finally(() => listening.dispose());
        },
      );
    } catch (error) {
      if (!leaving.signal.aborted) void tellFailure(error);
      return undefined;
    }
  }

  async function tellFailure(error: unknown): Promise<void> {
    if (error instanceof Error) {
      if (told.has(error)) return;
      told.add(error);
    }
    const problem = problemOf(error);
    const { code, message, action } = problem;
    if (code === 'cancelled') {
      await offerStart(startCancelled, 'information');
      return;
    }
    log.warn(message, { code, action, ...(code === 'internal' && { error }) });
    const step =
      code === 'invalid_request'
        ? { label: 'Open Settings', command: commandIds.openSettings }
        : { label: 'Show Log', command: commandIds.showLog };
    const chosen = await showError(`The local agent could not be started. ${inWords(problem)}`, step.label);
    if (chosen === step.label) await commands.executeCommand(step.command);
  }

  async function start(): Promise<void> {
    if (agent !== undefined) {
      void offerConnect(`The local agent runs already, with its bus at ${agent.url}.`);
      return;
    }
    const ids = await askAppIds(knownIds());
    if (ids === undefined) return;
    typed = ids;
    const started = await startWithProgress(ids, ProgressLocation.Notification);
    if (started === undefined) return;
    void offerConnect(
      started.isOwned
        ? `A local agent runs on this machine, with its bus at ${started.url}.`
        : `The local agent that another window runs is used here, with its bus at ${started.url}.`,
    );
  }

  async function stop(): Promise<void> {
    const reason = cancelled();
    told.add(reason);
    const wasStarting = await launches.abort(reason);
    // Only now: a launch that could not be ended any more has set it.
    await context.globalState.update(wantedKey, false);
    let found: LocalAgent | undefined;
    try {
      if (agent === undefined) found = await findRunning();
      const stopping = agent ?? found;
      if (stopping === undefined) {
        void offerStart(wasStarting ? startCancelled : 'No local agent runs.', 'information');
        return;
      }
      await withProgress({ location: ProgressLocation.Notification, title: 'Stopping the local agent' }, () =>
        stopping.stop(),
      );
      void showInfo(
        'The local agent was stopped. Its settings and its connection to Microsoft 365 are kept for the next start.',
      );
    } catch (error) {
      void showError(inWords(problemOf(error)));
    } finally {
      void found?.release();
    }
  }

  async function resume(): Promise<void> {
    if (agent !== undefined || context.globalState.get(wantedKey) !== true) return;
    const { tenantId, clientId } = knownIds();
    try {
      // Without them one that runs elsewhere can still be used.
      if (tenantId === undefined || clientId === undefined) {
        const { isLocalAgentRunning } = await loadLocalAgent();
        if (!(await isLocalAgentRunning({ dataDir }))) return;
      }
      await startWithProgress({ tenantId: tenantId ?? '', clientId: clientId ?? '' }, ProgressLocation.Window);
    } catch (error) {
      log.warn('The local agent of last time could not be used again.', { error });
    }
  }

  async function release(): Promise<void> {
    leaving.abort();
    await launches.abort(cancelled());
    await agent?.release();
  }

  return {
    get address() {
      return agent;
    },
    start: () => (starting ??= start().finally(() => (starting = undefined))),
    stop,
    resume,
    release,
    dispose: () => void release(),
  };
}

function cancelled(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: startCancelled });
}

/** Most windows never need it. */
const loadLocalAgent = () => import('../local/local-agent.ts');

/** The palette offers either the start or the stop. */
function showStop(runs: boolean): void {
  void commands.executeCommand('setContext', contextKeys.localAgentRuns, runs);
}

/** What happened and what to do, as two sentences. */
function inWords({ message, action }: Problem): string {
  return [/[.!?…]$/.test(message) ? message : `${message}.`, action].filter(Boolean).join(' ');
}

async function offerConnect(words: string): Promise<void> {
  const connect = 'Connect M365';
  if ((await showInfo(words, connect)) === connect) await commands.executeCommand(commandIds.connectM365);
}

async function offerStart(words: string, kind: 'error' | 'information' = 'error'): Promise<void> {
  const label = 'Start Local Agent';
  const show = kind === 'error' ? showError : showInfo;
  if ((await show(words, label)) === label) await commands.executeCommand(commandIds.startLocalAgent);
}

/** Without the members that are empty. */
function given(ids: { [Name in keyof AppIds]: string | undefined }): Partial<AppIds> {
  return Object.fromEntries(Object.entries(ids).filter(([, id]) => id !== undefined && id !== ''));
}
