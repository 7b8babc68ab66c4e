// What is told of a call while it runs: the server's words made plain, and the agent's own beside them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallProgress, type Progress } from '../../agent/bridge/call-progress.ts';

function listening(mask = (text: string) => text): { told: Progress[]; progress: CallProgress } {
  const told: Progress[] = [];
  return { told, progress: new CallProgress({ onProgress: (step) => void told.push(step), mask }) };
}

describe('call progress', () => {
  test('call progress - of what a server says only its numbers and one plain, masked, bounded line go on [P6]', () => {
    const { told, progress } = listening((text) => text.replaceAll('hunter2', '[redacted]'));
    const message = `a \u202e\n hunter2 ${'word '.repeat(5_000)}`;
    const said = { progress: 1, total: 2, message, callId: 'of-another' };
    progress.ofServer?.(said);
    progress.ofServer?.({ progress: 2 });
    assert.deepEqual(Object.keys(told[0] ?? {}), ['progress', 'total', 'message']);
    assert.match(told[0]?.message ?? '', /^a \[redacted\] word word/);
    assert.ok((told[0]?.message ?? '').length <= 310);
    assert.deepEqual(told[1], { progress: 2 });
  });

  test('call progress - a wait makes no progress, names no share, and its words are taken back once it is over', () => {
    const { told, progress } = listening();
    progress.ofServer?.({ progress: 3, total: 10 });
    progress.waitsFor('waits');
    progress.goesOn();
    progress.goesOn();
    assert.deepEqual(told.slice(1), [{ progress: 3, message: 'waits' }, { progress: 3 }]);
  });

  test('call progress - what the server says meanwhile takes the place of the wait', () => {
    const { told, progress } = listening();
    progress.waitsFor('waits');
    progress.ofServer?.({ progress: 1 });
    progress.goesOn();
    assert.deepEqual(told, [{ progress: 0, message: 'waits' }, { progress: 1 }]);
  });

  test('call progress - a short wait is not told, a longer one is, as it is by then', ({ mock }) => {
    mock.timers.enable({ apis: ['setTimeout'] });
    const { told, progress } = listening();
    let running = 2;
    progress.waitsForSoon(() => `${running} run`)();
    const end = progress.waitsForSoon(() => `${running} run`);
    mock.timers.tick(400);
    assert.deepEqual(told, []);
    running = 1;
    mock.timers.tick(200);
    end();
    mock.timers.tick(5_000);
    assert.deepEqual(told, [{ progress: 0, message: '1 run' }, { progress: 0 }]);
  });

  test('call progress - where nobody listens the server is asked for none', () => {
    const progress = new CallProgress({ onProgress: undefined, mask: (text) => text });
    assert.equal(progress.ofServer, undefined);
    progress.waitsFor('waits');
    progress.goesOn();
  });
});
