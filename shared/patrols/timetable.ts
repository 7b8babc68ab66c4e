// When a patrol is due: cron in a time zone to occurrences with stable ids; it knows no clock and no timer.
import { Cron } from 'croner';
import { steadyDays } from './steady-day.ts';

export interface Schedule {
  /** Five fields; see docs/patrols.md. */
  cron: string;
  /** IANA. */
  timeZone: string;
  /** Each run starts up to so many seconds late, each occurrence always by the same. */
  jitterSeconds: number;
}

/** Instants are milliseconds since the epoch. */
export interface Occurrence {
  /** Patrol and instant: the same after any restart. */
  id: string;
  patrol: string;
  /** What the schedule says. */
  scheduledAt: number;
  /** The same with its jitter; always before the next `scheduledAt`. */
  startsAt: number;
}

/** A row of occurrences without a gap. */
export interface OccurrenceSpan {
  count: number;
  first: Occurrence;
  last: Occurrence;
}

export interface Timetable {
  /** The first occurrence that is scheduled after the instant, never at it; undefined when there is none before the year 10000. */
  next: (after: number) => Occurrence | undefined;
  /** Occurrences in order, scheduled after `from` and up to and including `to`. */
  between: (from: number, to: number) => Generator<Occurrence, void, undefined>;
  /**
   * The same in rows of up to a day, which take much less time than their occurrences one by one. A row of several holds none
   * that may start after `to`, and is never the last one.
   */
  rows: (from: number, to: number) => Generator<OccurrenceSpan, void, undefined>;
}

/** Expects a schedule whose `scheduleProblem` is undefined. */
export function createTimetable({ patrol, schedule }: { patrol: string; schedule: Schedule }): Timetable {
  const cron = createCron(schedule);
  const scheduledAfter = (instant: number): number | undefined => cron.nextRun(new Date(instant))?.getTime();

  const jitterMs = schedule.jitterSeconds * 1000;
  const days = steadyDays(schedule);

  const occurrenceAt = (scheduledAt: number, following: () => number | undefined): Occurrence => {
    const id = `${patrol}@${new Date(scheduledAt).toISOString().replace('.000Z', 'Z')}`;
    if (jitterMs === 0) return { id, patrol, scheduledAt, startsAt: scheduledAt };
    const room = Math.min(jitterMs, (following() ?? Infinity) - scheduledAt - 1);
    return { id, patrol, scheduledAt, startsAt: scheduledAt + Math.floor(fractionOf(id) * Math.max(0, room)) };
  };

  function* between(from: number, to: number): Generator<Occurrence, void, undefined> {
    let scheduledAt = scheduledAfter(from);
    while (scheduledAt !== undefined && scheduledAt <= to) {
      const following = scheduledAfter(scheduledAt);
      yield occurrenceAt(scheduledAt, () => following);
      scheduledAt = following;
    }
  }

  function* rows(from: number, to: number): Generator<OccurrenceSpan, void, undefined> {
    let scheduledAt = scheduledAfter(from);
    while (scheduledAt !== undefined && scheduledAt <= to) {
      const day = days.around(scheduledAt) ?? [scheduledAt];
      const first = day.indexOf(scheduledAt);
      const end = Math.max(
        first,
        day.findLastIndex((at) => at <= to - jitterMs),
      );
      const [last = scheduledAt, beforeLast = scheduledAt] = [day[end], day[end - 1]];
      if (end > first)
        yield {
          count: end - first,
          first: occurrenceAt(scheduledAt, () => day[first + 1]),
          last: occurrenceAt(beforeLast, () => last),
        };
      const following = scheduledAfter(last);
      const single = occurrenceAt(last, () => following);
      yield { count: 1, first: single, last: single };
      scheduledAt = following;
    }
  }

  return {
    next: (after) => {
      const scheduledAt = scheduledAfter(after);
      return scheduledAt === undefined ? undefined : occurrenceAt(scheduledAt, () => scheduledAfter(scheduledAt));
    },
    between,
    rows,
  };
}

/** croner's rule for daylight saving that treats lists and ranges of hours and minutes as fixed times, too. */
function createCron({ cron, timeZone }: Pick<Schedule, 'cron' | 'timeZone'>): Cron {
  return new Cron(cron, { mode: '5-part', timezone: timeZone, fixedTimeRule: 'no-wildcard', paused: true });
}

/** Any instant before a leap day will do. */
const someInstant = Date.UTC(2024, 0, 1);
const maxCronLength = 120;

/** What is wrong with a pattern, in plain words. */
export function cronProblem(cron: string): string | undefined {
  const fields = cron.trim().split(/\s+/).length;
  if (cron.length > maxCronLength) return `is longer than ${maxCronLength} characters`;
  if (!cron.trim().startsWith('@') && fields !== 5)
    return fields === 6
      ? 'has six fields: leave out the seconds, patrols run once a minute at most'
      : `has ${fields} field${fields === 1 ? '' : 's'}: write five, "minute hour day month weekday", such as "0 8 * * 1-5"`;
  try {
    const first = createCron({ cron, timeZone: 'UTC' }).nextRun(new Date(someInstant));
    return first === null ? 'never comes: there is no such day' : undefined;
  } catch (error) {
    const said = error instanceof Error ? error.message.replace(/^CronPattern: (?:Syntax error, )?/, '') : '';
    return `is no cron pattern: ${said.slice(0, 200)}`;
  }
}

/** Between 0 and 1, spread evenly over texts (FNV-1a with a final mix). */
function fractionOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
