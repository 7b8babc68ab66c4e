// The state machine of the connection as a table: every event in every state, and what holds for any sequence of events.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  authStateOf,
  initialHealth,
  reduceHealth,
  type AuthHealth,
  type AuthHealthEvent,
  type UntimedHealthEvent,
} from '../../agent/auth/auth-health.ts';
import { authStateSchema, type AuthReason } from '../../shared/contract/auth-state.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const before = '2026-03-01T08:00:00.000Z';
const now = '2026-03-01T09:00:00.000Z';
const account = { id: 'oid-adele', username: 'adele@contoso.example', tenantId: 'tenant' };
const connection = { account, lastRefreshAt: before, accessTokenExpiresAt: '2026-03-01T09:05:00.000Z' };
const reason = (code: string): AuthReason => ({ code, message: `Because of ${code}.`, action: 'Do something.' });
const outage = reason('server_unavailable');
const fullDisk = reason('internal');
const revoked = { ...reason('auth_required'), aadsts: 'AADSTS50173' };
const damaged = { ...reason('auth_required'), message: 'The cache file was damaged.' };

const states = {
  empty: { generation: 3, since: before, trouble: {} },
  noted: { generation: 3, since: before, trouble: {}, note: damaged },
  connected: { generation: 3, since: before, trouble: {}, connection },
  outage: { generation: 3, since: before, trouble: { refresh: outage }, connection },
  unstored: { generation: 3, since: before, trouble: { store: fullDisk }, connection },
  both: { generation: 3, since: before, trouble: { refresh: outage, store: fullDisk }, connection },
  expired: { generation: 3, since: before, trouble: {}, connection, expired: { episodeId: 'one', reason: revoked } },
  expiredUnstored: {
    generation: 3,
    since: before,
    trouble: { store: fullDisk },
    connection,
    expired: { episodeId: 'one', reason: revoked },
  },
} satisfies Record<string, AuthHealth>;

type StateName = keyof typeof states;

const events = {
  handed_off: { type: 'handed_off', generation: 4, connection: { account, lastRefreshAt: now } },
  refreshed: { type: 'refreshed', accessTokenExpiresAt: '2026-03-01T10:00:00.000Z' },
  refresh_failed: { type: 'refresh_failed', reason: outage },
  rejected: { type: 'rejected', reason: revoked, episodeId: 'two' },
  store_failed: { type: 'store_failed', reason: fullDisk },
  store_recovered: { type: 'store_recovered' },
  end_expected: {
    type: 'end_expected',
    end: { at: '2026-03-08T08:00:00.000Z', cause: 'sign_in_frequency', soon: false, message: 'Every 7 days.' },
  },
  disconnected: { type: 'disconnected' },
} satisfies Record<string, UntimedHealthEvent>;

type EventName = keyof typeof events;

/** The status after the event; `!` when the state is announced, `!!` when the expired notice goes out as well. */
const table: Record<StateName, Record<EventName, string>> = {
  empty: {
    handed_off: 'connected !',
    refreshed: 'not_connected',
    refresh_failed: 'not_connected',
    rejected: 'not_connected',
    store_failed: 'not_connected',
    store_recovered: 'not_connected',
    end_expected: 'not_connected',
    disconnected: 'not_connected',
  },
  noted: {
    handed_off: 'connected !',
    refreshed: 'not_connected',
    refresh_failed: 'not_connected',
    rejected: 'not_connected',
    store_failed: 'not_connected',
    store_recovered: 'not_connected',
    end_expected: 'not_connected',
    disconnected: 'not_connected !',
  },
  connected: {
    handed_off: 'connected !',
    refreshed: 'connected !',
    refresh_failed: 'degraded !',
    rejected: 'expired !!',
    store_failed: 'degraded !',
    store_recovered: 'connected',
    end_expected: 'connected !',
    disconnected: 'not_connected !',
  },
  outage: {
    handed_off: 'connected !',
    refreshed: 'connected !',
    refresh_failed: 'degraded',
    rejected: 'expired !!',
    store_failed: 'degraded !',
    store_recovered: 'degraded',
    end_expected: 'degraded !',
    disconnected: 'not_connected !',
  },
  unstored: {
    handed_off: 'connected !',
    refreshed: 'degraded !',
    refresh_failed: 'degraded',
    rejected: 'expired !!',
    store_failed: 'degraded',
    store_recovered: 'connected !',
    end_expected: 'degraded !',
    disconnected: 'not_connected !',
  },
  both: {
    handed_off: 'connected !',
    refreshed: 'degraded !',
    refresh_failed: 'degraded',
    rejected: 'expired !!',
    store_failed: 'degraded',
    store_recovered: 'degraded !',
    end_expected: 'degraded !',
    disconnected: 'not_connected !',
  },
  expired: {
    handed_off: 'connected !',
    refreshed: 'connected !',
    refresh_failed: 'expired',
    rejected: 'expired',
    store_failed: 'expired',
    store_recovered: 'expired',
    end_expected: 'expired',
    disconnected: 'not_connected !',
  },
  expiredUnstored: {
    handed_off: 'connected !',
    refreshed: 'degraded !',
    refresh_failed: 'expired',
    rejected: 'expired',
    store_failed: 'expired',
    store_recovered: 'expired',
    end_expected: 'expired',
    disconnected: 'not_connected !',
  },
};

