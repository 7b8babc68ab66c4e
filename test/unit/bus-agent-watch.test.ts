// When a waiting program takes the agent for gone: two looks in a row without an answer, and never while the bus is away.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { AgentWatch } from '../../extension/bus/agent-watch.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const silent = new BusUnreachableError({ message: 'Nobody answers.', action: 'Look.' });
const forbidden = new RockBotError({ code: 'forbidden', message: 'Not allowed.' });

type Look = 'there' | 'silent' | 'forbidden' | 'bus away';

const cases: [looks: Look[], goneAfter: number | undefined][] = [
  [['silent'], 2],
  [['there', 'silent', 'there', 'silent', 'silent'], 5],
  [['silent', 'bus away', 'silent', 'silent'], 4],
  [['there'], undefined],
  [['forbidden'], undefined],
  [['bus away'], undefined],
];
for (const [looks, goneAfter] of cases) {
  const outcome = goneAfter === undefined ? 'never gone' : `gone after ${goneAfter} looks`;
  test(`agent watch - ${looks.join(', ')}: ${outcome}`, async () => {
    let done = 0;
    // The last one goes on for ever.
    const current = (): Look | undefined => looks[Math.min(done, looks.length - 1)];
    const ended = await new Promise<number | undefined>((resolve) => {
      const next = (): void => {
        done++;
        if (done > 10) resolve(undefined);
      };
      const watch = new AgentWatch({
        intervalMs: 1,
        isBusThere: () => {
          if (current() !== 'bus away') return true;
          next();
          return false;
        },
        ask: async () => {
          const look = current();
          next();
          if (look === 'silent') throw silent;
          if (look === 'forbidden') throw forbidden;
        },
        onGone: () => {
          resolve(done);
        },
      });
      watches.push(watch);
    });
    assert.equal(ended, goneAfter);
  });
}

const watches: AgentWatch[] = [];
after(() => {
  for (const watch of watches) watch.close();
});
