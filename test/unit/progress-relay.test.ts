import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { plainProgress } from '../../agent/bridge/plain-progress.ts';
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

  test('progress - of what a server says only its numbers and one plain, masked, bounded line go on [P6]', () => {
    const said = {
      progress: 1,
      total: 2,
      message: `a \u202e\n hunter2 ${'word '.repeat(5_000)}`,
      callId: 'of-another',
    };
    const told = plainProgress(said, (text) => text.replaceAll('hunter2', '[redacted]'));
    assert.deepEqual(Object.keys(told), ['progress', 'total', 'message']);
    assert.match(told.message ?? '', /^a \[redacted\] word word/);
    assert.ok((told.message ?? '').length <= 310);
    assert.deepEqual(
      plainProgress({ progress: 1 }, (text) => text),
      { progress: 1 },
    );
  });
});