describe('auth health - every event in every state', () => {
  for (const [stateName, row] of Object.entries(table) as [StateName, Record<EventName, string>][]) {
    for (const [eventName, expected] of Object.entries(row) as [EventName, string][]) {
      test(`auth health - ${eventName} when ${stateName} gives ${expected}`, () => {
        const { health, effects } = reduceHealth(states[stateName], { ...events[eventName], at: now });
        const marks = effects
          .map(({ type }) => (type === 'announce' || type === 'notify_expired' ? '!' : '?'))
          .join('');
        assert.equal(`${authStateOf(health).status} ${marks}`.trim(), expected);
        assert.doesNotThrow(() => authStateSchema.parse(authStateOf(health)));
        for (const effect of effects) {
          if (effect.type === 'announce') assert.deepEqual(effect.state, authStateOf(health));
        }
      });
    }
  }
});

test('auth health - the notice names account, reason and episode and comes once per episode [P13]', () => {
  const first = reduceHealth(states.connected, { ...events.rejected, at: now });
  assert.deepEqual(first.effects.at(-1), {
    type: 'notify_expired',
    accountId: 'oid-adele',
    username: 'adele@contoso.example',
    reason: revoked,
    episodeId: 'two',
    at: now,
  });
  const again = reduceHealth(first.health, { ...events.rejected, episodeId: 'three', at: now });
  assert.deepEqual(again.effects, []);
  assert.equal(authStateOf(again.health).episodeId, 'two');
});

test('auth health - an expired connection that is loaded is announced without a second notice [P13]', () => {
  const { health, effects } = reduceHealth(initialHealth(before), {
    type: 'loaded',
    generation: 3,
    connection,
    expired: { episodeId: 'one', reason: revoked },
    since: '2026-03-01T08:30:00.000Z',
    at: now,
  });
  assert.deepEqual(
    effects.map(({ type }) => type),
    ['announce'],
  );
  assert.deepEqual(authStateOf(health), {
    status: 'expired',
    account,
    since: '2026-03-01T08:30:00.000Z',
    generation: 3,
    accessTokenExpiresAt: connection.accessTokenExpiresAt,
    lastRefreshAt: before,
    reason: revoked,
    episodeId: 'one',
  });
});

test('auth health - an expired connection whose notice was not sent is loaded with it, as of when it began [P13]', () => {
  const began = '2026-03-01T08:30:00.000Z';
  const expired = { episodeId: 'one', reason: revoked };
  const loaded = {
    type: 'loaded',
    generation: 3,
    connection,
    expired,
    noticeDue: true,
    since: began,
    at: now,
  } as const;
  const { health, effects } = reduceHealth(initialHealth(before), loaded);
  assert.deepEqual(effects, [
    { type: 'announce', state: authStateOf(health) },
    {
      type: 'notify_expired',
      accountId: 'oid-adele',
      username: 'adele@contoso.example',
      reason: revoked,
      episodeId: 'one',
      at: began,
    },
  ]);
  const again = reduceHealth(health, { ...events.rejected, at: now });
  assert.deepEqual(again.effects, []);
});

test('auth health - loading nothing says nothing, and loading a set-aside cache says why', () => {
  const nothing = reduceHealth(initialHealth(before), { type: 'loaded', generation: 0, at: now });
  assert.deepEqual(nothing.effects, []);
  const noted = reduceHealth(initialHealth(before), { type: 'loaded', generation: 0, note: damaged, at: now });
  assert.deepEqual(authStateOf(noted.health), {
    status: 'not_connected',
    since: before,
    generation: 0,
    reason: damaged,
  });
});

test('auth health - the generation outlives a disconnect and nothing of the account does', () => {
  const { health } = reduceHealth(states.expired, { type: 'disconnected', at: now });
  assert.deepEqual(authStateOf(health), { status: 'not_connected', since: now, generation: 3 });
});

test('auth health - since moves with the status and with a new hand-off only', () => {
  const since = (state: AuthHealth, event: UntimedHealthEvent): string =>
    authStateOf(reduceHealth(state, { ...event, at: now }).health).since;
  assert.equal(since(states.connected, events.refreshed), before);
  assert.equal(since(states.connected, events.refresh_failed), now);
  assert.equal(since(states.outage, events.store_failed), before);
  assert.equal(since(states.connected, events.handed_off), now);
});

test('auth health - while a write and a refresh fail, the write is named: it is the one that a restart would lose', () => {
  assert.deepEqual(authStateOf(states.both).reason, fullDisk);
});

const anyEvent: fc.Arbitrary<UntimedHealthEvent> = fc.oneof(
  fc.constantFrom<UntimedHealthEvent>(...Object.values(events)),
  fc.constantFrom('a', 'b', 'c', 'd').map((episodeId) => ({ type: 'rejected' as const, reason: revoked, episodeId })),
);

test('auth health - in any sequence each stretch of expired has one notice, and only changes are announced [P13]', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 40 }), (sequence) => {
      let health = initialHealth(before);
      sequence.forEach((event, index) => {
        const at = new Date(Date.parse(now) + index * 1000).toISOString();
        // Generations strictly increase.
        const timed: AuthHealthEvent =
          event.type === 'handed_off' ? { ...event, generation: index + 1, at } : { ...event, at };
        const was = authStateOf(health);
        const { health: next, effects } = reduceHealth(health, timed);
        const is = authStateOf(next);
        const notices = effects.filter(({ type }) => type === 'notify_expired').length;
        assert.equal(notices, was.status !== 'expired' && is.status === 'expired' ? 1 : 0);
        const isChanged = JSON.stringify(was) !== JSON.stringify(is);
        assert.equal(effects.filter(({ type }) => type === 'announce').length, isChanged ? 1 : 0);
        assert.equal(is.status === 'expired', is.episodeId !== undefined);
        assert.equal(is.status === 'not_connected', is.account === undefined);
        health = next;
      });
    }),
  );
});
