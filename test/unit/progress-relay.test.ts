import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { ProgressRelay, progressIntervalMs } from '../../agent/progress-relay.ts';

function relaying({ mock }: TestContext) {
  mock.timers.enable({ apis: ['setTimeout'] });
  const told: number[] = [];
  const relay = new ProgressRelay<number>((progress) => void told.push(progress));
  const pass = (ms: number): void => {
    mock.timers.tick(ms);
  };
  return { relay, told, pass };
}

describe('progress', () => {
  test('progress - the first is told at once, of what follows too fast the last', (context) => {
    const { relay, told, pass } = relaying(context);
    for (const step of [1, 2, 3]) relay.tell(step);
    assert.deepEqual(told, [1]);
    pass(progressIntervalMs);
    assert.deepEqual(told, [1, 3]);
    pass(progressIntervalMs);
    relay.tell(4);
    assert.deepEqual(told, [1, 3, 4]);
  });

  test('progress - the last one is told with the end of the call, and none after it', (context) => {
    const { relay, told, pass } = relaying(context);
    for (const step of [1, 2]) relay.tell(step);
    relay.end();
    assert.deepEqual(told, [1, 2]);
    relay.tell(3);
    relay.end();
    pass(10 * progressIntervalMs);
    assert.deepEqual(told, [1, 2]);
  });
});
