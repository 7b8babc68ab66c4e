// Which parts of an mcp.json can be folded: what stands between brackets, and comments of several lines; pure.
import { createScanner } from 'jsonc-parser';
import { FoldingRangeKind, type FoldingRange } from 'vscode-languageserver';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import type { McpDocument } from './mcp-document.ts';

const mostRanges = 5_000;
const { openBrace, closeBrace, openBracket, closeBracket, lineComment, blockComment, lineBreak, space, end } =
  jsoncToken;

/** In the order of their first lines; bounded. */
export function folding({ text }: McpDocument): FoldingRange[] {
  const ranges: FoldingRange[] = [];
  const open: { line: number; closer: number }[] = [];
  let comments: { first: number; last: number } | undefined;
  const scanner = createScanner(text.getText(), false);
  const lineAt = (offset: number): number => text.positionAt(offset).line;
  const add = (range: FoldingRange): void => {
    if (range.endLine > range.startLine && ranges.length < mostRanges) ranges.push(range);
  };
  const endComments = (): void => {
    if (comments !== undefined)
      add({ startLine: comments.first, endLine: comments.last, kind: FoldingRangeKind.Comment });
    comments = undefined;
  };
  for (let token: number = scanner.scan(); token !== end; token = scanner.scan()) {
    if (token === lineBreak || token === space) continue;
    const line = lineAt(scanner.getTokenOffset());
    if (token === lineComment) {
      // Comments on lines that follow each other are one.
      if (comments?.last === line - 1) comments.last = line;
      else {
        endComments();
        comments = { first: line, last: line };
      }
      continue;
    }
    endComments();
    if (token === blockComment)
      add({
        startLine: line,
        endLine: lineAt(scanner.getTokenOffset() + scanner.getTokenLength()),
        kind: FoldingRangeKind.Comment,
      });
    else if (token === openBrace || token === openBracket)
      open.push({ line, closer: token === openBrace ? closeBrace : closeBracket });
    else if (open.at(-1)?.closer === token) {
      const { line: startLine = line } = open.pop() ?? {};
      // The closing bracket stays in sight.
      add({ startLine, endLine: line - 1 });
    }
  }
  endComments();
  return ranges.sort((left, right) => left.startLine - right.startLine);
}
