import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { mask, unmask } from '../../shared/websocket-masking.ts';

/** RFC 6455, section 5.3: octet i is XORed with octet i modulo 4 of the key. */
function maskByTheBook(source: Uint8Array, key: Uint8Array): Buffer {
  return Buffer.from(source.map((byte, index) => byte ^ (key[index % 4] ?? 0)));
}

describe('websocket masking', () => {
  const key = Buffer.from([0x12, 0x9e, 0xf0, 0x07]);

  test('websocket masking - is the one of RFC 6455 for every length and alignment', () => {
    for (let length = 0; length < 70; length++) {
      for (let alignment = 0; alignment < 4; alignment++) {
        for (let offset = 0; offset < 8; offset++) {
          const source = randomBytes(length);
          const output = Buffer.from(new ArrayBuffer(96), alignment, 92).fill(0xaa);
          mask(source, key, output, offset, length);
          const where = `length ${length}, alignment ${alignment}, offset ${offset}`;
          assert.deepEqual(output.subarray(offset, offset + length), maskByTheBook(source, key), where);
          assert.ok(
            output.subarray(0, offset).every((byte) => byte === 0xaa),
            `${where}: before`,
          );
          assert.ok(
            output.subarray(offset + length).every((byte) => byte === 0xaa),
            `${where}: behind`,
          );
        }
      }
    }
  });

  test('websocket masking - masks the first bytes of a longer source, and in place', () => {
    const source = randomBytes(100);
    const original = Buffer.from(source);
    const output = Buffer.alloc(60);
    mask(source, key, output, 3, 50);
    assert.deepEqual(output.subarray(3, 53), maskByTheBook(original.subarray(0, 50), key));
    assert.deepEqual(source, original);
    mask(source, key, source, 0, source.length);
    assert.deepEqual(source, maskByTheBook(original, key));
  });

  test('websocket masking - unmasking gives back what was masked', () => {
    const source = randomBytes(300_001);
    const masked = Buffer.alloc(source.length);
    mask(source, key, masked, 0, source.length);
    assert.notDeepEqual(masked, source);
    unmask(masked, key);
    assert.deepEqual(masked, source);
  });
});
