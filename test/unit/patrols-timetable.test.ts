// When patrols are due: daylight saving, leap days, jitter, and that no occurrence is lost or doubled.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { planAfterDowntime } from '../../shared/patrols/downtime-plan.ts';
import { createTimetable, type Timetable } from '../../shared/patrols/timetable.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const day = 24 * 3_600_000;
const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu'];
const patterns = [
  '0 8 * * 1-5',
  '30 2 * * *',
  '0,15,30,45 1-3 * * *',
  '*/20 * * * *',
  '*/30 1-3 * * *',
  '0 */4 * * *',
  '45 1 * * 0',
  '0 0 29 2 *',
  '0 12 L * *',
  '5 0 1 1,7 *',
];

function timetable(cron: string, timeZone: string, jitterSeconds = 0): Timetable {
  return createTimetable({ patrol: 'p', schedule: { cron, timeZone, jitterSeconds } });
}

function times(table: Timetable, from: string, to: string): string[] {
  return [...table.between(Date.parse(from), Date.parse(to))].map(({ id }) => id.slice(2));
}

describe('timetable - daylight saving', () => {
  for (const [name, cron, zone, from, to, expected] of [
    [
      'a fixed time in the gap runs once, right after it',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-03-27T12:00Z',
      '2027-03-29T12:00Z',
      ['2027-03-28T01:00:00Z', '2027-03-29T00:30:00Z'],
    ],
    [
      'several fixed times in the gap are one',
      '0,30 2,3 * * *',
      'Europe/Berlin',
      '2027-03-28T00:00Z',
      '2027-03-28T12:00Z',
      ['2027-03-28T01:00:00Z', '2027-03-28T01:30:00Z'],
    ],
    [
      'a fixed time that comes twice runs the first time',
      '30 2 * * *',
      'Europe/Berlin',
      '2027-10-30T12:00Z',
      '2027-10-31T12:00Z',
      ['2027-10-31T00:30:00Z'],
    ],
    [
      'a fixed time in the gap of New York',
      '15 2 * * *',
      'America/New_York',
      '2027-03-14T00:00Z',
      '2027-03-14T23:00Z',
      ['2027-03-14T07:00:00Z'],
    ],
    [
      'a gap of half an hour',
      '15 2 * * *',
      'Australia/Lord_Howe',
      '2027-10-02T12:00Z',
      '2027-10-03T12:00Z',
      ['2027-10-02T15:30:00Z'],
    ],
    [
      'an overlap of half an hour',
      '45 1 * * *',
      'Australia/Lord_Howe',
      '2027-04-03T00:00Z',
      '2027-04-04T00:00Z',
      ['2027-04-03T14:45:00Z'],
    ],
    [
      'an interval goes on through the gap',
      '*/30 * * * *',
      'Europe/Berlin',
      '2027-03-28T00:00Z',
      '2027-03-28T02:00Z',
      ['2027-03-28T00:30:00Z', '2027-03-28T01:00:00Z', '2027-03-28T01:30:00Z', '2027-03-28T02:00:00Z'],
    ],
    [
      'an interval goes on through the overlap',
      '0 * * * *',
      'Europe/Berlin',
      '2027-10-30T23:00Z',
      '2027-10-31T02:00Z',
      ['2027-10-31T00:00:00Z', '2027-10-31T01:00:00Z', '2027-10-31T02:00:00Z'],
    ],
    [
      'an interval within hours skips the gap',
      '*/30 2 * * *',
      'Europe/Berlin',
      '2027-03-28T00:00Z',
      '2027-03-29T00:20Z',
      ['2027-03-29T00:00:00Z'],
    ],
  ] as const) {
    test(`timetable - ${name}`, () => assert.deepEqual(times(timetable(cron, zone), from, to), expected));
  }

  test('timetable - midnight on a day that begins at one', () => {
    // Santiago moves its clocks at midnight.
    assert.deepEqual(times(timetable('0 0 * * *', 'America/Santiago'), '2027-09-04T12:00Z', '2027-09-06T12:00Z'), [
      '2027-09-05T04:00:00Z',
      '2027-09-06T03:00:00Z',
    ]);
  });

  test('timetable - a daily time comes on each local day of years exactly once', () => {
    for (const zone of zones) {
      for (const cron of ['30 2 * * *', '45 1 * * *', '0 0 * * *']) {
        const all = [...timetable(cron, zone).between(Date.UTC(2025, 0, 1), Date.UTC(2030, 0, 1))];
        const days = all.map(({ scheduledAt }) => new Date(scheduledAt).toLocaleDateString('sv', { timeZone: zone }));
        assert.equal(new Set(days).size, days.length, `${zone} ${cron}`);
        assert.ok(Math.abs(days.length - 1826) <= 1, `${zone} ${cron}: ${days.length}`);
      }
    }
  });
});

