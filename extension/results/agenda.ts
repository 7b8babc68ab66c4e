// Orders events as an agenda by day in the reader's zone; it draws nothing.
import { cleanLine } from './clean-text.ts';
import { instantOf } from './graph-time.ts';
import type { CalendarEvent } from './graph-items.ts';
import type { TimeText } from './time-text.ts';

export interface AgendaEntry {
  event: CalendarEvent;
  /** "09:30", "All day", or the time in the event's own zone when that zone is not known here. */
  start: string;
  end: string;
  /** "until Thu 26 Nov 00:46", or the zone of a time that could not be brought into the reader's. */
  note: string;
  /** `past` and `now` only where the instants are known. */
  phase: 'past' | 'now' | 'later' | undefined;
}

export interface AgendaDay {
  /** As of `TimeText.dayKey`. */
  key: string;
  title: string;
  nearness: string | undefined;
  entries: AgendaEntry[];
  /** Before which entry the present lies; undefined on other days. */
  nowBefore: number | undefined;
}

interface Placed extends AgendaEntry {
  day: string;
  order: number | string;
  isAllDay: boolean;
}

export function agendaOf(events: readonly CalendarEvent[], times: TimeText): AgendaDay[] {
  const days = new Map<string, Placed[]>();
  for (const event of events) {
    const placed = place(event, times);
    const entries = days.get(placed.day);
    if (entries === undefined) days.set(placed.day, [placed]);
    else entries.push(placed);
  }
  return [...days.keys()].sort().map((key) => {
    const entries = (days.get(key) ?? []).sort(compare);
    const nearness = times.nearness(key);
    return {
      key,
      title: times.dayTitle(key),
      nearness,
      entries,
      nowBefore: nearness === 'Today' ? nowIndex(entries) : undefined,
    };
  });
}

function place(event: CalendarEvent, times: TimeText): Placed {
  const { start, end } = event;
  // An all-day event is about a date, wherever the reader is.
  if (event.isAllDay) {
    const day = cleanLine(start.dateTime.slice(0, 10));
    return { event, start: 'All day', end: '', note: '', phase: undefined, day, order: '', isAllDay: true };
  }
  const from = instantOf(start);
  const to = end ? instantOf(end) : undefined;
  if (from === undefined || !isDate(from)) {
    const [day = '', time = ''] = cleanLine(start.dateTime).split('T');
    const zone = cleanLine(start.timeZone ?? '');
    return { event, start: time.slice(0, 5), end: '', note: zone, phase: undefined, day, order: time, isAllDay: false };
  }
  const ends = to !== undefined && isDate(to) ? to : from;
  return {
    event,
    start: times.time(from),
    ...endOf(from, ends, times),
    phase: ends <= times.now ? 'past' : from <= times.now ? 'now' : 'later',
    day: times.dayKey(from),
    order: from,
    isAllDay: false,
  };
}

function endOf(from: number, to: number, times: TimeText): { end: string; note: string } {
  if (to <= from) return { end: '', note: '' };
  if (times.dayKey(from) === times.dayKey(to)) return { end: times.time(to), note: '' };
  return { end: '', note: `until ${times.moment(new Date(to).toISOString())}` };
}

function compare(a: Placed, b: Placed): number {
  if (a.isAllDay !== b.isAllDay) return a.isAllDay ? -1 : 1;
  if (typeof a.order === 'number' && typeof b.order === 'number') return a.order - b.order;
  // Those of an unknown zone after the others.
  if (typeof a.order !== typeof b.order) return typeof a.order === 'number' ? -1 : 1;
  return a.order < b.order ? -1 : a.order > b.order ? 1 : 0;
}

function nowIndex(entries: readonly Placed[]): number | undefined {
  const index = entries.findIndex(({ phase }) => phase === 'later' || phase === 'now');
  // What runs now is marked itself.
  if (entries.some(({ phase }) => phase === 'now')) return undefined;
  return index === -1 ? entries.length : index;
}

function isDate(instant: number): boolean {
  return Math.abs(instant) <= 8.64e15;
}
