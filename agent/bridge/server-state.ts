// The life of one MCP server as a pure machine; connecting, waiting and listing are its effects and run elsewhere.
import { isSignInCode } from '../../shared/errors/error-code.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';

export type ServerState =
  | { status: 'disabled' }
  /** `error`: why it could not be used before, until it can. */
  | { status: 'connecting'; attempt: number; error?: WireError }
  | { status: 'ready' }
  /** Needs a sign-in; tried again when the auth state changes, and after a back-off if connecting showed it. */
  | { status: 'auth_required'; error: WireError; attempt: number }
  /** Out of reach; tried again after a back-off. */
  | { status: 'unavailable'; error: WireError; attempt: number };

export type ServerEvent =
  | { type: 'connected' }
  | { type: 'failed'; error: WireError }
  /** The transport or the session is gone. */
  | { type: 'lost'; error: WireError }
  /** The server is there and does not know the session any more. */
  | { type: 'session_forgotten' }
  | { type: 'retry' }
  | { type: 'auth_restored' }
  | { type: 'auth_lost'; error: WireError };

export type ServerEffect =
  | { type: 'connect' }
  | { type: 'close' }
  | { type: 'retry_later'; attempt: number }
  /** Ends the wait of `retry_later`. */
  | { type: 'stop_waiting' };

export interface ServerTransition {
  state: ServerState;
  effects: ServerEffect[];
}

export function reduceServer(state: ServerState, event: ServerEvent): ServerTransition {
  if (state.status === 'disabled') return stay(state);
  switch (event.type) {
    case 'connected':
      // The sign-in was lost meanwhile: the new session must not bring the tools back.
      if (state.status === 'auth_required') return { state, effects: [{ type: 'close' }] };
      return stay({ status: 'ready' });
    case 'failed':
    case 'lost':
      // What goes wrong while a sign-in is needed does not make it a server that one had better try again.
      if (state.status === 'auth_required' && !isSignInCode(event.error.code))
        return { state, effects: [{ type: 'close' }] };
      return failed('attempt' in state ? state.attempt : 0, event.error);
    case 'session_forgotten':
      if (state.status !== 'ready') return stay(state);
      return { state: { status: 'connecting', attempt: 0 }, effects: [{ type: 'connect' }] };
    case 'retry':
      if (state.status === 'ready' || state.status === 'connecting') return stay(state);
      return connecting(state.attempt, state.error);
    case 'auth_restored':
      if (state.status === 'ready' || state.status === 'connecting') return stay(state);
      return connecting(0, state.error);
    case 'auth_lost':
      return {
        state: { status: 'auth_required', error: event.error, attempt: 0 },
        effects: [{ type: 'close' }, { type: 'stop_waiting' }],
      };
  }
}

function connecting(attempt: number, error: WireError): ServerTransition {
  return { state: { status: 'connecting', attempt, error }, effects: [{ type: 'connect' }] };
}

function failed(attempt: number, error: WireError): ServerTransition {
  const status = isSignInCode(error.code) ? 'auth_required' : 'unavailable';
  return {
    state: { status, error, attempt: attempt + 1 },
    effects: [{ type: 'close' }, { type: 'retry_later', attempt }],
  };
}

function stay(state: ServerState): ServerTransition {
  return { state, effects: [] };
}
