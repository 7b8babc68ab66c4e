// Turns a wall time in a named zone into an instant. Takes IANA names and the Windows names that Outlook sends.

const WINDOWS_ZONES: Record<string, string> = {
  'W. Europe Standard Time': 'Europe/Berlin',
  'Romance Standard Time': 'Europe/Paris',
  'Central European Standard Time': 'Europe/Warsaw',
  'GMT Standard Time': 'Europe/London',
  'Eastern Standard Time': 'America/New_York',
  'Central Standard Time': 'America/Chicago',
  'Pacific Standard Time': 'America/Los_Angeles',
  'India Standard Time': 'Asia/Kolkata',
  'Tokyo Standard Time': 'Asia/Tokyo',
};

/** The IANA name, or undefined for a zone that nobody knows. */
export function ianaZone(name: string): string | undefined {
  const zone = WINDOWS_ZONES[name] ?? name;
  try {
    return Intl.DateTimeFormat('en-GB', { timeZone: zone }).resolvedOptions().timeZone === '' ? undefined : zone;
  } catch {
    return undefined;
  }
}

/** `dateTime` may carry its own offset or `Z`, which then wins over `zone`. Undefined when it cannot be read. */
export function toInstant(dateTime: string, zone: string): Date | undefined {
  const text = dateTime.replace(/(\.\d{3})\d+/, '$1');
  if (/(Z|[+-]\d\d:\d\d)$/i.test(text)) return valid(new Date(text));
  const asUtc = valid(new Date(/T/.test(text) ? `${text}Z` : `${text}T00:00:00Z`));
  if (!asUtc) return undefined;
  const firstGuess = new Date(asUtc.getTime() - offsetMs(asUtc, zone));
  return new Date(asUtc.getTime() - offsetMs(firstGuess, zone));
}

/** How far `zone` is ahead of UTC at `moment`. */
export function offsetMs(moment: Date, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  }).formatToParts(moment);
  const part = (type: string): number => Number(parts.find((found) => found.type === type)?.value ?? 0);
  const shown = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
  return shown - Math.floor(moment.getTime() / 1000) * 1000;
}

function valid(date: Date): Date | undefined {
  return Number.isNaN(date.getTime()) ? undefined : date;
}
