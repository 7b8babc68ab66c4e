// Where the reader is, for writing times; the extension says in the page's language how this reader writes them.
import type { TimeTextOptions } from '../../results/time-text.ts';

export function readerPlace(): Pick<TimeTextOptions, 'timeZone' | 'locale'> {
  const locale = document.documentElement.lang;
  return { timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone, locale: locale === '' ? 'en-GB' : locale };
}
