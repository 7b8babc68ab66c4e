// Asks and follows one agent on one connected bus, and tells what it hears; it ends with its signal. It knows no vscode, and keeps
// no state but its own timing.
import type { Clock } from '../../shared/clock.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { PatrolChanged } from '../../shared/contract/patrol-messages.ts';
import type { AgentStatus } from '../../shared/contract/status-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Bus } from '../bus.ts';
import { BusUnreachableError } from '../bus/bus-unreachable.ts';
import { isSilent, type ConnectionEvent, type ConnectionState } from './connection-state.ts';
import { problemOf, type Problem } from './problem.ts';

export interface SessionLog {
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
}

/** Who is told what the agent says beside its state. */
export interface AgentListener {
  onToolResult: (event: ToolResultEvent) => void;
  onToolProgress: (event: EventOf<'toolProgress'>) => void;
  onPatrolChanged?: (event: PatrolChanged) => void;
  /** Without it nobody is asked here. */
  onElicitationAsked?: (event: EventOf<'elicitationAsked'>) => void;
  onElicitationClosed?: (event: EventOf<'elicitationClosed'>) => void;
}

export interface FollowedAgentOptions extends AgentListener {
  bus: Bus;
  /** Another bus or agent is gone to, or none. */
  signal: AbortSignal;
  /** The state that the events have led to. */
  state: () => ConnectionState;
  dispatch: (event: ConnectionEvent) => void;
  log: SessionLog;
  clock: Clock;
}

const askTimeoutMs = 5_000;
/** Milliseconds between looks at whether the agent is still heard; an agent that is away is asked for at each. */
const watchIntervalMs = 2_500;
/** Milliseconds for an agent to be back on a bus that was away; only then is it said to be offline. */
const returnMs = 6_000;
/** Milliseconds to gather reasons for asking for the tools anew. */
const settleMs = 100;

export class FollowedAgent {
  readonly #options: FollowedAgentOptions;
  /** The one that asks for tools; undefined while nobody does. */
  #listing: { again: boolean } | undefined;
  /** Milliseconds since the epoch until which an agent may be on its way back. */
  #returnsUntil = 0;
  /** What the last heartbeat said of the servers, to notice that a message about them was missed. */
  #serversHeard = '';

  constructor(options: FollowedAgentOptions) {
    this.#options = options;
  }

  /** Begins; all ends with the signal. */
  follow(): void {
    const { bus, signal, log } = this.#options;
    const { onToolResult, onToolProgress, onPatrolChanged, onElicitationAsked, onElicitationClosed } = this.#options;
    const onForbidden = (error: RockBotError): void => log.warn(error.message, { action: error.action });
    const heard = <T>(handler: (payload: T) => void) => {
      return (payload: T): void => {
        if (!signal.aborted) handler(payload);
      };
    };
    const auth = heard((state: EventOf<'authChanged'>) => {
      this.#options.dispatch({ kind: 'auth', auth: state, at: this.#now() });
      void this.#list();
    });
    bus.subscribe(
      'agentStatus',
      heard((status) => this.#onHeartbeat(status)),
      { onForbidden },
    );
    bus.subscribe('authChanged', auth, { onForbidden });
    bus.subscribe(
      'mcpServersIndexed',
      heard(() => void this.#list()),
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
      if (event.kind === 'disconnected') this.#options.dispatch({ kind: 'bus_offline', problem: lost(bus.url) });
      else if (event.kind === 'refused')
        this.#options.dispatch({ kind: 'bus_offline', problem: problemOf(event.error) });
      else if (event.kind === 'forbidden') log.warn(event.error.message, { subject: event.subject });
      else if (event.kind === 'connected') {
        log.info('The bus is connected again.', { url: bus.url });
        this.#returnsUntil = this.#now() + returnMs;
        this.#options.dispatch({ kind: 'bus_online' });
        void this.ask();
      }
    });
    signal.addEventListener('abort', stop, { once: true });
    this.#options.dispatch({ kind: 'bus_online' });
    void this.ask();
    void this.#watch();
  }

  #onHeartbeat(status: AgentStatus): void {
    const wasAway = this.#state.agent.kind !== 'online';
    const servers = JSON.stringify([status.instance, status.auth.status, status.servers]);
    this.#options.dispatch({ kind: 'heartbeat', status, at: this.#now() });
    if (status.stopping === true) return;
    const isListed = this.#state.servers !== undefined;
    if (wasAway || !isListed || servers !== this.#serversHeard) void this.#list();
    this.#serversHeard = servers;
  }

  /** Notices silence, and the return of an agent whose heartbeats this user may not hear. */
  async #watch(): Promise<void> {
    const { signal, clock } = this.#options;
    while (!signal.aborted) {
      await clock.sleep(watchIntervalMs, signal).catch(() => undefined);
      if (signal.aborted || this.#state.bus.kind !== 'online') continue;
      if (this.#state.agent.kind !== 'online' || isSilent(this.#state, this.#now())) await this.ask();
    }
  }

  /** Asks the agent for its state and tools anew; never rejects. */
  async ask(): Promise<void> {
    const { bus, signal, log } = this.#options;
    try {
      const auth = await bus.request('authState', {}, { timeoutMs: askTimeoutMs, signal });
      this.#options.dispatch({ kind: 'auth', auth, at: this.#now() });
      await this.#list();
    } catch (error) {
      if (signal.aborted || this.#state.bus.kind !== 'online') return;
      const problem = problemOf(error);
      const { agent } = this.#state;
      // It is asked again by itself.
      if (agent.kind === 'unknown' && this.#now() < this.#returnsUntil) return;
      // What is on screen already is not told again.
      if (agent.kind === 'offline' && agent.problem.message === problem.message) return;
      if (!(error instanceof BusUnreachableError)) log.warn(problem.message, { code: problem.code });
      this.#options.dispatch({ kind: 'agent_silent', problem });
    }
  }

  /** One question at a time; reasons to ask that come meanwhile are one more question afterwards. */
  async #list(): Promise<void> {
    const { bus, signal, clock, log } = this.#options;
    if (this.#listing !== undefined) {
      this.#listing.again = true;
      return;
    }
    const listing: { again: boolean } = { again: true };
    this.#listing = listing;
    try {
      while (listing.again && !signal.aborted) {
        await clock.sleep(settleMs, signal);
        listing.again = false;
        const { servers, problems } = await bus.request('toolList', {}, { timeoutMs: askTimeoutMs, signal });
        this.#options.dispatch({ kind: 'servers', servers, problems, at: this.#now() });
      }
    } catch (error) {
      if (!signal.aborted) log.warn('The tools could not be listed.', { error: problemOf(error).message });
    } finally {
      this.#listing = undefined;
    }
  }

  get #state(): ConnectionState {
    return this.#options.state();
  }

  #now(): number {
    return this.#options.clock.now();
  }
}

function lost(url: string): Problem {
  return problemOf(
    new BusUnreachableError({
      message: `The connection to the bus at ${url} was lost; it is tried again.`,
      action: 'Check the bus and the network.',
    }),
  );
}
