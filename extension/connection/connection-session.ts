// Keeps a connection to the bus, asks and follows the agent, and tells the state; the effects around connection-state.
// It knows no vscode.
import { backoffDelay } from '../../shared/backoff.ts';
import { systemClock, type Clock } from '../../shared/clock.ts';
import type { PatrolChanged } from '../../shared/contract/patrol-messages.ts';
import type { AgentStatus } from '../../shared/contract/status-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { EventOf, ReplyOf, RequestInputOf, RequestName } from '../../shared/contract/contract.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus, RequestOptions } from '../bus.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import {
  initialState,
  isSilent,
  reduceConnection,
  type ConnectionEvent,
  type ConnectionState,
} from './connection-state.ts';
import { problemOf, type Problem } from './problem.ts';

export interface BusTarget {
  url: string;
  agentName: string;
}

export interface SessionLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

export interface ConnectionSessionOptions {
  /** Makes one attempt. */
  openBus: (target: BusTarget, signal: AbortSignal) => Promise<Bus>;
  onState: (state: ConnectionState, event: ConnectionEvent) => void;
  onToolResult: (event: ToolResultEvent) => void;
  onToolProgress: (event: EventOf<'toolProgress'>) => void;
  onPatrolChanged?: (event: PatrolChanged) => void;
  /** Without it nobody is asked here. */
  onElicitationAsked?: (event: EventOf<'elicitationAsked'>) => void;
  onElicitationClosed?: (event: EventOf<'elicitationClosed'>) => void;
  /** Another bus or agent is gone to, or none: nothing of this one is answered any more. */
  onBusLeft?: () => void;
  log: SessionLog;
  clock?: Clock | undefined;
}

const askTimeoutMs = 5_000;
const retryBackoff = { baseMs: 500, maxMs: 15_000 };
/** Milliseconds between looks at whether the agent is still heard; an agent that is away is asked for at each. */
const watchIntervalMs = 2_500;
/** Milliseconds for an agent to be back on a bus that was away; only then is it said to be offline. */
const returnMs = 6_000;
/** Milliseconds to gather reasons for asking for the tools anew. */
const settleMs = 100;

export class ConnectionSession {
  readonly #options: ConnectionSessionOptions;
  readonly #clock: Clock;
  #state = initialState('rockbot');
  #target: BusTarget | undefined;
  /** Ends everything that belongs to the present target. */
  #ending: AbortController | undefined;
  #bus: Bus | undefined;
  /** The one that asks for tools; undefined while nobody does. */
  #listing: { again: boolean } | undefined;
  /** Milliseconds since the epoch until which an agent may be on its way back. */
  #returnsUntil = 0;
  /** What the last heartbeat said of the servers, to notice that a message about them was missed. */
  #serversHeard = '';

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

