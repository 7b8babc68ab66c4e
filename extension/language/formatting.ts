// Lays out an mcp.json anew; comments stay where they are, and a file that is too large is left alone. Pure.
import { format } from 'jsonc-parser';
import type { FormattingOptions, Range, TextEdit } from 'vscode-languageserver';
import type { McpDocument } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';

/** In characters. */
const longestText = 2_000_000;

/** Of the whole file, or of the lines of a range. Nothing while brackets or texts are not closed: it would move what is being typed. */
export function formatting(
  document: McpDocument,
  { options, range }: { options: FormattingOptions; range?: Range | undefined },
): TextEdit[] {
  const { text, root, syntaxErrors } = document;
  const content = text.getText();
  if (root === undefined || syntaxErrors.length > 0 || content.length > longestText) return [];
  const span =
    range === undefined
      ? undefined
      : { offset: text.offsetAt(range.start), length: text.offsetAt(range.end) - text.offsetAt(range.start) };
  const { tabSize, insertSpaces, insertFinalNewline } = options;
  const edits = format(content, span, {
    tabSize: Math.min(Math.max(Math.trunc(tabSize) || 2, 1), 16),
    insertSpaces,
    ...(insertFinalNewline === true && range === undefined && { insertFinalNewline }),
    eol: content.includes('\r\n') ? '\r\n' : '\n',
  });
  return edits.map(({ offset, length, content: newText }) => ({
    range: rangeOf(document, offset, offset + length),
    newText,
  }));
}
