// Keeps a connection to the bus that is set and tells the state; the effects around connection-state. It knows no vscode.
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { ReplyOf, RequestInputOf, RequestName } from '../../shared/contract/contract.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus, RequestOptions } from '../bus.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { initialState, reduceConnection, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import { FollowedAgent, type AgentListener, type SessionLog } from './followed-agent.ts';
import { problemOf, type Problem } from './problem.ts';

export interface BusTarget {
  url: string;
  agentName: string;
}

export interface ConnectionSessionOptions extends AgentListener {
  /** Makes one attempt. */
  openBus: (target: BusTarget, signal: AbortSignal) => Promise<Bus>;
  onState: (state: ConnectionState, event: ConnectionEvent) => void;
  /** Another bus or agent is gone to, or none: nothing of this one is answered any more. */
  onBusLeft?: () => void;
  log: SessionLog;
  clock?: Clock | undefined;
}

const retryBackoff = { baseMs: 500, maxMs: 15_000 };

export class ConnectionSession {
  readonly #options: ConnectionSessionOptions;
  readonly #clock: Clock;
  #state = initialState('rockbot');
  #target: BusTarget | undefined;
  /** Ends with the agent, which other credentials, or another port of a local one, do not change. */
  #agentEnding = new AbortController();
  #identity: string | undefined;
  /** Ends everything that belongs to the present target. */
  #ending: AbortController | undefined;
  #bus: Bus | undefined;
  #agent: FollowedAgent | undefined;

  constructor(options: ConnectionSessionOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get target(): BusTarget | undefined {
    return this.#target;
  }

  /** Aborted when another agent is gone to, or none. */
  get agentSignal(): AbortSignal {
    return this.#agentEnding.signal;
  }

  /**
   * Leaves the present bus and goes to this one; `url` undefined for none. `identity` says which agent it is, where that is not told
   * by bus and name. Resolves when the old one is closed.
   */
  async configure({
    url,
    agentName,
    identity = url === undefined ? undefined : `${url} ${agentName}`,
    problem,
  }: {
    url: string | undefined;
    agentName: string;
    identity?: string | undefined;
    problem?: Problem | undefined;
  }): Promise<void> {
    const old = this.#bus;
    const isSameAgent = identity !== undefined && identity === this.#identity;
    this.#identity = identity;
    const left = this.#agentEnding;
    if (!isSameAgent) {
      this.#agentEnding = new AbortController();
      // Before its bus ends, which would be the reason otherwise.
      left.abort();
    }
    this.#ending?.abort(closed());
    this.#bus = undefined;
    this.#agent = undefined;
    this.#options.onBusLeft?.();
    this.#target = url === undefined ? undefined : { url, agentName };
    this.#dispatch({ kind: 'configured', agentName, url, problem, isSameAgent });
    if (this.#target !== undefined) {
      this.#ending = new AbortController();
      void this.#connect(this.#target, this.#ending.signal);
    }
    await old?.close();
  }

  /** @throws RockBotError of the bus or the agent; `server_unavailable` when no bus is connected */
  async request<Name extends RequestName>(
    name: Name,
    payload: RequestInputOf<Name>,
    options: RequestOptions = {},
  ): Promise<ReplyOf<Name>> {
    if (this.#bus === undefined) throw this.#noBus();
    return this.#bus.request(name, payload, options);
  }

  /** Tells what a sign-in of this window is at. */
  signInChanged(event: Extract<ConnectionEvent, { kind: 'sign_in' | 'sign_in_ended' }>): void {
    this.#dispatch(event);
  }

  /** Asks the agent for its state and tools anew. */
  async refresh(): Promise<void> {
    await this.#agent?.ask();
  }

  async close(): Promise<void> {
    this.#ending?.abort(closed());
    const bus = this.#bus;
    this.#bus = undefined;
    await bus?.close();
  }

  async #connect(target: BusTarget, signal: AbortSignal): Promise<void> {
    const { openBus, log } = this.#options;
    for (let attempt = 0; !signal.aborted; attempt++) {
      try {
        const bus = await openBus(target, signal);
        if (signal.aborted) {
          await bus.close();
          return;
        }
        log.info('The bus is connected.', { url: target.url, agent: target.agentName });
        this.#bus = bus;
        this.#agent = new FollowedAgent({
          ...this.#options,
          bus,
          signal,
          clock: this.#clock,
          state: () => this.#state,
          dispatch: (event) => this.#dispatch(event),
        });
        this.#agent.follow();
        return;
      } catch (error) {
        if (signal.aborted) return;
        const problem = problemOf(error);
        if (attempt === 0) log.warn(problem.message, { url: target.url, code: problem.code });
        this.#dispatch({ kind: 'bus_offline', problem });
        await this.#clock.sleep(backoffDelay(attempt, retryBackoff), signal).catch(() => undefined);
      }
    }
  }

  #dispatch(event: ConnectionEvent): void {
    const state = reduceConnection(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state, event);
  }

  #noBus(): RockBotError {
    const { bus } = this.#state;
    const problem = bus.kind === 'offline' || bus.kind === 'none' ? bus.problem : undefined;
    if (problem?.code === 'forbidden') return new RockBotError({ ...problem });
    const known = { message: problem?.message ?? '', action: problem?.action ?? '', trouble: problem?.trouble };
    if (problem !== undefined) return new BusUnreachableError(known);
    return bus.kind === 'none'
      ? new BusUnreachableError({
          trouble: 'no_bus_set',
          message: 'This window is not connected to any agent yet.',
          action: 'Set rockbot.nats.url, or start a local agent.',
        })
      : new BusUnreachableError({ message: 'The bus is not connected yet.', action: 'Try again in a moment.' });
  }
}

function closed(): RockBotError {
  return new RockBotError({ code: 'cancelled', message: 'The connection to the bus was closed.' });
}
