// The local agent that one window uses: started or joined, followed to its end, taken over from a window that closed. It asks
// and shows nothing; of the local agent itself it loads nothing before one is wanted.
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { problemOf } from '../connection/problem.ts';
import { loadedPart } from '../loaded-part.ts';
import { AbortableFlight } from './abortable-flight.ts';
import { logLocalAgentEvent, type LocalAgentLog, type StartSteps } from './log-local-agent-event.ts';
import type { LocalAgent, StartLocalAgentOptions } from './local-agent.ts';

/** Of the tenant and of the app to sign in with. */
export type AppIds = Pick<StartLocalAgentOptions, 'tenantId' | 'clientId'>;

export interface WindowLocalAgentOptions extends Pick<StartLocalAgentOptions, 'dataDir' | 'programFolder' | 'env'> {
  agentName: () => string;
  /** Those that are known without asking anybody. */
  knownIds: () => Partial<AppIds>;
  log: LocalAgentLog;
  /** Use this bus from now on. Called again when the address changed. */
  onStarted: (agent: LocalAgent) => void;
  /** It is over; with the error that it was given up for. */
  onEnded: (error: RockBotError | undefined) => void;
  /** Whether there is something to stop, a start under way included. */
  onStoppable: (isStoppable: boolean) => void;
}

export interface WindowLocalAgent {
  /** Undefined while this window uses none. */
  readonly current: LocalAgent | undefined;
  /** This window closes. */
  readonly isLeaving: boolean;
  /** Whoever comes while one starts shares it. `afterwards` belongs to the launch: it is over only after it. */
  launch(ids: AppIds, steps: StartSteps, afterwards: () => PromiseLike<void>): Promise<LocalAgent>;
  /** Ends a launch that is under way; false when there was none. */
  abortLaunch(reason: Error): Promise<boolean>;
  /** One that runs in another process; release it when done. */
  findOther(): Promise<LocalAgent | undefined>;
  isRunning(): Promise<boolean>;
  /** An agent that this window started ends, and another open window takes it over. */
  release(): Promise<void>;
}

/** Milliseconds that windows wait differently long before one takes over. */
const takeOverSpreadMs = 1_000;

/** Most windows never need it. */
const loadLocalAgent = () => loadedPart(import('./local-agent.ts'));

export function createWindowLocalAgent(options: WindowLocalAgentOptions): WindowLocalAgent {
  const { dataDir, programFolder, env, agentName, knownIds, log, onStarted, onEnded, onStoppable } = options;
  const leaving = new AbortController();
  /** By a command, at activation and from a window that closed: never two beside each other. */
  const launches = new AbortableFlight<LocalAgent>();
  let current: LocalAgent | undefined;

  async function launch(ids: AppIds, steps: StartSteps, signal: AbortSignal): Promise<LocalAgent> {
    leaving.signal.throwIfAborted();
    if (current !== undefined) return current;
    // Already now: a start can be stopped, too.
    onStoppable(true);
    steps.report({ message: 'looking for nats-server' });
    const started = await startOrJoin(ids, steps, signal).catch((error: unknown) => {
      onStoppable(false);
      throw error;
    });
    current = started;
    const { url, isOwned } = started;
    log.info(isOwned ? 'The local agent is ready.' : 'The local agent of another window is used.', { url });
    onStarted(started);
    void follow(started);
    return started;
  }

  async function startOrJoin(ids: AppIds, steps: StartSteps, signal: AbortSignal): Promise<LocalAgent> {
    const { startLocalAgent } = await loadLocalAgent();
    return startLocalAgent({
      ...ids,
      programFolder,
      dataDir,
      agentName: agentName(),
      env,
      onEvent: (event) => logLocalAgentEvent(event, log, steps),
      signal,
    });
  }

  async function follow(followed: LocalAgent): Promise<void> {
    const end = await followed.exited;
    if (current !== followed || leaving.signal.aborted) return;
    current = undefined;
    if (end.reason === 'released' && (await takeOver())) return;
    onStoppable(false);
    onEnded(end.reason === 'gave_up' ? end.error : undefined);
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

  return {
    get current() {
      return current;
    },
    get isLeaving() {
      return leaving.signal.aborted;
    },
    launch: (ids, steps, afterwards) =>
      launches.run(async (signal) => {
        const started = await launch(ids, steps, signal);
        await afterwards();
        return started;
      }),
    abortLaunch: (reason) => launches.abort(reason),
    findOther: async () => (await loadLocalAgent()).findLocalAgent({ dataDir }),
    isRunning: async () => (await loadLocalAgent()).isLocalAgentRunning({ dataDir }),
    release: async () => {
      leaving.abort();
      await launches.abort(startCancelled());
      await current?.release();
    },
  };
}

export function startCancelled(): RockBotError {
  const message = 'The start of the local agent was cancelled; nothing of it is left running.';
  return new RockBotError({ code: 'cancelled', message });
}
