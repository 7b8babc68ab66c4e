// Time in expressions: instants as texts in and out, calendar arithmetic in a time zone. It knows no clock.
import { DateTime, type DateTimeUnit, type DurationLikeObject } from 'luxon';
import { timeZoneProblem } from './time-zone-problem.ts';

/** What an expression did wrong, in words that say what to write. */
export class ExpressionProblem extends Error {}

const units: ReadonlySet<string> = new Set(['minute', 'hour', 'day', 'week', 'month', 'quarter', 'year']);
const maxLength = 64;

/** Instants leave in UTC with whole seconds: unlike an offset with its "+", that can stand in a URL as it is. */
export function instantText(time: DateTime): string {
  return time.toUTC().startOf('second').toISO({ suppressMilliseconds: true }) ?? '';
}

/** A text as an instant in a zone; without an offset it is read as the zone's own time. Weeks begin on Monday. */
export function readInstant(text: string, zone: string): DateTime {
  checkZone(zone);
  // Without a year luxon would ask the clock.
  const isDated = text.length <= maxLength && /^\s*\d{4}-/.test(text);
  const time = isDated ? DateTime.fromISO(text.trim(), { zone, locale: 'en' }) : undefined;
  if (time?.isValid === true) return time;
  throw new ExpressionProblem(`"${text.slice(0, 40)}" is no time: write one such as "2027-03-01T08:00:00Z" or now()`);
}

export function shift(time: DateTime, amount: string, sign: 1 | -1): DateTime {
  const duration = readDuration(amount);
  const shifted = sign === 1 ? time.plus(duration) : time.minus(duration);
  if (shifted.isValid && Math.abs(shifted.year) < 10_000) return shifted;
  throw new ExpressionProblem(`"${amount.slice(0, 40)}" leads out of the calendar`);
}

const unitsByLetter: Readonly<Record<string, keyof DurationLikeObject>> = {
  y: 'years',
  mo: 'months',
  w: 'weeks',
  d: 'days',
  h: 'hours',
  m: 'minutes',
  s: 'seconds',
};

/** `2d`, `1h30m`: years, months, weeks and days are of the calendar, the rest is exact. */
export function readDuration(text: string): DurationLikeObject {
  if (!/^(?:\d{1,7}(?:mo|[ywdhms]))+$/.test(text) || text.length > maxLength)
    throw new ExpressionProblem(
      `"${text.slice(0, 40)}" is no duration: write numbers with y, mo, w, d, h, m or s, such as "1d" or "1h30m"`,
    );
  const duration: DurationLikeObject = {};
  for (const [, amount = '', letter = ''] of text.matchAll(/(\d+)(mo|[ywdhms])/g)) {
    const unit = unitsByLetter[letter];
    if (unit !== undefined) duration[unit] = (duration[unit] ?? 0) + Number(amount);
  }
  return duration;
}

export function readUnit(text: string): DateTimeUnit {
  if (units.has(text)) return text as DateTimeUnit;
  throw new ExpressionProblem(
    `"${text.slice(0, 40)}" is no unit: write ${[...units].map((unit) => `'${unit}'`).join(', ')}`,
  );
}

export function formatted(time: DateTime, pattern: string): string {
  if (pattern.length <= maxLength) return time.toFormat(pattern);
  throw new ExpressionProblem(`a format may have ${maxLength} characters`);
}

export function checkZone(zone: string): void {
  const problem = timeZoneProblem(zone);
  if (problem !== undefined) throw new ExpressionProblem(problem);
}
