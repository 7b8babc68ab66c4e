// Calendar arithmetic for the seed: days relative to "now", counted in working days, always in UTC. Knows no tenant data.

const DAY_MS = 86_400_000;

export type Days = {
  readonly now: Date;
  /** Midnight of today. */
  readonly today: Date;
  readonly isWeekend: boolean;
  /** Midnight of the n-th working day from today; 0 is today, or the coming Monday on a weekend; -1 the last one before. */
  workday(offset: number): Date;
  /** Midnight of the next such weekday after today (0 Sunday … 6 Saturday); never today itself. */
  next(weekday: number): Date;
};

export function createDays(now: Date): Days {
  const today = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const isWeekend = [0, 6].includes(today.getUTCDay());
  return {
    now,
    today,
    isWeekend,
    workday(offset) {
      let day = today;
      while ([0, 6].includes(day.getUTCDay())) day = addDays(day, 1);
      if (isWeekend && offset < 0) day = today;
      const step = offset < 0 ? -1 : 1;
      for (let left = Math.abs(offset); left > 0;) {
        day = addDays(day, step);
        if (![0, 6].includes(day.getUTCDay())) left--;
      }
      return day;
    },
    next(weekday) {
      let day = addDays(today, 1);
      while (day.getUTCDay() !== weekday) day = addDays(day, 1);
      return day;
    },
  };
}

export function addDays(day: Date, count: number): Date {
  return new Date(day.getTime() + count * DAY_MS);
}

/** `day` at `HH:MM` UTC. */
export function at(day: Date, time: string): Date {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return new Date(day.getTime() + (hours * 60 + minutes) * 60_000);
}

export function minutesLater(moment: Date, minutes: number): Date {
  return new Date(moment.getTime() + minutes * 60_000);
}

export function dayName(day: Date): string {
  return day.toLocaleDateString('en-GB', { weekday: 'long', timeZone: 'UTC' });
}

export function dayAndDate(day: Date): string {
  return day.toLocaleDateString('en-GB', { weekday: 'long', day: 'numeric', month: 'long', timeZone: 'UTC' });
}

/** Graph writes mail times with whole seconds: `2026-11-20T15:40:44Z`. */
export function instant(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}Z`;
}

/** Graph writes event times without a zone and with seven digits: `2026-11-23T08:30:00.0000000`. */
export function wallTime(moment: Date): string {
  return `${moment.toISOString().slice(0, 19)}.0000000`;
}
