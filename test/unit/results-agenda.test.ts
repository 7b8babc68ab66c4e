// Events in the reader's zone: their day, their order, what is on now, and times that cannot be read.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agendaOf } from '../../extension/results/agenda.ts';
import { eventSchema } from '../../extension/results/graph-items.ts';
import { chatKindText, zoneText } from '../../extension/results/code-words.ts';
import { createTimeText, durationText, sizeText } from '../../extension/results/time-text.ts';
import { calendarEvent } from '../support/result-samples.ts';

const now = Date.parse('2026-11-23T08:00:00Z');
const berlin = createTimeText({ timeZone: 'Europe/Berlin', locale: 'en-GB', now });
const newYork = createTimeText({ timeZone: 'America/New_York', locale: 'en-US', now });

const agenda = (times: typeof berlin, ...events: object[]): unknown[] =>
  agendaOf(
    events.map((event) => eventSchema.parse(event)),
    times,
  ).map(({ title, nearness, entries, nowBefore }) => [
    [title, nearness, nowBefore],
    ...entries.map(({ event, start, end, note, phase }) => [event.subject, start, end, note, phase]),
  ]);

describe('agenda', () => {
  const early = calendarEvent('Early', '2026-11-23T06:30:00.0000000', '2026-11-23T07:00:00.0000000');
  const late = calendarEvent('Late', '2026-11-23T23:30:00', '2026-11-24T00:00:00');

  test('agenda - events stand on the day and at the time of the reader', () => {
    assert.deepEqual(agenda(berlin, late, early), [
      [
        ['Monday, 23 November 2026', 'Today', 1],
        ['Early', '07:30', '08:00', '', 'past'],
      ],
      [
        ['Tuesday, 24 November 2026', 'Tomorrow', undefined],
        ['Late', '00:30', '01:00', '', 'later'],
      ],
    ]);
    assert.deepEqual(
      agenda(newYork, late).map((day) => (day as unknown[][])[0]?.[0]),
      ['Monday, November 23, 2026'],
    );
  });

  test('agenda - what is on now is marked itself, and the line of the present goes between others', () => {
    const running = calendarEvent('Running', '2026-11-23T07:45:00', '2026-11-23T08:15:00');
    const next = calendarEvent('Next', '2026-11-23T09:00:00', '2026-11-23T09:30:00');
    assert.deepEqual(agenda(berlin, next, early)[0], [
      ['Monday, 23 November 2026', 'Today', 1],
      ['Early', '07:30', '08:00', '', 'past'],
      ['Next', '10:00', '10:30', '', 'later'],
    ]);
    const [day] = agenda(berlin, next, running) as [unknown[][]];
    assert.deepEqual([day[0]?.[2], day[1]?.[4]], [undefined, 'now']);
  });

  test('agenda - a whole day is a date wherever the reader is, and comes first', () => {
    const holiday = calendarEvent('Holiday', '2026-11-23T00:00:00.0000000', '2026-11-24T00:00:00.0000000', {
      isAllDay: true,
    });
    for (const times of [berlin, newYork])
      assert.deepEqual((agenda(times, early, holiday)[0] as unknown[])[1], ['Holiday', 'All day', '', '', undefined]);
  });

  test('agenda - more than a day, an unknown zone and no date at all are told as they are', () => {
    const long = calendarEvent('Long', '2026-11-25T08:00:00', '2026-11-27T09:00:00');
    const seattle = {
      subject: 'Seattle',
      start: { dateTime: '2026-11-25T09:00:00', timeZone: 'Pacific Standard Time' },
    };
    const pluto = { subject: 'Pluto', start: { dateTime: '2026-11-25T09:00:00', timeZone: 'Pluto Standard Time' } };
    const broken = calendarEvent('Broken', 'soon\u202e', 'later');
    assert.deepEqual(agenda(berlin, long, seattle, pluto, broken), [
      [
        ['Wednesday, 25 November 2026', undefined, undefined],
        ['Long', '09:00', '', 'until Fri 27 Nov 10:00', 'later'],
        ['Seattle', '18:00', '', '', 'later'],
        ['Pluto', '09:00', '', 'Pluto Standard Time', undefined],
      ],
      [
        ['soon', undefined, undefined],
        ['Broken', '', '', 'UTC', undefined],
      ],
    ]);
  });

  test('agenda - a clock change moves no event', () => {
    const before = calendarEvent('Before', '2026-10-25T00:30:00', '2026-10-25T01:30:00');
    assert.deepEqual((agenda(berlin, before)[0] as unknown[])[1], ['Before', '02:30', '02:30', '', 'past']);
  });
});

describe('result times', () => {
  const moments: [string, string][] = [
    ['2026-11-23T06:15:00Z', 'Today 07:15'],
    ['2026-11-22T12:00:00Z', 'Yesterday 13:00'],
    ['2026-11-20T15:40:44Z', 'Fri 20 Nov 16:40'],
    ['2025-06-30T10:30:00Z', '30 Jun 2025 12:30'],
    ['', ''],
    ['not a date\u001b', 'not a date␛'],
    ['9999999-99-99', '9999999-99-99'],
  ];
  for (const [text, expected] of moments)
    test(`result times - ${JSON.stringify(text)} reads ${expected}`, () => assert.equal(berlin.moment(text), expected));

  test('result times - times are written as the reader writes them', () => {
    assert.equal(newYork.moment('2026-11-23T06:15:00Z').replace('\u202f', ' '), 'Today 1:15 AM');
  });

  test('result times - durations and sizes are short', () => {
    assert.deepEqual([0.4, 350, 1_234, 23_456, 60_000, 185_000, -1, Number.NaN].map(durationText), [
      '0 ms',
      '350 ms',
      '1.2 s',
      '23 s',
      '1 min',
      '3 min 5 s',
      '',
      '',
    ]);
    assert.deepEqual([0, 999, 18_231, 1_500_000, Infinity, -1].map(sizeText), [
      '0 B',
      '999 B',
      '18 kB',
      '1.5 MB',
      '',
      '',
    ]);
  });
});

test('results - codes of Microsoft 365 read as words, unknown ones as they are', () => {
  const winter = { locale: 'en-GB', now };
  assert.deepEqual(
    ['W. Europe Standard Time', 'Europe/Berlin', 'UTC', 'Pluto Standard Time', '__proto__'].map((name) =>
      zoneText(name, winter),
    ),
    ['Central European Time', 'Central European Time', 'UTC', 'Pluto Standard Time', '__proto__'],
  );
  assert.deepEqual(['oneOnOne', 'meeting', 'newKind'].map(chatKindText), ['One to one', 'Meeting', 'newKind']);
});
