// Days on which no clock changes: there the times of a schedule follow from its hours and minutes, without asking for each.
import { Cron } from 'croner';
import { IANAZone } from 'luxon';

export interface SteadyDays {
  /** All instants of the day around one of them, in order; undefined where a clock changes nearby. Milliseconds since the epoch. */
  around: (scheduledAt: number) => readonly number[] | undefined;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** `cron`: five fields or a nickname, without a problem. `timeZone`: IANA. */
export function steadyDays({ cron, timeZone }: { cron: string; timeZone: string }): SteadyDays {
  const zone = IANAZone.create(timeZone);
  const offsetAt = (instant: number): number => zone.offset(instant) * minuteMs;
  let times: readonly number[] | undefined;
  return {
    around: (scheduledAt) => {
      const offset = offsetAt(scheduledAt);
      const start = Math.floor((scheduledAt + offset) / dayMs) * dayMs - offset;
      // A day before and after: a gap, or an hour that comes twice, may reach over midnight.
      if ([start - dayMs, start, start + 2 * dayMs].some((instant) => offsetAt(instant) !== offset)) return undefined;
      times ??= timesOfDay(cron);
      const instants = times.map((time) => start + time);
      return instants.includes(scheduledAt) ? instants : undefined;
    },
  };
}

/** Milliseconds since midnight, in order; none for a nickname. */
function timesOfDay(cron: string): number[] {
  const [minute, hour, ...others] = cron.trim().split(/\s+/);
  if (minute === undefined || hour === undefined || others.length !== 3) return [];
  const minutes = firstTimes(`${minute} 0 * * *`, { most: 60, within: hourMs });
  const hours = firstTimes(`0 ${hour} * * *`, { most: 24, within: dayMs });
  return hours.flatMap((at) => minutes.map((offset) => at + offset));
}

/** Of the first day of the epoch, in UTC, where no clock changes. */
function firstTimes(pattern: string, { most, within }: { most: number; within: number }): number[] {
  const cron = new Cron(pattern, { mode: '5-part', timezone: 'UTC', paused: true });
  return cron
    .nextRuns(most, new Date(-1))
    .map((time) => time.getTime())
    .filter((time) => time < within);
}
