// A bearer is found in what a server says however the reply is cut into pieces, and nothing else is held back or changed.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SentBearers } from '../../agent/bridge/sent-bearers.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const bearer = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJ4In0.eyJzaWc';
const later = 'eyJhbGciOiJub25lIn0.eyJhdWQiOiJ5In0.c2ln';

function remembering(...bearers: string[]): SentBearers {
  const sent = new SentBearers();
  for (const one of bearers) sent.remember(one);
  return sent;
}

/** What comes out, piece by piece. */
async function through(sent: SentBearers, pieces: readonly Uint8Array[]): Promise<string[]> {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const piece of pieces) controller.enqueue(piece);
      controller.close();
    },
  });
  const out: string[] = [];
  for await (const chunk of body.pipeThrough(sent.maskStream())) out.push(Buffer.from(chunk).toString('latin1'));
  return out;
}

async function textThrough(sent: SentBearers, pieces: readonly Uint8Array[]): Promise<string> {
  return Buffer.from((await through(sent, pieces)).join(''), 'latin1').toString('utf8');
}

describe('sent bearers [P6]', () => {
  test('sent bearers - cut at any place they are masked, and the text around them is as it was [P6]', async () => {
    const text = Buffer.from(`Grüße: "Bearer ${bearer}", ${bearer}${later} und ${bearer.slice(0, 20)}… 日本`);
    const expected = text.toString().replaceAll(bearer, '[redacted]').replaceAll(later, '[redacted]');
    for (let at = 0; at <= text.length; at++)
      assert.equal(
        await textThrough(remembering(bearer, later), [text.subarray(0, at), text.subarray(at)]),
        expected,
        `cut at ${at}`,
      );
    assert.equal(
      await textThrough(
        remembering(bearer, later),
        [...text].map((byte) => Uint8Array.of(byte)),
      ),
      expected,
    );
  });

  test('sent bearers - any bytes without a bearer come through unchanged', async () => {
    const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(pieces, async (chunks) => {
        const out = (await through(remembering(bearer), chunks)).join('');
        assert.equal(out, Buffer.concat(chunks).toString('latin1'));
      }),
      { numRuns: 200 },
    );
  });

  test('sent bearers - an event of a stream is passed on as soon as it is whole', async () => {
    const sent = remembering(bearer, later);
    const { readable, writable } = sent.maskStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    for (const event of ['data: {"a":"eyJ"}\n\n', `data: ${bearer}\n\n`, 'data: e\n\n']) {
      void writer.write(Buffer.from(event));
      const { value = Buffer.of() } = await reader.read();
      assert.equal(Buffer.from(value).toString(), event.replace(bearer, '[redacted]'));
    }
    await writer.abort();
  });

  test('sent bearers - one that is sent while a stream is open is masked in it, and old ones are not kept for ever', async () => {
    const sent = remembering(bearer);
    const { readable, writable } = sent.maskStream();
    const writer = writable.getWriter();
    const reader = readable.getReader();
    sent.remember(later);
    void writer.write(Buffer.from(`${later}\n`));
    assert.equal(Buffer.from((await reader.read()).value ?? []).toString(), '[redacted]\n');
    await writer.abort();
    for (let number = 0; number < 15; number++) sent.remember(`${later}${number}`);
    sent.remember(`${later}14`);
    assert.equal(sent.mask(bearer), bearer);
    assert.equal(sent.mask(later), '[redacted]');
  });
});
