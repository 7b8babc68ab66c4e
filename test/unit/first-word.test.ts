// What is asked for right after the start waits for the agent's first word, and for nothing that is known not to come.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { initialState, reduceConnection, type ConnectionEvent } from '../../extension/connection/connection-state.ts';
import { FirstWord } from '../../extension/connection/first-word.ts';

const problem = { code: 'server_unavailable', message: 'away' } as const;
const auth = { status: 'not_connected', since: '2026-01-01T00:00:00Z' } as never;
const configured: ConnectionEvent = { kind: 'configured', agentName: 'rockbot', url: 'ws://127.0.0.1:1' };

function scene(...before: ConnectionEvent[]) {
  let state = before.reduce(reduceConnection, initialState('rockbot'));
  const firstWord = new FirstWord({ state: () => state });
  let isOver = false;
  const wait = (signal?: AbortSignal) => firstWord.wait(signal).then(() => (isOver = true));
  const settle = async (): Promise<boolean> => (await setImmediate(), isOver);
  const tell = (event: ConnectionEvent): void => {
    state = reduceConnection(state, event);
    firstWord.changed();
  };
  return { firstWord, wait, settle, tell };
}

describe('first word', () => {
  test('first word - a command right after the start waits for the connection and for the agent', async (t) => {
    t.mock.timers.enable({ apis: ['setTimeout'] });
    const { firstWord, wait, settle, tell } = scene();
    void wait();
    assert.equal(await settle(), false, 'the settings are not read yet');
    tell(configured);
    firstWord.started();
    assert.equal(await settle(), false);
    tell({ kind: 'bus_online' });
    assert.equal(await settle(), false, 'nobody has asked the agent yet');
    tell({ kind: 'auth', auth, at: 1 });
    assert.equal(await settle(), true);
    assert.equal(firstWord.isComing, false);
  });

  const ends: [
    how: string,
    act: (now: ReturnType<typeof scene>, tick: (ms: number) => void, leave: () => void) => void,
  ][] = [
    ['the bus does not answer', ({ tell }) => tell({ kind: 'bus_offline', problem })],
    [
      'the agent does not answer',
      ({ tell }) => (tell({ kind: 'bus_online' }), tell({ kind: 'agent_silent', problem })),
    ],
    ['it takes too long', (_now, tick) => tick(10_000)],
    ['the person leaves', (_now, _tick, leave) => leave()],
    ['the window closes', ({ firstWord }) => firstWord.dispose()],
  ];
  for (const [how, act] of ends)
    test(`first word - the wait ends when ${how}`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const now = scene(configured);
      const leaving = new AbortController();
      void now.wait(leaving.signal);
      t.mock.timers.tick(9_999);
      assert.equal(await now.settle(), false);
      act(
        now,
        (ms) => t.mock.timers.tick(ms),
        () => leaving.abort(),
      );
      assert.equal(await now.settle(), true);
    });

  const known: [what: string, events: ConnectionEvent[]][] = [
    ['the bus is away', [configured, { kind: 'bus_offline', problem }]],
    ['the agent is away', [configured, { kind: 'bus_online' }, { kind: 'agent_silent', problem }]],
    ['the agent is heard', [configured, { kind: 'bus_online' }, { kind: 'auth', auth, at: 1 }]],
    ['no setting can be used', [{ kind: 'configured', agentName: 'rockbot', url: undefined, problem }]],
  ];
  for (const [what, events] of known)
    test(`first word - nobody waits when ${what}`, async () => {
      const { wait, settle } = scene(...events);
      void wait();
      assert.equal(await settle(), true);
    });

  test('first word - without a bus nobody waits once the start is over', async () => {
    const { firstWord, wait, settle } = scene();
    void wait();
    assert.equal(await settle(), false);
    firstWord.started();
    assert.equal(await settle(), true);
  });
});
