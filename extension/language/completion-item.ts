// Makes completion items that replace what is being written, with quotes and a comma where they are missing; pure.
import { createScanner } from 'jsonc-parser';
import { InsertTextFormat, type CompletionItem } from 'vscode-languageserver';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import type { PlacedRequest } from './completion.ts';
import { rangeOf } from './mcp-place.ts';

type ItemParts = Omit<CompletionItem, 'textEdit' | 'insertText'>;

/** A JSON text in place of the one that the position is in, or of the word before it. */
export function textItem(request: PlacedRequest, value: string, parts: ItemParts): CompletionItem {
  const { from, to } = replacedSpan(request);
  const text = JSON.stringify(value);
  return {
    ...parts,
    filterText: request.place.string === undefined ? value : text,
    textEdit: { range: rangeOf(request.document, from, to), newText: text + commaAfter(request, to) },
  };
}

/** A member of an object, as a snippet that brings its own quotes. */
export function memberItem(request: PlacedRequest, snippet: string, parts: ItemParts): CompletionItem {
  const { from, to } = replacedSpan(request);
  const filter = parts.filterText ?? parts.label;
  return {
    ...parts,
    filterText: request.place.string === undefined ? filter : `"${filter}"`,
    insertTextFormat: InsertTextFormat.Snippet,
    textEdit: { range: rangeOf(request.document, from, to), newText: snippet + commaAfter(request, to) },
  };
}

function replacedSpan({ document, place, offset }: PlacedRequest): { from: number; to: number } {
  if (place.string !== undefined) return place.string;
  const before = document.text.getText().slice(Math.max(0, offset - longestWord), offset);
  return { from: offset - (/[\w.*/-]*$/.exec(before)?.[0].length ?? 0), to: offset };
}

const longestWord = 200;
const endTokens: ReadonlySet<number> = new Set([
  jsoncToken.closeBrace,
  jsoncToken.closeBracket,
  jsoncToken.comma,
  jsoncToken.end,
]);

function commaAfter({ document }: PlacedRequest, offset: number): string {
  return endTokens.has(tokenAfter(document.text.getText(), offset)) ? '' : ',';
}

/** A `jsoncToken`: what comes next, comments left out. */
export function tokenAfter(text: string, offset: number): number {
  const scanner = createScanner(text, true);
  scanner.setPosition(offset);
  return scanner.scan();
}
