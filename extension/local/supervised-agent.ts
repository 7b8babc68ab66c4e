// Keeps an agent running: started again when it crashes, within a bound; it knows neither its bus nor its settings.
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AgentExit } from './agent-child.ts';
import { configurationExit, startAgentRun, type AgentRun } from './agent-run.ts';

export interface SupervisedAgentOptions {
  program: string;
  env: NodeJS.ProcessEnv;
  onEvent: (event: SupervisedAgentEvent) => void;
  /** Asked after every failed start; what it throws ends the trying. */
  onFailedStart?: ((error: RockBotError) => Promise<void>) | undefined;
  /** Milliseconds. */
  readyTimeoutMs?: number | undefined;
  /** Times the waiting before a restart. */
  clock?: Clock | undefined;
}

export type SupervisedAgentEvent =
  | { kind: 'agent_ready'; pid: number | undefined }
  /** One line of its log, redacted. */
  | { kind: 'agent_log'; line: string }
  | { kind: 'agent_crashed'; exit: AgentExit };

export type AgentEnd = { reason: 'stopped' } | { reason: 'gave_up'; error: RockBotError };

/** An agent that was killed leaves for the next one what it takes a predecessor to end in order, at most 8 s. */
const mostFailures = 8;
const restartBackoff = { baseMs: 300, maxMs: 5_000 };
/** An agent that was ready this long (ms) is healthy: its next crash counts as the first. */
const healthyAfterMs = 30_000;

export class SupervisedAgent {
  readonly exited: Promise<AgentEnd>;
  readonly #options: SupervisedAgentOptions;
  readonly #stopping = new AbortController();
  #settleExited: (end: AgentEnd) => void = () => {};
  #run: AgentRun | undefined;

  constructor(options: SupervisedAgentOptions) {
    this.#options = options;
    this.exited = new Promise((resolve) => (this.#settleExited = resolve));
  }

  /** Process id of the agent; undefined while it is down. */
  get pid(): number | undefined {
    return this.#run?.pid;
  }

  /**
   * Resolves when the agent is ready the first time.
   * @throws RockBotError when it cannot be started; nothing is left running then
   */
  async start(signal?: AbortSignal): Promise<void> {
    const stop = (): void => void this.stop();
    signal?.addEventListener('abort', stop, { once: true });
    if (signal?.aborted) stop();
    try {
      const run = await this.#startUntilReady(0);
      void this.#supervise(run);
    } catch (error) {
      this.#settleExited({ reason: 'stopped' });
      throw signal?.aborted ? signal.reason : error;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  }

  /** Ends the agent in order and waits for its end. May be called again. */
  async stop(): Promise<void> {
    this.#stopping.abort(stopped());
    this.#run?.end();
    await this.exited;
  }

  async #supervise(first: AgentRun): Promise<void> {
    let failures = 0;
    for (let run = first; ;) {
      const readyAt = performance.now();
      const exit = await run.exited;
      this.#run = undefined;
      if (this.#stopping.signal.aborted) break;
      this.#options.onEvent({ kind: 'agent_crashed', exit });
      failures = performance.now() - readyAt > healthyAfterMs ? 1 : failures + 1;
      try {
        if (failures >= mostFailures) throw endsAgainAndAgain();
        run = await this.#startUntilReady(failures);
      } catch (error) {
        if (this.#stopping.signal.aborted) break;
        this.#settleExited({ reason: 'gave_up', error: error as RockBotError });
        return;
      }
    }
    this.#settleExited({ reason: 'stopped' });
  }

  /** Tries until a run is ready; `failures` counts what went wrong before. */
  async #startUntilReady(failures: number): Promise<AgentRun> {
    const { program, env, onEvent, onFailedStart, readyTimeoutMs = 30_000, clock = systemClock } = this.#options;
    const { signal } = this.#stopping;
    for (let count = failures; ; count += 1) {
      if (count > 0) await clock.sleep(backoffDelay(count - 1, restartBackoff), signal);
      signal.throwIfAborted();
      const run = startAgentRun({
        program,
        env,
        readyTimeoutMs,
        onLog: (line) => onEvent({ kind: 'agent_log', line }),
      });
      this.#run = run;
      try {
        await run.ready;
        // A stop that came in that moment has ended it.
        signal.throwIfAborted();
        onEvent({ kind: 'agent_ready', pid: run.pid });
        return run;
      } catch (error) {
        run.end();
        const { code } = await run.exited;
        this.#run = undefined;
        signal.throwIfAborted();
        await onFailedStart?.(error as RockBotError);
        if (code === configurationExit || count + 1 >= mostFailures) throw error;
      }
    }
  }
}

function endsAgainAndAgain(): RockBotError {
  return new RockBotError({
    code: 'server_unavailable',
    retryable: false,
    message: 'The agent ended again and again; it is not started any more.',
    action: 'Look at the log, then start the local agent again.',
  });
}

function stopped(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The local agent was stopped.' });
}
