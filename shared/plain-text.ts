// Text of a stranger on its way to people and logs: bounded, redacted, and without characters that a reader would obey
// instead of read.
import { redactedExcerpt } from './redaction.ts';

/** Direction overrides and marks, zero-width characters and the invisible tag characters: they make text read other than it is. */
const deceptive =
  /[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff\u{e0000}-\u{e007f}]/gu;
// eslint-disable-next-line no-control-regex
const controls = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f]/g;

/** Characters that are looked at. */
const room = 16_384;

/** At most `length` characters on several lines. */
export function plainText(text: string, length: number): string {
  const clean = text
    .slice(0, room)
    .toWellFormed()
    .replace(/\r\n|[\r\u0085\u2028\u2029]/g, '\n')
    .replaceAll('\t', ' ')
    .replace(controls, '')
    .replace(deceptive, '');
  // Redacted last: characters that are not shown must not hide a credential from its pattern.
  return redactedExcerpt(clean, length).trim();
}

/** The same on one line. */
export function plainLine(text: string, length: number): string {
  return plainText(text, length).replace(/\s+/g, ' ');
}

/** True when `plainText` would leave the text as it is, so that an answer can repeat it. */
export function isPlain(text: string, length: number): boolean {
  return text === plainText(text, length) && !text.includes('\n');
}
