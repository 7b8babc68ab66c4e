// How this window writes times and dates, in its views and its pages alike.
import { env } from 'vscode';
import { readerLocale as localeOf } from '../results/reader-locale.ts';

/** BCP 47, with the clock in it. */
export function readerLocale(): string {
  return localeOf({ display: env.language, system: Intl.DateTimeFormat().resolvedOptions().locale });
}
