// How times and dates are written for this reader: the words around them are English, their order and clock those of the
// reader's region. Pure.

export interface ReaderPlace {
  /** BCP 47; the editor's display language. */
  display: string;
  /** BCP 47; what the system of this process is set to. */
  system: string;
}

/**
 * A BCP 47 tag for Intl, with the clock (`-u-hc-…`) in it. VS Code's own English names no region, so the system's counts
 * there; a display language that somebody chose counts before a system in another one.
 */
export function readerLocale({ display, system }: ReaderPlace): string {
  const chosen = localeOf(display);
  const own = localeOf(system);
  const namesNoRegion = chosen?.region === undefined;
  const isPlain = chosen === undefined || (namesNoRegion && chosen.language === 'en');
  const reader = isPlain || (namesNoRegion && chosen.language === own?.language) ? (own ?? chosen) : chosen;
  const region = reader?.maximize().region;
  if (reader === undefined || region === undefined) return 'en-GB';
  const { hourCycle } = new Intl.DateTimeFormat(reader, { timeStyle: 'short' }).resolvedOptions();
  const tag = `en-${region}`;
  // A region that English is not written in has the order of days of most of the world.
  const [known = 'en-GB'] = [new Intl.DateTimeFormat(tag).resolvedOptions().locale].filter((name) => name === tag);
  return hourCycle === undefined ? known : `${known}-u-hc-${hourCycle}`;
}

function localeOf(tag: string): Intl.Locale | undefined {
  try {
    return new Intl.Locale(tag);
  } catch {
    return undefined;
  }
}
