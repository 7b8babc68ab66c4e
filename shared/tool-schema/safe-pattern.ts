// Decides whether a regular expression of a stranger may run: it must end quickly on any text that it is given.
import { parsePattern } from './parse-pattern.ts';
import { patternCost } from './pattern-cost.ts';

/** Characters of a text; longer ones are not compared with a pattern. */
export const checkedTextLength = 1_024;
const maxPatternLength = 500;
/** Some tenths of a second at the very worst. */
const maxSteps = 10_000_000;

/** False for what does not compile, and for what can take long on a text of `checkedTextLength` characters. */
export function isSafePattern(pattern: string): boolean {
  if (pattern.length > maxPatternLength) return false;
  let source: string;
  try {
    ({ source } = new RegExp(pattern, 'u'));
  } catch {
    return false;
  }
  const parsed = parsePattern(source);
  return parsed !== undefined && patternCost(parsed, checkedTextLength) <= maxSteps;
}

/** The same pattern, which every text matches that is longer than `checkedTextLength`. */
export function forShortTexts(pattern: string): string {
  return `^[^]{${checkedTextLength + 1}}|(?:${pattern})`;
}
