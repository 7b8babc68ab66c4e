// What a new window asks before it is connected waits for the agent, and for nothing else.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { ConnectionWait } from '../../extension/mcp-file/connection-wait.ts';

describe('connection wait', () => {
  const ends: [how: string, end: (wait: ConnectionWait, tick: (ms: number) => void) => void][] = [
    ['the agent is heard', (wait) => wait.online()],
    ['the while is over', (_wait, tick) => tick(12_000)],
    ['the window closes', (wait) => wait.dispose()],
  ];
  for (const [how, end] of ends) {
    test(`connection wait - ends when ${how}`, async (t) => {
      t.mock.timers.enable({ apis: ['setTimeout'] });
      const wait = new ConnectionWait({ isOnline: () => false, withinMs: 12_000 });
      let ended = 0;
      for (let count = 0; count < 2; count++) void wait.connected().then(() => ended++);
      t.mock.timers.tick(11_999);
      await setImmediate();
      assert.equal(ended, 0);
      end(wait, (ms) => t.mock.timers.tick(ms));
      await setImmediate();
      assert.equal(ended, 2);
      wait.dispose();
    });
  }

  test('connection wait - nobody waits while the agent is heard, nor afterwards for a window that is closed', async () => {
    let isOnline = true;
    const wait = new ConnectionWait({ isOnline: () => isOnline, withinMs: 600_000 });
    await wait.connected();
    isOnline = false;
    wait.dispose();
    await wait.connected();
  });
});
