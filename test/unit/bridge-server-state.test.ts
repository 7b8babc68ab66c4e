// The life of one MCP server as a table: state, event, what follows.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { reduceServer, type ServerEvent, type ServerState } from '../../agent/bridge/server-state.ts';
import type { WireError } from '../../shared/errors/wire-error.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';

const down: WireError = { code: 'server_unavailable', message: 'down', retryable: true };
const signIn: WireError = { code: 'auth_required', message: 'sign in', retryable: false };

const disabled: ServerState = { status: 'disabled' };
/** `error`: of the time before. */
const connecting = (attempt: number, error?: WireError): ServerState => ({
  status: 'connecting',
  attempt,
  ...(error !== undefined && { error }),
});
const ready: ServerState = { status: 'ready' };
const authRequired = (attempt: number): ServerState => ({ status: 'auth_required', error: signIn, attempt });
const unavailable = (attempt: number): ServerState => ({ status: 'unavailable', error: down, attempt });

const failedDown: ServerEvent = { type: 'failed', error: down };
const failedSignIn: ServerEvent = { type: 'failed', error: signIn };
const lost: ServerEvent = { type: 'lost', error: down };
const forgotten: ServerEvent = { type: 'session_forgotten' };
const authLost: ServerEvent = { type: 'auth_lost', error: signIn };
const connected: ServerEvent = { type: 'connected' };
const retry: ServerEvent = { type: 'retry' };
const authRestored: ServerEvent = { type: 'auth_restored' };

const later = (attempt: number): string[] => ['close', `retry_later ${attempt}`];

const table: [from: ServerState, event: ServerEvent, to: ServerState, effects: string[]][] = [
  [connecting(0), connected, ready, []],
  [connecting(3), connected, ready, []],
  [connecting(0), failedDown, unavailable(1), later(0)],
  [connecting(4), failedDown, unavailable(5), later(4)],
  [connecting(2), failedSignIn, authRequired(3), later(2)],
  [connecting(0), retry, connecting(0), []],
  [connecting(0), authRestored, connecting(0), []],
  [connecting(2, down), failedDown, unavailable(3), later(2)],
  [connecting(2, down), connected, ready, []],
  [connecting(2, down), authLost, authRequired(0), ['close', 'stop_waiting']],
  [ready, lost, unavailable(1), later(0)],
  [ready, failedDown, unavailable(1), later(0)],
  [ready, retry, ready, []],
  [ready, authRestored, ready, []],
  [ready, connected, ready, []],
  [ready, forgotten, connecting(0), ['connect']],
  [ready, authLost, authRequired(0), ['close', 'stop_waiting']],
  [unavailable(3), retry, connecting(3, down), ['connect']],
  [unavailable(3), forgotten, unavailable(3), []],
  [unavailable(3), authRestored, connecting(0, down), ['connect']],
  [unavailable(3), connected, ready, []],
  [unavailable(3), authLost, authRequired(0), ['close', 'stop_waiting']],
  [authRequired(2), retry, connecting(2, signIn), ['connect']],
  [authRequired(2), authRestored, connecting(0, signIn), ['connect']],
  [authRequired(2), authLost, authRequired(0), ['close', 'stop_waiting']],
  [authRequired(0), connected, authRequired(0), ['close']],
  [authRequired(1), failedSignIn, authRequired(2), later(1)],
  // A server that must not become one that had better be tried again while a sign-in is needed [S5].
  [authRequired(0), failedDown, authRequired(0), ['close']],
  [authRequired(3), lost, authRequired(3), ['close']],
];

describe('server state', () => {
  for (const [from, event, to, effects] of table) {
    test(`server state - ${name(from)} on ${event.type} becomes ${name(to)}`, () => {
      const transition = reduceServer(from, event);
      assert.deepEqual(transition.state, to);
      assert.deepEqual(
        transition.effects.map((effect) => ('attempt' in effect ? `${effect.type} ${effect.attempt}` : effect.type)),
        effects,
      );
    });
  }

  for (const event of [connected, failedDown, lost, forgotten, retry, authRestored, authLost]) {
    test(`server state - disabled stays so on ${event.type}`, () => {
      assert.deepEqual(reduceServer(disabled, event), { state: disabled, effects: [] });
    });
  }

  test('server state - exactly the codes that a sign-in or an administrator mends lead to auth_required', () => {
    const leading = errorCodes.filter(
      (code) =>
        reduceServer(connecting(0), { type: 'failed', error: { ...down, code } }).state.status === 'auth_required',
    );
    assert.deepEqual(leading, ['auth_required', 'consent_required', 'admin_action_required']);
  });
});

function name(state: ServerState): string {
  return 'attempt' in state ? `${state.status} (${state.attempt})` : state.status;
}
