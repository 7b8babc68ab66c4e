// The memory of answers: what waits, who goes first, and that nothing is ever left over or locked up.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { AnswerMemory, type AnswerRoom } from '../../agent/bridge/answer-memory.ts';

const MB = 1024 * 1024;
/** Room for one of 64 MB, and for 32 MB of others. */
const small = { limitBytes: 192 * MB, reserveBytes: 128 * MB };

/** Whether the room is there. */
function asked(room: AnswerRoom, bytes: number): { granted: boolean } {
  const state = { granted: false };
  const waiting = room.reserve(bytes);
  if (waiting === undefined) state.granted = true;
  else void waiting.then(() => (state.granted = true));
  return state;
}

describe('answer memory', () => {
  test('answer memory - the largest answer passes when it is alone, and what is small always does', () => {
    const memory = new AnswerMemory(small);
    assert.equal(memory.open({ server: 'a' }).reserve(64 * MB), undefined);
    assert.equal(memory.open({ server: 'b' }).reserve(64 * 1024), undefined);
    assert.equal(memory.heldBytes, 128 * MB);
  });

  test('answer memory - a later answer waits until the one before it was sent, not only until it came', async () => {
    const memory = new AnswerMemory({ ...small, limitBytes: 128 * MB });
    const first = memory.open({ server: 'a' });
    assert.ok(asked(first, 60 * MB).granted);
    let waits = 0;
    const second = memory.open({ server: 'b', onWait: () => waits++ });
    const state = asked(second, 40 * MB);
    first.settle(50 * MB);
    await turn();
    assert.deepEqual([state.granted, waits, memory.heldBytes], [false, 1, 100 * MB]);
    first.release();
    await turn();
    assert.deepEqual([state.granted, memory.heldBytes], [true, 80 * MB]);
    second.release();
    second.release();
    assert.equal(memory.heldBytes, 0);
  });

  test('answer memory - one server leaves half of what is for all to the others', () => {
    const memory = new AnswerMemory(small);
    const rooms = Array.from({ length: 20 }, () => asked(memory.open({ server: 'greedy' }), 4 * MB));
    // The oldest may use the reserve; 4 more fit into 32 MB of memory with it.
    assert.equal(rooms.filter(({ granted }) => granted).length, 4);
    assert.ok(asked(memory.open({ server: 'other' }), 4 * MB).granted);
  });

  test('answer memory - an answer that is given up while it waits frees whoever waits for it, and later asking is in vain', async () => {
    const memory = new AnswerMemory(small);
    const first = memory.open({ server: 'a' });
    assert.ok(asked(first, 64 * MB).granted);
    const second = memory.open({ server: 'a' });
    const state = asked(second, 60 * MB);
    second.release();
    await turn();
    assert.ok(state.granted, 'whoever waits goes on');
    assert.equal(second.reserve(60 * MB), undefined);
    second.settle(60 * MB);
    assert.equal(memory.heldBytes, 128 * MB);
  });

  test('answer memory - one that asks for more while it waits gets all of it at once, and both waits end', async () => {
    const memory = new AnswerMemory({ ...small, limitBytes: 128 * MB });
    const first = memory.open({ server: 'a' });
    assert.ok(asked(first, 60 * MB).granted);
    const second = memory.open({ server: 'b' });
    const states = [asked(second, 20 * MB), asked(second, 30 * MB)];
    first.release();
    await turn();
    assert.deepEqual([states.map(({ granted }) => granted), memory.heldBytes], [[true, true], 60 * MB]);
  });

  for (let seed = 1; seed <= 40; seed++) {
    test(`answer memory - whatever comes in whatever order stays within the bound and ends (seed ${seed})`, async () => {
      const random = generator(seed);
      const memory = new AnswerMemory(small);
      let most = 0;
      let completed = 0;
      const note = (): void => {
        most = Math.max(most, memory.heldBytes);
      };
      const pause = async (): Promise<void> => {
        for (let left = random(4); left > 0; left--) await turn();
      };
      const answers = Array.from({ length: 60 }, async (_, index) => {
        await pause();
        const room = memory.open({ server: `s${random(3)}` });
        const bytes = random(64 * MB) + 1;
        // Some are cut short, in the middle of a wait, too.
        const givenUp = index % 5 === 0;
        const end = givenUp ? pause().then(() => room.release()) : undefined;
        for (let received = random(MB) + 1; received < bytes; received *= 2) {
          await room.reserve(Math.min(received * 2, bytes));
          note();
          await pause();
        }
        await end;
        room.settle(random(bytes));
        note();
        await pause();
        room.release();
        completed++;
      });
      await Promise.all(answers);
      assert.equal(completed, answers.length);
      assert.equal(memory.heldBytes, 0);
      assert.ok(most <= small.limitBytes, `${most} bytes`);
    });
  }
});

/** Whole numbers from 0 up to, not including, `below`; the same for the same seed. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
