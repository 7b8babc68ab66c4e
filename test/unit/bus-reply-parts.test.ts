// How a reply in several messages is put together, and what is refused.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maxReplyBytes, ReplyParts } from '../../extension/bus/reply-parts.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import * as fc from '../support/repeatable-fast-check.ts';

describe('reply parts', () => {
  test('reply parts - a reply without a position is whole', () => {
    const data = new Uint8Array([1, 2]);
    assert.equal(new ReplyParts().add(data, undefined), data);
    assert.equal(new ReplyParts().add(data, ''), data);
  });

  test('reply parts - any cut in any order with repetitions gives the same bytes', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.integer({ min: 1, max: 20 }),
        fc.infiniteStream(fc.nat()),
        (data, count, random) => {
          const size = Math.ceil(data.length / count);
          const parts = Array.from({ length: count }, (_, index) => index)
            .map((index) => [index, random.next().value as number] as const)
            .toSorted((a, b) => a[1] - b[1])
            .map(([index]) => index);
          const assembly = new ReplyParts();
          let whole: Uint8Array | undefined;
          for (const index of parts) {
            const part = data.subarray(index * size, (index + 1) * size);
            assert.equal(whole, undefined);
            whole = assembly.add(part, `${index}/${count}`);
            if (whole === undefined) assert.equal(assembly.add(part, `${index}/${count}`), undefined);
          }
          assert.deepEqual(whole, data);
        },
      ),
    );
  });

  for (const position of ['1/1', '0/0', '-1/2', 'a/b', '0/1025', '1', '0/2/3', '1e3/2000']) {
    test(`reply parts - the position "${position}" is refused`, () => {
      assert.throws(() => new ReplyParts().add(new Uint8Array(1), position), RockBotError);
    });
  }

  test('reply parts - a changing count is refused', () => {
    const parts = new ReplyParts();
    parts.add(new Uint8Array(1), '0/3');
    assert.throws(() => parts.add(new Uint8Array(1), '1/4'), RockBotError);
  });

  test('reply parts - more bytes than the limit are refused', () => {
    const parts = new ReplyParts();
    const half = new Uint8Array(maxReplyBytes / 2 + 1);
    parts.add(half, '0/3');
    assert.throws(() => parts.add(half, '1/3'), { code: 'payload_too_large' });
  });
});
