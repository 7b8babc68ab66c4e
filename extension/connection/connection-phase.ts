// The one word for the whole state that everything on screen follows; pure.
import type { ConnectionState } from './connection-state.ts';

export const connectionPhases = [
  'not_configured',
  'misconfigured',
  'bus_connecting',
  'bus_offline',
  'agent_offline',
  'signing_in',
  'refused',
  'not_connected',
  'connected',
  'expired',
  'degraded',
] as const;

export type ConnectionPhase = (typeof connectionPhases)[number];

/** What hides something else comes first: nothing is known of an agent behind a bus that is away. */
export function phaseOf({ bus, agent, auth, signIn, refusal }: ConnectionState): ConnectionPhase {
  if (bus.kind === 'none') return bus.problem === undefined ? 'not_configured' : 'misconfigured';
  if (bus.kind === 'offline') return 'bus_offline';
  if (signIn !== undefined) return 'signing_in';
  if (agent.kind === 'offline') return 'agent_offline';
  if (bus.kind === 'connecting' || agent.kind === 'unknown' || auth === undefined) return 'bus_connecting';
  // The old connection, if there is one, was left as it was; what the person just tried did not work.
  if (refusal !== undefined && auth.status !== 'connected') return 'refused';
  return auth.status;
}
