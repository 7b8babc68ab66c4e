// Patrols that ask for too much, and volumes that take nothing for long: the agent stays as responsive and as small as before.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { openPatrolDesk, toolResult } from '../support/patrol-desk.ts';
import { recordsOn } from '../support/patrol-accounts.ts';

const minute = 60_000;
const day = 1440 * minute;
const eight = Date.parse('2027-03-01T08:00:00Z');
const step = { server: 's', tool: 't' };
const everyMinute = { cron: '* * * * *', timeZone: 'Asia/Kathmandu' };
const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });

describe('hostile patrols.json', () => {
  const wrong: Record<string, object> = {
    'time zones': { output: Array.from({ length: 20_000 }, (_, index) => `\${today('Xurope/Berlim${index}')}`) },
    keys: Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`k${index}`, 1])),
    'texts of one argument': { steps: [{ ...step, arguments: { x: Array<string>(60_000).fill('${a}') } }] },
    'texts of all steps': {
      steps: Array.from({ length: 50 }, () => ({ ...step, arguments: { x: Array<string>(500).fill('${a}') } })),
    },
    types: {
      steps: Array.from({ length: 50 }, () => ({ ...step, timeoutSeconds: 'x', continueOnError: 'x', tool: 1 })),
    },
  };
  for (const [what, patrol] of Object.entries(wrong))
    test(`hostile patrols.json - of thousands of wrong ${what} the first are told, and that there are more`, () => {
      const parsed = parsePatrols(
        JSON.stringify({ patrols: { p: { schedule: everyMinute, steps: [step], ...patrol }, q: { steps: [] } } }),
      );
      assert.ok(parsed.ok);
      const [{ problems = [], patrol: used } = {}, other] = parsed.patrols;
      assert.equal(used, undefined);
      assert.equal(problems.length, 21);
      assert.match(problems.at(-1)?.message ?? '', /more problems/);
      // Those of another patrol are told all the same.
      assert.ok((other?.problems.length ?? 0) > 0);
    });

  test('hostile patrols.json - many patrols that each missed half a year of minutes let others have their turn', async () => {
    const patrols = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`p${index}`, { schedule: everyMinute, steps: [step] }]),
    );
    const first = await openPatrolDesk({ start: eight, patrols });
    await first.patrols.close();
    let turns = 0;
    let counting = setImmediate(function count() {
      turns++;
      counting = setImmediate(count);
    });
    const second = await openPatrolDesk({ start: eight + 180 * day, volume: first.volume, patrols });
    clearImmediate(counting);
    assert.ok(turns > 100, String(turns));
    await second.clock.settle();
    const rows = recordsOn(second.volume).map(({ skipped }) => skipped?.count);
    assert.deepEqual(rows, Array(60).fill(180 * 1440));
    await second.patrols.close();
  });

  test('hostile patrols.json - a list of a million items is refused in words, and nothing is called for it', async () => {
    const each = { ...step, forEach: { in: '${steps.list.result}' }, arguments: { id: '${item}' } };
    const desk = await openPatrolDesk({
      patrols: { p: { schedule: { cron: '0 0 1 1 *' }, steps: [{ ...step, id: 'list' }, each] } },
    });
    desk.answer = async () => toolResult(Array.from({ length: 1_000_000 }, () => 1));
    const run = await desk.run('p');
    assert.deepEqual([run.status, desk.calls.length], ['failed', 1]);
    assert.match(run.summary, /data are too large/);
  });
});

describe('a volume that takes nothing', () => {
  test('a volume that takes nothing - for days: what waits for it is bounded, and the newest is kept', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: { cron: '* * * * *' }, steps: [step] } } });
    desk.failure = full;
    await desk.clock.runUntil(eight + 300.5 * minute);
    desk.failure = undefined;
    await desk.clock.runUntil(eight + 301.5 * minute);
    const records = recordsOn(desk.volume);
    assert.ok(records.length <= 201, String(records.length));
    assert.equal(records.filter(({ status }) => status === 'ok').length, 1);
    assert.ok(records.some(({ scheduledAt }) => scheduledAt === '2027-03-01T13:00:00.000Z'));
  });

  test('a volume that takes nothing - when a run ends: its record is written as soon as there is room, not with the next run', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: { cron: '0 8 * * *' }, steps: [step] } } });
    desk.answer = async () => {
      desk.failure = full;
      return toolResult([]);
    };
    await desk.clock.runUntil(eight + minute);
    assert.equal(desk.lastRun('p')?.status, 'ok');
    assert.deepEqual(
      recordsOn(desk.volume).map(({ status }) => status),
      ['running'],
    );
    desk.failure = undefined;
    await desk.clock.runUntil(eight + 3 * minute);
    assert.deepEqual(
      recordsOn(desk.volume).map(({ status }) => status),
      ['ok'],
    );
    assert.ok(desk.log.some((line) => line.includes('can be written again')));
  });
});