describe('timetable - the calendar', () => {
  test('timetable - a leap day comes every four years, and not in 2100', () => {
    const leap = timetable('0 0 29 2 *', 'UTC');
    assert.deepEqual(times(leap, '2026-01-01T00:00Z', '2037-01-01T00:00Z'), [
      '2028-02-29T00:00:00Z',
      '2032-02-29T00:00:00Z',
      '2036-02-29T00:00:00Z',
    ]);
    assert.equal(leap.next(Date.parse('2096-03-01T00:00Z'))?.id, 'p@2104-02-29T00:00:00Z');
  });

  test('timetable - the last day of a month', () => {
    assert.deepEqual(times(timetable('0 12 L * *', 'UTC'), '2028-01-31T12:00Z', '2028-03-01T00:00Z'), [
      '2028-02-29T12:00:00Z',
    ]);
  });

  test('timetable - the beginning is left out, the end is in', () => {
    const table = timetable('0 8 * * *', 'UTC');
    assert.deepEqual(times(table, '2027-01-01T08:00Z', '2027-01-02T08:00Z'), ['2027-01-02T08:00:00Z']);
    assert.equal(table.next(Date.parse('2027-01-01T07:59:59.999Z'))?.id, 'p@2027-01-01T08:00:00Z');
    assert.equal(table.next(Date.parse('2027-01-01T08:00:00.001Z'))?.id, 'p@2027-01-02T08:00:00Z');
  });
});

describe('timetable - nothing is lost or doubled', () => {
  const instant = fc.integer({ min: Date.UTC(2025, 0, 1), max: Date.UTC(2032, 0, 1) });

  test('timetable - any split of an interval gives the same occurrences', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...patterns),
        instant,
        fc.integer({ min: 0, max: 20 * day }),
        fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 }),
        fc.integer({ min: 0, max: 3600 }),
        (zone, cron, from, length, cuts, jitterSeconds) => {
          const table = timetable(cron, zone, jitterSeconds);
          const ends = [...cuts.map((cut) => from + Math.floor(cut * length)), from + length].sort((a, b) => a - b);
          let start = from;
          const pieces = ends.flatMap((end) => {
            const piece = [...table.between(start, end)];
            start = end;
            return piece;
          });
          const whole = [...table.between(from, from + length)];
          assert.deepEqual(pieces, whole);
          assert.equal(new Set(whole.map(({ id }) => id)).size, whole.length);
        },
      ),
      { numRuns: 150 },
    );
  });

  test('timetable - around every change of clocks, minute by minute, next() agrees with the whole list', () => {
    for (const [zone, at] of [
      ['Europe/Berlin', '2027-03-28T01:00Z'],
      ['Europe/Berlin', '2027-10-31T01:00Z'],
      ['America/New_York', '2027-03-14T07:00Z'],
      ['America/New_York', '2027-11-07T06:00Z'],
      ['Australia/Lord_Howe', '2027-04-03T15:00Z'],
      ['Australia/Lord_Howe', '2027-10-02T15:30Z'],
    ] as const) {
      for (const cron of patterns) {
        const table = timetable(cron, zone);
        const [from, to] = [Date.parse(at) - day / 4, Date.parse(at) + day / 4];
        const whole = [...table.between(from, to + 8 * day)].map(({ scheduledAt }) => scheduledAt);
        for (let now = from; now < to; now += 150_000) {
          const expected = whole.find((scheduledAt) => scheduledAt > now);
          if (expected !== undefined)
            assert.equal(table.next(now)?.scheduledAt, expected, `${zone} ${cron} ${new Date(now).toISOString()}`);
        }
      }
    }
  });

  test('timetable - two occurrences are a minute apart at least', () => {
    const all = [...timetable('* * * * *', 'Europe/Berlin').between(Date.UTC(2027, 2, 28), Date.UTC(2027, 2, 28, 4))];
    assert.equal(all.length, 240);
  });
});

describe('timetable - jitter', () => {
  test('timetable - jitter is the same after a restart, spread, bounded, and never reaches the next occurrence', () => {
    const [first, second] = [0, 1].map(() => [
      ...timetable('*/5 * * * *', 'UTC', 3600).between(Date.UTC(2027, 0, 1), Date.UTC(2027, 0, 3)),
    ]);
    assert.deepEqual(first, second);
    const late = first!.map(({ scheduledAt, startsAt }) => startsAt - scheduledAt);
    assert.ok(Math.min(...late) >= 0 && Math.max(...late) < 300_000);
    assert.ok(new Set(late).size > late.length / 2);
    assert.ok(late.reduce((sum, ms) => sum + ms, 0) / late.length > 100_000);
  });

  test('timetable - patrols of one schedule start apart', () => {
    const starts = ['a', 'b', 'c', 'd'].map(
      (patrol) =>
        createTimetable({ patrol, schedule: { cron: '0 8 * * *', timeZone: 'UTC', jitterSeconds: 600 } }).next(0)
          ?.startsAt,
    );
    assert.equal(new Set(starts).size, 4);
  });
});

