// Times of patrols as a window writes them: in the reader's zone and way, short where the day is near; pure.

export interface ReaderClock {
  /** Milliseconds since the epoch. */
  now: number;
  /** IANA name. */
  timeZone: string;
  /** BCP 47; the editor's display language. */
  locale: string;
}

const dayMs = 86_400_000;

/** "08:00" today, "Mon 08:00" within a week, else "30 Nov 08:00": side bars are narrow. Unreadable text gives an empty one. */
export function shortTime(instant: string, clock: ReaderClock): string {
  const at = Date.parse(instant);
  if (!Number.isFinite(at)) return '';
  const write = writer(clock);
  const time = write(at, { timeStyle: 'short' });
  const day = dayOf(at, clock);
  if (day === dayOf(clock.now, clock)) return time;
  if (Math.abs(at - clock.now) < 6 * dayMs) return `${write(at, { weekday: 'short' })} ${time}`;
  const isNear = Math.abs(at - clock.now) < 300 * dayMs;
  return `${write(at, { day: 'numeric', month: 'short', ...(!isNear && { year: 'numeric' }) })} ${time}`;
}

/** With weekday, year and zone. */
export function fullTime(instant: string, clock: ReaderClock): string {
  const at = Date.parse(instant);
  return Number.isFinite(at) ? writer(clock)(at, { dateStyle: 'full', timeStyle: 'long' }) : '';
}

function writer({ timeZone, locale }: ReaderClock) {
  return (instant: number, options: Intl.DateTimeFormatOptions): string =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(instant);
}

function dayOf(instant: number, { timeZone }: ReaderClock): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone }).format(instant);
}