  /** Leaves the present bus and goes to this one; `url` undefined for none. Resolves when the old one is closed. */
  async configure({
    url,
    agentName,
    problem,
  }: {
    url: string | undefined;
    agentName: string;
    problem?: Problem | undefined;
  }): Promise<void> {
    const old = this.#bus;
    this.#ending?.abort(closed());
    this.#bus = undefined;
    this.#options.onBusLeft?.();
    this.#listing = undefined;
    this.#serversHeard = '';
    this.#returnsUntil = 0;
    this.#target = url === undefined ? undefined : { url, agentName };
    this.#dispatch({ kind: 'configured', agentName, url, problem });
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
    const bus = this.#bus;
    const signal = this.#ending?.signal;
    if (bus !== undefined && signal !== undefined) await this.#ask(bus, signal);
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
        this.#follow(bus, signal);
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

  #follow(bus: Bus, signal: AbortSignal): void {
    this.#bus = bus;
    const { onToolResult, onToolProgress, onPatrolChanged, onElicitationAsked, onElicitationClosed, log } =
      this.#options;
    const onForbidden = (error: RockBotError): void => log.warn(error.message, { action: error.action });
    const heard = <T>(handler: (payload: T) => void) => {
      return (payload: T): void => {
        if (!signal.aborted) handler(payload);
      };
    };
    const auth = heard((state: EventOf<'authChanged'>) => {
      this.#dispatch({ kind: 'auth', auth: state, at: this.#clock.now() });
      void this.#list(bus, signal);
    });
    bus.subscribe(
      'agentStatus',
      heard((status) => this.#onHeartbeat(bus, status, signal)),
      { onForbidden },
    );
    bus.subscribe('authChanged', auth, { onForbidden });
    bus.subscribe(
      'mcpServersIndexed',
      heard(() => void this.#list(bus, signal)),
      { onForbidden },
    );
    bus.subscribe('toolResult', heard(onToolResult), { onForbidden });
    bus.subscribe('toolProgress', heard(onToolProgress), { callId: '*', onForbidden });
    if (onPatrolChanged !== undefined) bus.subscribe('patrolChanged', heard(onPatrolChanged), { onForbidden });
    if (onElicitationAsked !== undefined) bus.subscribe('elicitationAsked', heard(onElicitationAsked), { onForbidden });
    if (onElicitationClosed !== undefined)
      bus.subscribe('elicitationClosed', heard(onElicitationClosed), { onForbidden });
    const stop = bus.onEvent((event) => {
      if (signal.aborted) return;
      if (event.kind === 'disconnected') this.#dispatch({ kind: 'bus_offline', problem: this.#lost(bus.url) });
      else if (event.kind === 'refused') this.#dispatch({ kind: 'bus_offline', problem: problemOf(event.error) });
      else if (event.kind === 'forbidden') log.warn(event.error.message, { subject: event.subject });
      else if (event.kind === 'connected') {
        log.info('The bus is connected again.', { url: bus.url });
        this.#returnsUntil = this.#clock.now() + returnMs;
        this.#dispatch({ kind: 'bus_online' });
        void this.#ask(bus, signal);
      }
    });
    signal.addEventListener('abort', stop, { once: true });
    this.#dispatch({ kind: 'bus_online' });
    void this.#ask(bus, signal);
    void this.#watch(bus, signal);
  }

  #onHeartbeat(bus: Bus, status: AgentStatus, signal: AbortSignal): void {
    const wasAway = this.#state.agent.kind !== 'online';
    const servers = JSON.stringify([status.instance, status.auth.status, status.servers]);
    this.#dispatch({ kind: 'heartbeat', status, at: this.#clock.now() });
    if (status.stopping === true) return;
    const isListed = this.#state.servers !== undefined;
    if (wasAway || !isListed || servers !== this.#serversHeard) void this.#list(bus, signal);
    this.#serversHeard = servers;
  }

  /** Notices silence, and the return of an agent whose heartbeats this user may not hear. */
  async #watch(bus: Bus, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      await this.#clock.sleep(watchIntervalMs, signal).catch(() => undefined);
      if (signal.aborted || this.#state.bus.kind !== 'online') continue;
      if (this.#state.agent.kind !== 'online' || isSilent(this.#state, this.#clock.now())) await this.#ask(bus, signal);
    }
  }

  async #ask(bus: Bus, signal: AbortSignal): Promise<void> {
    try {
      const auth = await bus.request('authState', {}, { timeoutMs: askTimeoutMs, signal });
      this.#dispatch({ kind: 'auth', auth, at: this.#clock.now() });
      await this.#list(bus, signal);
    } catch (error) {
      if (signal.aborted || this.#state.bus.kind !== 'online') return;
      const problem = problemOf(error);
      const { agent } = this.#state;
      // It is asked again by itself.
      if (agent.kind === 'unknown' && this.#clock.now() < this.#returnsUntil) return;
      // What is on screen already is not told again.
      if (agent.kind === 'offline' && agent.problem.message === problem.message) return;
      if (!(error instanceof BusUnreachableError)) this.#options.log.warn(problem.message, { code: problem.code });
      this.#dispatch({ kind: 'agent_silent', problem });
    }
  }

  /** One question at a time; reasons to ask that come meanwhile are one more question afterwards. */
  async #list(bus: Bus, signal: AbortSignal): Promise<void> {
    if (this.#listing !== undefined) {
      this.#listing.again = true;
      return;
    }
    const listing: { again: boolean } = { again: true };
    this.#listing = listing;
    try {
      while (listing.again && !signal.aborted) {
        await this.#clock.sleep(settleMs, signal);
        listing.again = false;
        const { servers, problems } = await bus.request('toolList', {}, { timeoutMs: askTimeoutMs, signal });
        this.#dispatch({ kind: 'servers', servers, problems, at: this.#clock.now() });
      }
    } catch (error) {
      if (!signal.aborted)
        this.#options.log.warn('The tools could not be listed.', { error: problemOf(error).message });
    } finally {
      if (this.#listing === listing) this.#listing = undefined;
    }
  }

  #dispatch(event: ConnectionEvent): void {
    const state = reduceConnection(this.#state, event);
    if (state === this.#state) return;
    this.#state = state;
    this.#options.onState(state, event);
  }

  #lost(url: string) {
    return problemOf(
      new BusUnreachableError({
        message: `The connection to the bus at ${url} was lost; it is tried again.`,
        action: 'Check the bus and the network.',
      }),
    );
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
