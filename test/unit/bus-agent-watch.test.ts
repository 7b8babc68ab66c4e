// When a waiting program takes the agent for gone: two looks in a row without an answer, and never while the bus is away.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentWatch } from '../../extension/bus/agent-watch.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const silent = new BusUnreachableError({ message: 'Nobody answers.', action: 'Look.' });
const forbidden = new RockBotError({ code: 'forbidden', message: 'Not allowed.' });

/** What each look finds, one character each; the last one goes on for ever. */
const looks: Record<string, (() => unknown) | 'lost'> = {
  there: () => ({}),
  silent: () => {
    throw silent;
  },
  forbidden: () => {
    throw forbidden;
  },
  lost: 'lost',
};

for (const [sequence, goneAfter] of [
  [['silent'], 2],
  [['there', 'silent', 'there', 'silent', 'silent'], 5],
  [['silent', 'lost', 'silent', 'silent'], 4],
  [['there'], undefined],
  [['forbidden'], undefined],
  [['lost'], undefined],
] as const) {
  test(`agent watch - ${sequence.join(', ')}: ${goneAfter === undefined ? 'never gone' : `gone after ${goneAfter} looks`}`, async () => {
    let count = 0;
    let goneAt: number | undefined;
    const current = (): (typeof looks)[string] => looks[sequence[Math.min(count, sequence.length) - 1] ?? ''] ?? 'lost';
    const enough = Promise.withResolvers<void>();
    const watch = new AgentWatch({
      intervalMs: 1,
      isBusThere: () => {
        // Asked before and after each look that is made.
        const isFirst = !isLooking;
        if (isFirst && ++count > 10) enough.resolve();
        isLooking = isFirst && current() !== 'lost';
        return current() !== 'lost';
      },
      ask: async () => {
        const look = current();
        isLooking = typeof look === 'function' && look === looks['silent'];
        return look === 'lost' ? undefined : look?.();
      },
      onGone: () => {
        goneAt = count;
        enough.resolve();
      },
    });
    await enough.promise;
    watch.close();
    assert.equal(goneAt, goneAfter);
  });
}

let isLooking = false;
