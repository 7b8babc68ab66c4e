// What a window asks of the agent when its bus comes back: at once, not when it is next due.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import type { Bus } from '../../extension/bus.ts';
import { initialState, reduceConnection, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { FollowedAgent } from '../../extension/connection/followed-agent.ts';

test('followed agent - a bus that is back is asked for the agent at once', async () => {
  const ending = new AbortController();
  const asked: string[] = [];
  let tell: (event: { kind: 'connected' | 'disconnected' }) => void = () => assert.fail('nobody listens');
  const bus = {
    url: 'ws://127.0.0.1:1',
    subscribe: () => () => undefined,
    onEvent: (listener: typeof tell) => {
      tell = listener;
      return () => undefined;
    },
    request: (name: string) => {
      asked.push(name);
      return new Promise(() => undefined);
    },
  };
  let state: ConnectionState = reduceConnection(initialState('rockbot'), {
    kind: 'configured',
    agentName: 'rockbot',
    url: bus.url,
  });
  new FollowedAgent({
    bus: bus as unknown as Bus,
    signal: ending.signal,
    state: () => state,
    dispatch: (event) => (state = reduceConnection(state, event)),
    onToolResult: () => undefined,
    onToolProgress: () => undefined,
    log: { info: () => undefined, warn: () => undefined },
    // Time stands still: what is asked, is asked without waiting.
    clock: { now: () => 0, sleep: () => new Promise(() => undefined) } as never,
  }).follow();
  await setImmediate();
  assert.deepEqual(asked, ['authState']);
  tell({ kind: 'disconnected' });
  assert.equal(state.bus.kind, 'offline');
  tell({ kind: 'connected' });
  await setImmediate();
  assert.equal(state.bus.kind, 'online');
  assert.deepEqual(asked, ['authState', 'authState']);
  ending.abort();
});
