// One way to write times for one reader: English words, the region's order of days and clock.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readerLocale } from '../../extension/results/reader-locale.ts';

describe('reader locale', () => {
  for (const [display, system, afternoon] of [
    ['en', 'en-US', 'Nov 23, 2026, 3:04 PM'],
    ['en', 'en-GB', '23 Nov 2026, 15:04'],
    ['en', 'de-DE', '23 Nov 2026, 15:04'],
    ['en-gb', 'en-US', '23 Nov 2026, 15:04'],
    ['de', 'en-US', '23 Nov 2026, 15:04'],
    ['de', 'de-AT', '23 Nov 2026, 15:04'],
    ['nonsense-', 'en-GB', '23 Nov 2026, 15:04'],
  ] as const)
    test(`reader locale - VS Code in ${display} on a system in ${system}`, () => {
      const locale = readerLocale({ display, system });
      const format = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' });
      assert.equal(format.format(Date.UTC(2026, 10, 23, 15, 4)).replace(/\s/g, ' '), afternoon);
    });
});
