// What the extension knows about bus, agent and sign-in, and how that changes; pure, it neither connects nor shows.
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { AgentStatus } from '../../shared/contract/status-messages.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import type { Problem } from './problem.ts';

/** `key`: a person is asked whether the agent's key is to be trusted. */
export type SignInStep = 'profile' | 'key' | 'sign_in' | 'sealing' | 'waiting_for_agent';

export type BusLink =
  /** `problem`: a setting that cannot be used, so that nothing is connected. */
  | { kind: 'none'; problem?: Problem | undefined }
  | { kind: 'connecting'; url: string }
  | { kind: 'offline'; url: string; problem: Problem }
  | { kind: 'online'; url: string };

export type AgentLink =
  /** Not asked yet since the bus is there. */
  | { kind: 'unknown' }
  | { kind: 'offline'; problem: Problem }
  /** `heardAt`: milliseconds since the epoch. */
  | { kind: 'online'; heardAt: number; version?: string | undefined; instance?: string | undefined };

export interface ConnectionState {
  agentName: string;
  bus: BusLink;
  agent: AgentLink;
  /** As last told by the agent; kept while it is away. */
  auth?: AuthState | undefined;
  /** The sign-in of this window that runs now. */
  signIn?: { step: SignInStep } | undefined;
  /** Why the last hand-off of this window was refused; gone with the next try. */
  refusal?: Problem | undefined;
  servers?: readonly ListedServer[] | undefined;
  /** Problems of the agent's mcp.json, in plain words. */
  configProblems: readonly string[];
}

export type ConnectionEvent =
  | {
      kind: 'configured';
      agentName: string;
      url: string | undefined;
      problem?: Problem | undefined;
      /** The one of before, reached anew. */
      isSameAgent?: boolean;
    }
  | { kind: 'bus_online' }
  | { kind: 'bus_offline'; problem: Problem }
  | { kind: 'agent_silent'; problem: Problem }
  | { kind: 'auth'; auth: AuthState; at: number }
  | { kind: 'heartbeat'; status: AgentStatus; at: number }
  | { kind: 'servers'; servers: readonly ListedServer[]; problems: readonly string[]; at: number }
  | { kind: 'sign_in'; step: SignInStep }
  | { kind: 'sign_in_ended'; refusal?: Problem | undefined };

/** Milliseconds without a sign of life after which the agent is asked: a heartbeat (10 s) was missed. */
const silenceLimitMs = 12_000;

export function initialState(agentName: string): ConnectionState {
  return { agentName, bus: { kind: 'none' }, agent: { kind: 'unknown' }, configProblems: [] };
}

export function reduceConnection(state: ConnectionState, event: ConnectionEvent): ConnectionState {
  switch (event.kind) {
    case 'configured':
      return {
        ...initialState(event.agentName),
        bus:
          event.url === undefined ? { kind: 'none', problem: event.problem } : { kind: 'connecting', url: event.url },
        // A sign-in is with one agent alone.
        signIn: event.isSameAgent === true ? state.signIn : undefined,
      };
    case 'bus_online':
      if (state.bus.kind === 'none') return state;
      return { ...state, bus: { kind: 'online', url: state.bus.url }, agent: { kind: 'unknown' } };
    case 'bus_offline':
      if (state.bus.kind === 'none') return state;
      return {
        ...state,
        bus: { kind: 'offline', url: state.bus.url, problem: event.problem },
        agent: { kind: 'unknown' },
        servers: undefined,
      };
    case 'agent_silent':
      return { ...state, agent: { kind: 'offline', problem: event.problem }, servers: undefined };
    case 'auth':
      return withAuth(withLife(state, event.at), newerAuth(state.auth, event.auth));
    case 'heartbeat': {
      const { status, at } = event;
      if (status.stopping === true) {
        return reduceConnection(state, { kind: 'agent_silent', problem: agentStopped(state.agentName) });
      }
      const agent = { kind: 'online', heardAt: at, version: status.version, instance: status.instance } as const;
      return withAuth({ ...state, agent }, status.auth);
    }
    case 'servers':
      return { ...withLife(state, event.at), servers: event.servers, configProblems: event.problems };
    case 'sign_in':
      return { ...state, signIn: { step: event.step }, refusal: undefined };
    case 'sign_in_ended':
      return { ...state, signIn: undefined, refusal: event.refusal };
  }
}

/** Whether the agent has been quiet for so long at `now` (milliseconds since the epoch) that it has to be asked. */
export function isSilent({ agent, bus }: ConnectionState, now: number): boolean {
  return bus.kind === 'online' && agent.kind === 'online' && now - agent.heardAt > silenceLimitMs;
}

/** A refusal is past when somebody, here or in another window, has connected since. */
function withAuth(state: ConnectionState, auth: AuthState): ConnectionState {
  return { ...state, auth, refusal: auth.status === 'connected' ? undefined : state.refusal };
}

function withLife(state: ConnectionState, at: number): ConnectionState {
  const agent: AgentLink =
    state.agent.kind === 'online' ? { ...state.agent, heardAt: at } : { kind: 'online', heardAt: at };
  return { ...state, agent };
}

/** A slow answer must not undo what an event told meanwhile; a lower generation comes with a disconnect alone. */
function newerAuth(known: AuthState | undefined, told: AuthState): AuthState {
  if (known === undefined || told.status === 'not_connected') return told;
  return Date.parse(told.since) < Date.parse(known.since) ? known : told;
}

function agentStopped(agentName: string): Problem {
  return {
    code: 'server_unavailable',
    message: `The agent "${agentName}" was stopped.`,
    action: 'Start it again, or wait until its operator does.',
  };
}
