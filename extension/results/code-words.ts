// Words for what Microsoft Graph writes as codes; a code that is not known here is shown as it is.
import { cleanLine } from './clean-text.ts';
import { ianaZone } from './windows-zones.ts';

const chatKinds: ReadonlyMap<string, string> = new Map([
  ['oneOnOne', 'One to one'],
  ['group', 'Group'],
  ['meeting', 'Meeting'],
]);

export function chatKindText(chatType: string): string {
  return chatKinds.get(chatType) ?? cleanLine(chatType);
}

const availabilities: ReadonlyMap<string, string> = new Map([
  ['free', 'Free'],
  ['tentative', 'Tentative'],
  ['oof', 'Out of office'],
  ['workingElsewhere', 'Working elsewhere'],
]);

/** Of an event; undefined for what needs no word, since it is the rule. */
export function availabilityText(showAs: string | null | undefined): string | undefined {
  return availabilities.get(showAs ?? '');
}

/** "Central European Time"; of a Windows name, too. `now`: milliseconds since the epoch. */
export function zoneText(name: string, { locale, now }: { locale: string; now: number }): string {
  const zone = ianaZone(name);
  if (zone === 'UTC') return zone;
  try {
    const parts = new Intl.DateTimeFormat(locale, { timeZone: zone, timeZoneName: 'longGeneric' }).formatToParts(now);
    return parts.find(({ type }) => type === 'timeZoneName')?.value ?? cleanLine(name);
  } catch {
    return cleanLine(name);
  }
}
