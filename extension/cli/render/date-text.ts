// Writes times in the reader's zone, short where the day is near.
import type { View } from './view.ts';

const locale = 'en-GB';

/** "14:05". */
export function timeText(instant: number, { timeZone }: View): string {
  return new Intl.DateTimeFormat(locale, { timeZone, hour: '2-digit', minute: '2-digit' }).format(instant);
}

/** "2026-11-23" in the reader's zone; sorts as text. */
export function dayKey(instant: number, { timeZone }: View): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    instant,
  );
}

/** "Monday 23 November 2026", with "today" or "tomorrow" where it is. `key` as of `dayKey`. */
export function dayTitle(key: string, view: View): string {
  const day = new Date(`${key}T12:00:00Z`);
  if (Number.isNaN(day.getTime())) return key;
  const title = new Intl.DateTimeFormat(locale, { timeZone: 'UTC', dateStyle: 'full' }).format(day).replace(',', '');
  const nearness = nearnessOf(key, view);
  return nearness === undefined ? title : `${title} (${nearness})`;
}

function nearnessOf(key: string, view: View): string | undefined {
  if (key === dayKey(view.now, view)) return 'today';
  if (key === dayKey(view.now + 86_400_000, view)) return 'tomorrow';
  if (key === dayKey(view.now - 86_400_000, view)) return 'yesterday';
  return undefined;
}

/** "today 14:05", "Fri 20 Nov 16:40", or with the year when it is another one. Unreadable text comes back as it is. */
export function momentText(text: string, view: View): string {
  const instant = Date.parse(text);
  if (!Number.isFinite(instant)) return text;
  const key = dayKey(instant, view);
  const time = timeText(instant, view);
  const nearness = nearnessOf(key, view);
  if (nearness !== undefined) return `${nearness} ${time}`;
  const isThisYear = key.slice(0, 4) === dayKey(view.now, view).slice(0, 4);
  const day = new Intl.DateTimeFormat(locale, {
    timeZone: view.timeZone,
    day: 'numeric',
    month: 'short',
    ...(isThisYear ? { weekday: 'short' } : { year: 'numeric' }),
  }).format(instant);
  return `${day.replace(',', '')} ${time}`;
}

/** "3 min", "2 h 5 min", "4 days". */
export function durationText(milliseconds: number): string {
  const minutes = Math.round(milliseconds / 60_000);
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (minutes < 1) return `${Math.round(milliseconds / 1_000)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 48 * 60)
    return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
  return `${Math.round(minutes / 1_440)} days`;
}