describe('timetable - rows', () => {
  /** Clocks that change at midnight, by half an hour or two hours, twice in Ramadan, or by a whole day. */
  const odd = ['America/Havana', 'America/Santiago', 'Asia/Beirut', 'Pacific/Chatham', 'Antarctica/Troll'];
  const odder = ['Africa/Casablanca', 'Pacific/Apia', 'America/Sao_Paulo', 'Africa/Cairo', 'Asia/Gaza'];
  const daily = [
    '59 23 * * *',
    '30 23,0 * * *',
    '*/7 */5 * * *',
    '0,1 0-3,22-23 * * +1-5',
    '@hourly',
    '7 * 1-7 * MON#2',
  ];

  test('timetable - rows hold what comes one by one, each once, wherever clocks change', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones, ...odd, ...odder),
        fc.constantFrom(...patterns, ...daily),
        fc.integer({ min: Date.UTC(2009, 0, 1), max: Date.UTC(2036, 0, 1) }),
        fc.integer({ min: 0, max: 40 * day }),
        fc.constantFrom(0, 0, 90, 3600),
        (zone, cron, from, length, jitterSeconds) => {
          const table = timetable(cron, zone, jitterSeconds);
          const to = from + length;
          const expected = [...table.between(from, to)];
          let place = 0;
          let count = 1;
          for (const row of table.rows(from, to)) {
            ({ count } = row);
            assert.deepEqual(row.first, expected[place]);
            assert.deepEqual(row.last, expected[place + count - 1]);
            assert.ok(count === 1 || row.last.startsAt <= to);
            place += count;
          }
          assert.deepEqual([place, count], [expected.length, 1]);
        },
      ),
      { numRuns: 300 },
    );
  });

  test('timetable - a year of minutes is a few thousand rows', () => {
    for (const zone of [...zones, ...odd]) {
      const rows = timetable('* * * * *', zone).rows(Date.UTC(2027, 0, 1), Date.UTC(2028, 0, 1));
      let [size, count] = [0, 0];
      for (const row of rows) [size, count] = [size + 1, count + row.count];
      assert.equal(count, 365 * 24 * 60, zone);
      assert.ok(size < 15_000, `${zone}: ${size}`);
    }
  });
});

describe('downtime - each occurrence is accounted for once', () => {
  const from = Date.parse('2027-03-20T00:00Z');

  test('downtime - missed occurrences are skipped, or the latest of them is run', () => {
    const table = timetable('0 8 * * *', 'Europe/Berlin');
    const now = Date.parse('2027-03-29T12:00Z');
    const skipped = planAfterDowntime({ timetable: table, lastHandled: from, now, missed: 'skip' });
    assert.deepEqual([skipped.complete, skipped.skipped?.count, skipped.run], [true, 10, undefined]);
    const once = planAfterDowntime({ timetable: table, lastHandled: from, now, missed: 'runOnce' });
    assert.deepEqual(
      [once.skipped?.count, once.skipped?.last.id, once.run?.id],
      [9, 'p@2027-03-28T06:00:00Z', 'p@2027-03-29T06:00:00Z'],
    );
    assert.equal(once.handledUpTo, once.run?.scheduledAt);
  });

  test('downtime - nothing was missed when nothing was due', () => {
    const plan = planAfterDowntime({
      timetable: timetable('0 8 * * *', 'UTC'),
      lastHandled: from,
      now: from + 1,
      missed: 'runOnce',
    });
    assert.deepEqual(plan, { complete: true, handledUpTo: from, skipped: undefined, run: undefined });
  });

  test('downtime - plan and timetable together lose and double nothing, however the counting is cut', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...zones),
        fc.constantFrom(...patterns),
        fc.integer({ min: 0, max: 15 * day }),
        fc.integer({ min: 0, max: 3600 }),
        fc.constantFrom('skip', 'runOnce'),
        fc.integer({ min: 1, max: 50 }),
        (zone, cron, length, jitterSeconds, missed, limit) => {
          const table = timetable(cron, zone, jitterSeconds);
          const now = from + length;
          const common = { timetable: table, lastHandled: from, now, missed, limit } as const;
          let plan = planAfterDowntime(common);
          while (!plan.complete) plan = planAfterDowntime({ ...common, soFar: plan });
          const due = [...table.between(from, now)].filter(({ startsAt }) => startsAt <= now);
          assert.equal((plan.skipped?.count ?? 0) + (plan.run === undefined ? 0 : 1), due.length);
          assert.equal(plan.handledUpTo, due.at(-1)?.scheduledAt ?? from);
          if (missed === 'runOnce') assert.equal(plan.run?.id, due.at(-1)?.id);
          const following = table.next(plan.handledUpTo);
          assert.ok(following === undefined || following.startsAt > now);
        },
      ),
      { numRuns: 150 },
    );
  });
});
