// Writes times in the reader's zone and way, short where the day is near; formats are made once, since lists are long.
import { cleanLine } from './clean-text.ts';

export interface TimeText {
  /** Milliseconds since the epoch, as of the making. */
  readonly now: number;
  readonly timeZone: string;
  readonly locale: string;
  /** "14:05" or "2:05 PM". */
  time(instant: number): string;
  /** "2026-11-23" in the reader's zone; sorts as text. */
  dayKey(instant: number): string;
  /** "Monday 23 November 2026"; a key that is no day comes back as it is. */
  dayTitle(key: string): string;
  /** "Today", "Tomorrow", "Yesterday", or undefined. */
  nearness(key: string): string | undefined;
  /** "Today 14:05", "Fri 20 Nov 16:40", or with the year when it is another one. Unreadable text comes back as it is. */
  moment(text: string): string;
  /** "23 Nov 2026, 14:05", alike for near and far days, for columns. Unreadable text comes back as it is. */
  dated(text: string): string;
  /** With weekday, year and zone, for hovering; empty when the text is no time. */
  full(text: string): string;
}

export interface TimeTextOptions {
  /** IANA name. */
  timeZone: string;
  /** BCP 47 tag. */
  locale: string;
  now: number;
}

const dayMs = 86_400_000;

export function createTimeText({ timeZone, locale, now }: TimeTextOptions): TimeText {
  const format = (
    options: Intl.DateTimeFormatOptions,
    zone = timeZone,
    tag = locale,
  ): ((instant: number) => string) => {
    const { format: write } = new Intl.DateTimeFormat(tag, { timeZone: zone, ...options });
    return (instant) => write(instant);
  };
  const time = format({ timeStyle: 'short' });
  const dayKey = format({ year: 'numeric', month: '2-digit', day: '2-digit' }, timeZone, 'en-CA');
  const dayOfTitle = format({ dateStyle: 'full' }, 'UTC');
  const nearDay = format({ weekday: 'short', day: 'numeric', month: 'short' });
  const farDay = format({ day: 'numeric', month: 'short', year: 'numeric' });
  const datedMoment = format({ dateStyle: 'medium', timeStyle: 'short' });
  const fullMoment = format({ dateStyle: 'full', timeStyle: 'long' });
  const today = dayKey(now);
  const names = new Map([
    [dayKey(now - dayMs), 'Yesterday'],
    [dayKey(now + dayMs), 'Tomorrow'],
    [today, 'Today'],
  ]);
  const nearness = (key: string): string | undefined => names.get(key);
  return {
    now,
    timeZone,
    locale,
    time,
    dayKey,
    nearness,
    dayTitle: (key) => {
      const day = Date.parse(`${key}T12:00:00Z`);
      return Number.isFinite(day) ? dayOfTitle(day) : cleanLine(key.slice(0, 60));
    },
    moment: (text) => {
      const instant = Date.parse(text);
      if (!Number.isFinite(instant)) return cleanLine(text.slice(0, 60));
      const key = dayKey(instant);
      const day = nearness(key) ?? (key.slice(0, 4) === today.slice(0, 4) ? nearDay : farDay)(instant);
      return `${day.replace(',', '')} ${time(instant)}`;
    },
    dated: (text) => {
      const instant = Date.parse(text);
      return Number.isFinite(instant) ? datedMoment(instant) : cleanLine(text.slice(0, 60));
    },
    full: (text) => {
      const instant = Date.parse(text);
      return Number.isFinite(instant) ? fullMoment(instant) : '';
    },
  };
}

/** "350 ms", "1.2 s", "3 min 5 s". */
export function durationText(milliseconds: number): string {
  if (!Number.isFinite(milliseconds) || milliseconds < 0) return '';
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 10_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  const seconds = Math.round(milliseconds / 1_000);
  if (seconds < 60) return `${seconds} s`;
  return seconds % 60 === 0 ? `${seconds / 60} min` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

export function sizeText(bytes: number): string {
  if (!Number.isFinite(bytes) || bytes < 0) return '';
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let size = bytes;
  let unit = -1;
  while (size >= 1_000 && unit < units.length - 1) [size, unit] = [size / 1_000, unit + 1];
  return `${size < 10 ? size.toFixed(1) : Math.round(size)} ${units[unit]}`;
}
