// Which replies wait for others of their turn, and that none is lost or sent twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ReplyBatch } from '../../agent/bus/reply-batch.ts';

const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('reply batch', () => {
  test('reply batch - small replies of one turn leave together and in their order, large ones at once', async () => {
    const batch = new ReplyBatch();
    const sent: string[] = [];
    batch.add(100, () => void sent.push('first'));
    await Promise.resolve();
    batch.add(16 * 1024 + 1, () => void sent.push('large'));
    batch.add(16 * 1024, () => void sent.push('second'));
    assert.deepEqual(sent, ['large']);
    await nextTurn();
    assert.deepEqual(sent, ['large', 'first', 'second']);
    batch.add(1, () => void sent.push('of the next turn'));
    await nextTurn();
    assert.deepEqual(sent.slice(3), ['of the next turn']);
  });

  test('reply batch - what waits when the bus is left is sent then, once', async () => {
    const batch = new ReplyBatch();
    let sent = 0;
    for (let count = 0; count < 3; count++) batch.add(10, () => void sent++);
    batch.sendWaiting();
    assert.equal(sent, 3);
    await nextTurn();
    assert.equal(sent, 3);
  });

  test('reply batch - a reply that follows from sending another one is not lost', async () => {
    const batch = new ReplyBatch();
    const sent: string[] = [];
    batch.add(10, () => {
      sent.push('one');
      batch.add(10, () => void sent.push('two'));
    });
    await nextTurn();
    await nextTurn();
    assert.deepEqual(sent, ['one', 'two']);
  });
});
