// Draws events as an agenda by day, in the reader's time zone.
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import { instantOf } from '../../results/graph-time.ts';
import { htmlToText } from '../../results/html-text.ts';
import type { CalendarEvent } from '../../results/result-shape.ts';
import { cut, padEnd, wrap } from '../terminal-text.ts';
import { dayKey, dayTitle, timeText } from './date-text.ts';
import type { View } from './view.ts';

interface Entry {
  event: CalendarEvent;
  /** As `dayKey` writes it. */
  day: string;
  time: string;
  /** All-day events first. */
  order: string;
}

export function renderAgenda(events: readonly CalendarEvent[], view: View): string[] {
  const entries = events.map((event) => entryOf(event, view)).toSorted((a, b) => compare(a.order, b.order));
  const lines: string[] = [];
  let day = '';
  for (const entry of entries) {
    if (entry.day !== day) {
      if (day !== '') lines.push('');
      day = entry.day;
      lines.push(view.colors.bold(dayTitle(day, view)));
    }
    lines.push(entryLine(entry, view));
  }
  return lines;
}

export function renderEvent(event: CalendarEvent, view: View): string[] {
  const { body, bodyPreview, attendees, onlineMeeting } = event;
  const text = body?.content
    ? /html/i.test(body.contentType ?? '')
      ? htmlToText(body.content)
      : body.content
    : (bodyPreview ?? '');
  const names = (attendees ?? []).map(({ emailAddress }) => emailAddress.name || emailAddress.address || '');
  return [
    ...renderAgenda([event], view),
    ...(names.length > 0 ? [`  ${view.colors.dim('With')} ${cut(cleanLine(names.join(', ')), view.width - 7)}`] : []),
    ...(onlineMeeting?.joinUrl ? [`  ${view.colors.dim('Join')} ${cleanLine(onlineMeeting.joinUrl)}`] : []),
    ...(text.trim() === '' ? [] : ['', ...wrap(cleanBlock(text).trim(), view.width)]),
  ];
}

function entryLine({ event, time }: Entry, view: View): string {
  const { colors } = view;
  const place = cleanLine(event.location?.displayName ?? '');
  const organizer = cleanLine(event.organizer?.emailAddress.name || event.organizer?.emailAddress.address || '');
  const details = [place, organizer].filter(Boolean).join(' · ');
  const room = Math.max(20, view.width - 17);
  const subject = cut(cleanLine(event.subject ?? '') || '(no subject)', room);
  const rest = room - subject.length - 3;
  return [
    `  ${colors.cyan(padEnd(time, 13))}  `,
    event.isCancelled ? colors.strikethrough(subject) : subject,
    details !== '' && rest > 8 ? `   ${colors.dim(cut(details, rest))}` : '',
  ]
    .join('')
    .trimEnd();
}

function entryOf(event: CalendarEvent, view: View): Entry {
  const { start, end, isAllDay } = event;
  // An all-day event is about a date, wherever the reader is.
  if (isAllDay) {
    const day = start.dateTime.slice(0, 10);
    return { event, day, time: 'all day', order: `${day} 0` };
  }
  const [from, to] = [instantOf(start), end ? instantOf(end) : undefined];
  if (from === undefined) {
    const [day = '', time = ''] = cleanLine(start.dateTime).split('T');
    const zone = cleanLine(start.timeZone ?? '');
    return { event, day, time: `${time.slice(0, 5)} ${zone}`, order: `${day} ${time}` };
  }
  const day = dayKey(from, view);
  const time = [timeText(from, view), ...(to === undefined ? [] : [timeText(to, view)])].join(' – ');
  return { event, day, time, order: `${day} 1 ${new Date(from).toISOString()}` };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
