// Reads the times of Microsoft Graph, which come with a time zone beside them instead of an offset; pure.
import { ianaZone } from './windows-zones.ts';

/**
 * The instant of a Graph `dateTimeTimeZone`, in milliseconds since the epoch; undefined when the zone is not known here, so
 * that the time has to be shown as it stands.
 */
export function instantOf({
  dateTime,
  timeZone,
}: {
  dateTime: string;
  timeZone?: string | null | undefined;
}): number | undefined {
  if (/(?:Z|[+-]\d\d:?\d\d)$/.test(dateTime)) return finite(Date.parse(dateTime));
  const utc = finite(Date.parse(`${trimFraction(dateTime)}Z`));
  if (utc === undefined || !timeZone) return utc;
  if (/^(?:utc|gmt|z|etc\/utc|tzone:\/\/microsoft\/utc)$/i.test(timeZone)) return utc;
  const zone = ianaZone(timeZone);
  const offset = zoneOffset(zone, utc);
  if (offset === undefined) return undefined;
  // The offset belongs to the local time; ask again at the instant found, for the hours around a clock change.
  return utc - (zoneOffset(zone, utc - offset) ?? offset);
}

/** Graph sends seven digits of a second; Date.parse takes three everywhere. */
function trimFraction(dateTime: string): string {
  return dateTime.replace(/(\.\d{3})\d+$/, '$1');
}

function zoneOffset(timeZone: string, instant: number): number | undefined {
  try {
    const parts = new Intl.DateTimeFormat('en-US', {
      timeZone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    }).formatToParts(instant);
    const part = (type: string): number => Number(parts.find((candidate) => candidate.type === type)?.value);
    const local = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second'));
    return local - Math.floor(instant / 1_000) * 1_000;
  } catch {
    return undefined;
  }
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined;
}
