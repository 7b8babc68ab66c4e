// What is no JSON at all: every place where the text stops being JSON with comments.
import { printParseErrorCode } from 'jsonc-parser';
import { isOtherEncoding, isTooDeep, syntaxProblems } from '../../../shared/parse-jsonc.ts';
import type { McpDocument } from '../mcp-document.ts';
import { replaceText } from './edits.ts';
import type { FileView } from './file-view.ts';
import type { Finding } from './finding.ts';

/** One mistake can make many. */
const mostErrors = 50;

export function* findSyntaxErrors({ document }: FileView): Generator<Finding> {
  const text = document.text.getText();
  const whole = { from: 0, to: Math.min(text.length, 1) };
  if (isOtherEncoding(text)) {
    yield { code: 'mcp/syntax', ...whole, message: 'The file is UTF-16 or no text at all: save it as UTF-8.' };
    return;
  }
  if (isTooDeep(text)) {
    yield { code: 'mcp/syntax', ...whole, message: 'The file is nested too deeply to be read.' };
    return;
  }
  const hasMark = text.startsWith('\ufeff');
  for (const { error, offset, length } of document.syntaxErrors.slice(0, mostErrors)) {
    if (hasMark && offset === 0) continue;
    const words = syntaxProblems[printParseErrorCode(error)] ?? 'this is no JSON';
    yield { code: 'mcp/syntax', from: offset, to: offset + Math.max(length, 1), message: `This is no JSON: ${words}.` };
  }
  if (document.root === undefined && document.syntaxErrors.length === 0) yield emptyFile(document, text);
}

function emptyFile(document: McpDocument, text: string): Finding {
  const start = '{\n  "mcpServers": {}\n}\n';
  return {
    code: 'mcp/empty-file',
    from: 0,
    to: text.length,
    message: 'The file is empty, and the agent keeps what it had. Write {} for no servers.',
    fixes: () => [
      {
        title: 'Start with an empty list of servers',
        edits: [
          replaceText(document, text.length, text.length, `${text.endsWith('\n') || text === '' ? '' : '\n'}${start}`),
        ],
      },
    ],
  };
}
