// Makes text from outside safe to show: what a terminal or a reader would obey instead of show becomes visible or goes.

// Direction overrides and marks, and the invisible tag characters: they make text read other than it is.
const deceptive = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u{e0000}-\u{e007f}]/gu;
const lineBreaks = /\r\n|[\n\r\u0085\u2028\u2029]/g;

/** Several lines; every other control character is replaced by its picture (ESC becomes "␛"). */
export function cleanBlock(text: string): string {
  return (
    text
      .toWellFormed()
      .replace(lineBreaks, '\n')
      .replaceAll('\t', '  ')
      // eslint-disable-next-line no-control-regex
      .replace(/[\u0000-\u0009\u000b-\u001f]/g, (character) => String.fromCharCode(0x2400 + character.charCodeAt(0)))
      .replaceAll('\u007f', '\u2421')
      .replace(/[\u0080-\u009f]/g, '\ufffd')
      .replace(deceptive, '')
  );
}

/** The same on one line, with runs of white space as one space. */
export function cleanLine(text: string): string {
  return cleanBlock(text.replace(lineBreaks, ' ')).replace(/\s+/g, ' ').trim();
}
