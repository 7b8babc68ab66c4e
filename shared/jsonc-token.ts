// The kinds of tokens of jsonc-parser's scanner (`SyntaxKind`), which it has as constants of TypeScript alone.

export const jsoncToken = {
  openBrace: 1,
  closeBrace: 2,
  openBracket: 3,
  closeBracket: 4,
  comma: 5,
  colon: 6,
  text: 10,
  lineComment: 12,
  blockComment: 13,
  lineBreak: 14,
  space: 15,
  end: 17,
} as const;
