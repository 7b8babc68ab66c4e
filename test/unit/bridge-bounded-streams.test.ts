// Streams that a server keeps open: no event of them grows without a bound, and none is opened again in a rush.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { boundedEvents } from '../../agent/bridge/bounded-events.ts';
import { ReplyTooLargeError } from '../../agent/bridge/http-exchange.ts';
import { spacedStreams } from '../../agent/bridge/spaced-streams.ts';

/** The stream as text, sent in pieces of so many bytes; undefined when it was cut off. */
async function passed(text: string, piece: number, maxBytes: number): Promise<string | undefined> {
  let told = 0;
  const bytes = Buffer.from(text);
  const pieces = Array.from({ length: Math.ceil(bytes.length / piece) }, (_, at) =>
    bytes.subarray(at * piece, (at + 1) * piece),
  );
  const bound = boundedEvents(maxBytes, () => told++);
  try {
    const whole = await new Response(ReadableStream.from(pieces).pipeThrough(bound)).text();
    assert.equal(told, 0);
    return whole;
  } catch (error) {
    assert.ok(error instanceof ReplyTooLargeError, String(error));
    assert.equal(told, 1);
    return undefined;
  }
}

describe('event streams without an end', () => {
  for (const [what, end] of [
    ['LF', '\n'],
    ['CR LF', '\r\n'],
    ['CR', '\r'],
  ] as const)
    for (const piece of [1, 2, 3, 7, 1_000])
      test(`bounded events - with ${what} and in pieces of ${piece} bytes, small events pass for ever, a large one ends it`, async () => {
        const small = `event: message${end}data: {"a":1}${end}${end}`;
        const many = small.repeat(200);
        assert.equal(await passed(many, piece, 1_000), many);
        // Lines that never come to an event are one event as well.
        assert.equal(await passed(`${many}${`data: a${end}`.repeat(200)}`, piece, 1_100), undefined);
        assert.equal(await passed(`${many}data: ${'a'.repeat(3_000)}${end}${end}`, piece, 1_100), undefined);
      });

  test('spaced streams - however often one is opened again, some time lies between; posts go at once', async () => {
    const at: number[] = [];
    let posts = 0;
    const fetch = spacedStreams(async (_url, init) => {
      if (init?.method === 'POST') posts++;
      else at.push(performance.now());
      return new Response('');
    });
    const opened = [fetch('http://x/'), fetch('http://x/', { method: 'GET' }), fetch('http://x/')];
    await Promise.all([fetch('http://x/', { method: 'POST' }), fetch('http://x/', { method: 'POST' })]);
    assert.deepEqual([posts, at.length], [2, 1]);
    await Promise.all(opened);
    const [first = 0, second = 0, third = 0] = at;
    assert.ok(second - first > 400 && third - second > 400, at.join(' '));
    const ends = new AbortController();
    const late = fetch('http://x/', { signal: ends.signal });
    ends.abort(new Error('enough'));
    await assert.rejects(late, /enough/);
    assert.equal(at.length, 3);
  });
});
