// Text from outside in markdown that is pasted elsewhere: it stays text there, and readable before it is drawn.
import { cleanLine } from './clean-text.ts';

/** One line; every character that means something in markdown or HTML stands for itself. */
export function escapePasted(text: string): string {
  return cleanLine(text)
    .replace(/[\\`*_{}[\]<>#|~!&]/g, '\\$&')
    .replace(/^(\s*)([-+]|\d+[.)])(?=\s)/, '$1\\$2')
    .replace(/\b(https?|ftp|mailto)(:)/gi, '$1\\$2');
}
