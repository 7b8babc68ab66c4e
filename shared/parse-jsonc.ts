// JSON with comments and trailing commas as a value; what is wrong with it is said in plain words with its line.
import { parse, printParseErrorCode, type ParseError } from 'jsonc-parser';
import { findDuplicateKey } from './duplicate-key.ts';

export type ParsedJsonc = { ok: true; value: unknown } | { ok: false; problem: string };

/** jsonc-parser's error codes in words. */
export const syntaxProblems: Readonly<Record<string, string>> = {
  InvalidSymbol: 'an unknown word',
  InvalidNumberFormat: 'a number is malformed',
  PropertyNameExpected: 'a name in double quotes is expected',
  ValueExpected: 'a value is expected',
  ColonExpected: 'a colon is expected',
  CommaExpected: 'a comma is expected',
  CloseBraceExpected: 'a closing } is missing',
  CloseBracketExpected: 'a closing ] is missing',
  EndOfFileExpected: 'there is text after the end',
  UnexpectedEndOfComment: 'a comment is not closed',
  UnexpectedEndOfString: 'a text is not closed',
  UnexpectedEndOfNumber: 'a number is not complete',
  InvalidUnicode: 'a \\u escape is malformed',
  InvalidEscapeCharacter: 'an escape in a text is malformed',
  InvalidCharacter: 'a character is not allowed here',
};

export function parseJsonc(given: string): ParsedJsonc {
  if (isOtherEncoding(given)) return { ok: false, problem: 'the file is UTF-16 or no text at all: save it as UTF-8' };
  const text = given.replace(/^\ufeff/, '');
  if (isTooDeep(text)) return { ok: false, problem: 'it is nested too deeply' };
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  const [syntax] = errors;
  if (syntax === undefined) {
    const twice = findDuplicateKey(text);
    if (twice === undefined) return { ok: true, value };
    return {
      ok: false,
      problem: `line ${twice.line}: "${twice.name}" stands twice in one object; only one can be meant`,
    };
  }
  const line = text.slice(0, syntax.offset).split('\n').length;
  return {
    ok: false,
    problem: `line ${line}: ${syntaxProblems[printParseErrorCode(syntax.error)] ?? 'this is no JSON'}`,
  };
}

/** UTF-16 and UTF-32 that were read as UTF-8: their byte order mark is none there, and their ASCII has null characters. */
export function isOtherEncoding(text: string): boolean {
  return text.startsWith('\ufffd\ufffd') || text.includes('\u0000');
}

/** The parser calls itself once a level. */
const maxDepth = 500;

/** Brackets in texts and comments count, too: nobody writes so many. */
export function isTooDeep(text: string): boolean {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    // `[` or `{`, `]` or `}`
    if (code === 0x5b || code === 0x7b) depth++;
    else if (code === 0x5d || code === 0x7d) depth--;
    if (depth > maxDepth) return true;
  }
  return false;
}
