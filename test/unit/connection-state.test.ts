// What the extension believes about bus, agent and sign-in after each thing that can happen, and the one word for it.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { phaseOf } from '../../extension/connection/connection-phase.ts';
import {
  initialState,
  isSilent,
  reduceConnection,
  type ConnectionEvent,
  type ConnectionState,
} from '../../extension/connection/connection-state.ts';
import type { Problem } from '../../extension/connection/problem.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { AgentStatus } from '../../shared/contract/status-messages.ts';

const problem: Problem = { code: 'server_unavailable', message: 'Gone.', action: 'Wait.' };
const account = { id: 'id', username: 'adele@contoso.example', tenantId: 't' };
const at = Date.parse('2026-11-23T10:00:00Z');

function auth(status: AuthState['status'], since = '2026-11-23T09:00:00Z'): AuthState {
  return { status, since, generation: 1, ...(status !== 'not_connected' && { account }) };
}

function heartbeat(status: AuthState['status'], more: Partial<AgentStatus> = {}): ConnectionEvent {
  return {
    kind: 'heartbeat',
    at,
    status: { instance: 'i', version: '1.0.0', startedAt: '', auth: auth(status), servers: [], ...more },
  };
}

function after(...events: ConnectionEvent[]): ConnectionState {
  return events.reduce(reduceConnection, initialState('rockbot'));
}

const configured: ConnectionEvent = { kind: 'configured', agentName: 'rockbot', url: 'ws://127.0.0.1:1' };
const online: ConnectionEvent = { kind: 'bus_online' };
const refusal: Problem = { code: 'handoff_refused', reason: 'account', message: 'Another account.' };

describe('connection - one word for each state', () => {
  for (const [name, events, phase] of [
    ['nothing set', [], 'not_configured'],
    ['an address that is none', [{ ...configured, url: undefined, problem }], 'misconfigured'],
    ['no address set', [{ ...configured, url: undefined }], 'not_configured'],
    ['dialling', [configured], 'bus_connecting'],
    ['nobody at the address', [configured, { kind: 'bus_offline', problem }], 'bus_offline'],
    ['bus there, agent not asked yet', [configured, online], 'bus_connecting'],
    ['no agent answers', [configured, online, { kind: 'agent_silent', problem }], 'agent_offline'],
    ['agent without a sign-in', [configured, online, heartbeat('not_connected')], 'not_connected'],
    ['connected', [configured, online, heartbeat('connected')], 'connected'],
    ['expired', [configured, online, { kind: 'auth', auth: auth('expired'), at }], 'expired'],
    ['degraded', [configured, online, heartbeat('degraded')], 'degraded'],
    [
      'agent stopped in order',
      [configured, online, heartbeat('connected'), heartbeat('connected', { stopping: true })],
      'agent_offline',
    ],
    [
      'bus lost while connected',
      [configured, online, heartbeat('connected'), { kind: 'bus_offline', problem }],
      'bus_offline',
    ],
    [
      'bus back, agent not heard yet',
      [configured, online, heartbeat('connected'), { kind: 'bus_offline', problem }, online],
      'bus_connecting',
    ],
    [
      'signing in',
      [configured, online, heartbeat('not_connected'), { kind: 'sign_in', step: 'profile' }],
      'signing_in',
    ],
    [
      'a sign-in that ended well',
      [configured, online, heartbeat('connected'), { kind: 'sign_in', step: 'sealing' }, { kind: 'sign_in_ended' }],
      'connected',
    ],
    [
      'refused, and nothing connected',
      [configured, online, heartbeat('expired'), { kind: 'sign_in_ended', refusal }],
      'refused',
    ],
    [
      'refused, the old connection as it was',
      [configured, online, heartbeat('connected'), { kind: 'sign_in_ended', refusal }],
      'connected',
    ],
    [
      'expired long after a refusal that another window mended',
      [
        configured,
        online,
        heartbeat('expired'),
        { kind: 'sign_in_ended', refusal },
        heartbeat('connected'),
        heartbeat('expired'),
      ],
      'expired',
    ],
    [
      'tried again after a refusal',
      [
        configured,
        online,
        heartbeat('expired'),
        { kind: 'sign_in_ended', refusal },
        { kind: 'sign_in', step: 'profile' },
        { kind: 'sign_in_ended' },
      ],
      'expired',
    ],
    [
      'a sign-in while the bus is lost',
      [configured, online, { kind: 'sign_in', step: 'sealing' }, { kind: 'bus_offline', problem }],
      'bus_offline',
    ],
  ] satisfies [string, ConnectionEvent[], string][]) {
    test(`connection - ${name} is ${phase}`, () => {
      assert.equal(phaseOf(after(...events)), phase);
    });
  }
});

describe('connection - what is told late or twice', () => {
  test('connection - a slow answer from before does not undo what an event told since', () => {
    const state = after(
      configured,
      online,
      { kind: 'auth', auth: auth('expired', '2026-11-23T09:30:00Z'), at },
      { kind: 'auth', auth: auth('connected', '2026-11-23T09:00:00Z'), at },
    );
    assert.equal(state.auth?.status, 'expired');
  });

  test('connection - a disconnect is believed whatever its time', () => {
    const state = after(
      configured,
      online,
      { kind: 'auth', auth: auth('connected', '2026-11-23T09:30:00Z'), at },
      { kind: 'auth', auth: auth('not_connected', '2026-11-23T09:00:00Z'), at },
    );
    assert.equal(state.auth?.status, 'not_connected');
  });

  test('connection - another bus or agent inherits nothing; the same one reached anew the sign-in under way', () => {
    const before = after(configured, online, heartbeat('connected'), { kind: 'sign_in', step: 'sign_in' });
    const event = { kind: 'configured', agentName: 'other', url: 'ws://127.0.0.1:2' } as const;
    const state = reduceConnection(before, event);
    assert.deepEqual(
      [state.agentName, state.auth, state.servers, state.agent.kind, state.signIn],
      ['other', undefined, undefined, 'unknown', undefined],
    );
    const again = reduceConnection(before, { ...event, isSameAgent: true });
    assert.deepEqual([again.auth, again.signIn], [undefined, { step: 'sign_in' }]);
  });

  test('connection - an agent has to be asked when a heartbeat was missed, not before', () => {
    const state = after(configured, online, heartbeat('connected'));
    assert.deepEqual(
      [0, 10_000, 12_500].map((waited) => isSilent(state, at + waited)),
      [false, false, true],
    );
    assert.equal(isSilent(after(configured), at + 60_000), false, 'no bus, nobody to ask');
  });
});
