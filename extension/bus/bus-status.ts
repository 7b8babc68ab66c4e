// What can happen to the connection to the bus, as a union of events, and the state that follows; it knows no NATS.
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';

export type BusEvent =
  | { kind: 'connected' }
  | { kind: 'disconnected' }
  /** About to dial again; `attempt` counts from 1 since the connection was lost. */
  | { kind: 'reconnecting'; attempt: number }
  /** The bus turned the credentials away. */
  | { kind: 'refused'; error: RockBotError }
  /** The bus did not let one message or subscription pass. */
  | { kind: 'forbidden'; subject: string; operation: 'publish' | 'subscribe'; error: RockBotError }
  | { kind: 'closed' };

export type BusState =
  { kind: 'connected' } | { kind: 'reconnecting'; attempt: number; error?: RockBotError } | { kind: 'closed' };

export function reduceBusState(state: BusState, event: BusEvent): BusState {
  if (state.kind === 'closed') return state;
  switch (event.kind) {
    case 'connected':
    case 'closed':
      return { kind: event.kind };
    case 'disconnected':
      return { kind: 'reconnecting', attempt: 0 };
    case 'reconnecting':
      return { ...(state.kind === 'reconnecting' && state), kind: 'reconnecting', attempt: event.attempt };
    case 'refused':
      return { kind: 'reconnecting', attempt: state.kind === 'reconnecting' ? state.attempt : 0, error: event.error };
    case 'forbidden':
      return state;
  }
}
