// Sets of characters as a pattern names them: exact for ASCII, all others taken together. A set may be too large, never too small.

/** One bit for each character of ASCII, one for all others, one for the end of the text. */
export type CharacterSet = bigint;

const otherBit = 1n << 128n;
export const endOfText: CharacterSet = 1n << 129n;
export const noCharacter: CharacterSet = 0n;
export const anyCharacter: CharacterSet = endOfText - 1n;
/** Also the end: nothing is known of what has to come. */
export const anything: CharacterSet = anyCharacter | endOfText;

export function characterSet(codePoint: number): CharacterSet {
  return codePoint < 128 ? 1n << BigInt(codePoint) : otherBit;
}

export function characterRange(first: number, last: number): CharacterSet {
  let set = last >= 128 ? otherBit : noCharacter;
  for (let code = first; code <= Math.min(last, 127); code++) set |= characterSet(code);
  return set;
}

/** Whoever is not in ASCII may be in a set and in its opposite. */
export function opposite(set: CharacterSet): CharacterSet {
  return (anyCharacter & ~set) | otherBit;
}

export function areDisjoint(one: CharacterSet, other: CharacterSet): boolean {
  return (one & other) === 0n;
}

const digits = characterRange(0x30, 0x39);
const words = digits | characterRange(0x41, 0x5a) | characterRange(0x61, 0x7a) | characterSet(0x5f);
const spaces = characterRange(0x09, 0x0d) | characterSet(0x20) | otherBit;

export const lineCharacters = opposite(characterSet(0x0a) | characterSet(0x0d));

/** `\d`, `\w` and the like by their letter; undefined for a letter that names no set. */
export const namedSets: Readonly<Record<string, CharacterSet | undefined>> = {
  d: digits,
  D: opposite(digits),
  w: words,
  W: opposite(words),
  s: spaces,
  S: opposite(spaces),
  // Properties of Unicode: which characters have one is not looked up.
  p: anyCharacter,
  P: anyCharacter,
};
