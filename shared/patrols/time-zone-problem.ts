// What is wrong with the name of a time zone, in plain words, with the one that was most likely meant.
import { IANAZone } from 'luxon';
import { editDistance } from '../edit-distance.ts';

const maxLength = 64;
const maxMistakes = 2;

/** Asking the platform takes long; there are some hundred names. */
const knownZones = new Set<string>();

export function timeZoneProblem(name: string): string | undefined {
  if (knownZones.has(name)) return undefined;
  if (name.length <= maxLength && /^[A-Za-z]/.test(name) && IANAZone.isValidZone(name)) {
    // In any case of letters they would be endless.
    if (knownZones.size < 1_000) knownZones.add(name);
    return undefined;
  }
  const shown = `"${name.slice(0, 40)}" is no time zone`;
  const meant = closestZone(name.slice(0, maxLength));
  if (meant !== undefined) return `${shown}: did you mean "${meant}"?`;
  return `${shown}: write an IANA name, such as "Europe/Berlin" or "UTC"`;
}

function closestZone(name: string): string | undefined {
  const lower = name.toLowerCase().replaceAll(' ', '_');
  const [closest] = Intl.supportedValuesOf('timeZone')
    .map((zone) => ({ zone, distance: distanceTo(lower, zone.toLowerCase()) }))
    .sort((left, right) => left.distance - right.distance);
  return closest !== undefined && closest.distance <= maxMistakes ? closest.zone : undefined;
}

/** A city alone is as good as its zone. */
function distanceTo(name: string, zone: string): number {
  const city = zone.slice(zone.lastIndexOf('/') + 1);
  return Math.min(mistakes(name, zone), name.includes('/') ? Infinity : mistakes(name, city));
}

/** Infinity where their lengths say that they are too many. */
function mistakes(name: string, meant: string): number {
  return Math.abs(name.length - meant.length) > maxMistakes ? Infinity : editDistance(name, meant);
}
