// A server's own messages: at any pace that is one, and held up beyond it, so that no server takes the whole process.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { pacedEvents } from '../../agent/bridge/paced-events.ts';

const event = Buffer.from('data: {}\n\n');

/** A source that always has more; what was taken of it, and a reader of what came through. */
function flood(pace: { burst: number; perSecond: number }) {
  const taken = { events: 0 };
  const source = new ReadableStream<Uint8Array>(
    {
      pull(controller) {
        taken.events++;
        controller.enqueue(event);
      },
    },
    { highWaterMark: 0 },
  );
  return { taken, reader: source.pipeThrough(pacedEvents(pace)).getReader() };
}

describe('paced events', () => {
  test('paced events - a burst comes through at once and unchanged', async () => {
    const { reader } = flood({ burst: 200, perSecond: 1 });
    for (let count = 0; count < 100; count++) assert.deepEqual((await reader.read()).value, event);
    await reader.cancel();
  });

  test('paced events - what never ends is left in its connection', async () => {
    const { reader, taken } = flood({ burst: 20, perSecond: 0.001 });
    for (let count = 0; count < 11; count++) await reader.read();
    const next = reader.read().then(() => 'read');
    const turns = (async () => {
      for (let turn = 0; turn < 1_000; turn++) await new Promise(setImmediate);
      return 'held up';
    })();
    assert.equal(await Promise.race([next, turns]), 'held up');
    assert.ok(taken.events <= 13, String(taken.events));
  });

  test('paced events - a pace that is kept is never held up', async () => {
    const { reader } = flood({ burst: 4, perSecond: 1_000_000_000 });
    for (let count = 0; count < 5_000; count++) await reader.read();
    await reader.cancel();
  });
});
