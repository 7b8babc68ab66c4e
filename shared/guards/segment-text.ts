// The text of one path segment in the one spelling that is compared; it knows nothing of what segments mean.
import { UnclearPath } from './unclear-path.ts';

const maxDecodings = 8;
/** Nobody sees them, and servers drop some of them. */
const hidden =
  /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\p{Noncharacter_Code_Point}\ufffd]/u;
/** Some conversions between character sets make slashes of these. */
const slashLike = /[⁄∕⧸∖⧵⧹]/u;
/** Nearly every path; the rest costs more to look at. */
const plainAscii = /^[ -~]*$/;
const delimiter = /[/\\?#;]/;

/** Throws UnclearPath for characters that nobody would type into a path. */
export function assertVisible(text: string): void {
  if (plainAscii.test(text)) return;
  if (!text.isWellFormed() || hidden.test(text)) throw new UnclearPath('it holds invisible or invalid characters');
}

/** Percent-decoded until nothing is encoded any more. Throws UnclearPath. */
export function decoded(text: string): string {
  let current = text;
  for (let round = 0; current.includes('%'); round++) {
    if (round === maxDecodings) throw new UnclearPath('it is percent-encoded too many times');
    try {
      current = decodeURIComponent(current);
    } catch {
      throw new UnclearPath('it holds a percent sign that encodes nothing');
    }
  }
  return current;
}

/** A decoded segment in small letters and without compatibility forms. Throws UnclearPath. */
export function segmentText(text: string): string {
  assertVisible(text);
  if (delimiter.test(text)) throw new UnclearPath('it holds an encoded delimiter or a ";"');
  const plain = folded(text);
  if (slashLike.test(plain)) throw new UnclearPath('it holds a character that looks like a slash');
  if (!plainAscii.test(text) && Array.from(plain).some((character) => isSign(character) && !text.includes(character)))
    throw new UnclearPath('it holds a stand-in for a punctuation mark');
  if (hasDoubtfulEdge(plain))
    throw new UnclearPath('a part of it begins or ends with a space, a dot, a comma or a bar');
  return plain;
}

/** Small letters, no compatibility forms. */
export function folded(text: string): string {
  if (plainAscii.test(text)) return text.toLowerCase();
  const once = text.normalize('NFKC').toLowerCase().normalize('NFKC');
  // A few letters need a second round.
  return once === text ? once : once.normalize('NFKC').toLowerCase().normalize('NFKC');
}

/** The form in which denied things are compared: also without accents, and letters that share a capital letter are one. */
export function skeleton(text: string): string {
  if (plainAscii.test(text)) return text.toUpperCase();
  return text
    .toUpperCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toUpperCase();
}

/** Windows drops spaces and full stops there; commas and bars separate lists. */
export function hasDoubtfulEdge(text: string): boolean {
  return /^\s|[\s.,|]$/.test(text);
}

function isSign(character: string): boolean {
  return character <= '\u007f' && !/[a-z0-9]/i.test(character);
}
