// What is told on the bus of the connection, and when: nothing is lost while the bus is away, and nothing is told twice.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AuthAnnouncer } from '../../agent/auth-announcer.ts';
import type { AuthHealthEffect } from '../../agent/auth/auth-health.ts';
import type { AuthStatus } from '../../shared/contract/auth-state.ts';

const reason = { code: 'auth_required', message: 'Revoked.', action: 'Sign in.' };
const at = '2026-03-01T08:00:00.000Z';
const announce = (status: AuthStatus): AuthHealthEffect => ({
  type: 'announce',
  state: { status, since: at, generation: 1 },
});
const notice = (episodeId: string): AuthHealthEffect => ({
  type: 'notify_expired',
  accountId: 'oid',
  username: 'adele@contoso.example',
  reason,
  episodeId,
  at,
});

function start() {
  const told: string[] = [];
  const late: string[] = [];
  const bus = {
    connected: true,
    publish: (name: string, payload: unknown) => {
      const { status, episodeId } = payload as { status?: string; episodeId?: string };
      told.push(`${name} ${status ?? episodeId ?? ''}`);
    },
  };
  return { told, late, bus, announcer: new AuthAnnouncer({ onLateNotice: (episodeId) => void late.push(episodeId) }) };
}

test('announcer - while the bus is there everything is told at once, and nothing is late [P13]', () => {
  const { told, late, bus, announcer } = start();
  announcer.connected(bus);
  announcer.run(announce('expired'));
  assert.equal(announcer.run(notice('one')), undefined);
  announcer.connected(bus);
  assert.deepEqual(told, ['authChanged expired', 'authExpired one']);
  assert.deepEqual(late, []);
});

test('announcer - a notice waits for the first bus and for one that is away, and says when it is out [P13]', () => {
  const { told, late, bus, announcer } = start();
  assert.equal(announcer.run(notice('one')), 'later');
  announcer.connected(bus);
  bus.connected = false;
  announcer.run(announce('connected'));
  announcer.run(announce('expired'));
  assert.equal(announcer.run(notice('two')), 'later');
  assert.deepEqual(late, ['one']);
  // A connection that goes away again before anything was told.
  announcer.connected(bus);
  assert.deepEqual(late, ['one']);
  bus.connected = true;
  announcer.connected(bus);
  announcer.connected(bus);
  assert.deepEqual(told, ['authExpired one', 'authExpired two']);
  assert.deepEqual(late, ['one', 'two']);
});

test('announcer - a notice that a sign-in made untrue while it waited is not sent [P13]', () => {
  const { told, late, bus, announcer } = start();
  announcer.run(announce('expired'));
  announcer.run(notice('one'));
  announcer.run(announce('connected'));
  announcer.connected(bus);
  assert.deepEqual([told, late], [[], []]);
});
