// What is no JSON at all: each place where the text stops being JSON with comments, up to the one from which on nothing is sure.
import { printParseErrorCode, type ParseError } from 'jsonc-parser';
import { isOtherEncoding, isTooDeep, syntaxProblems } from '../../../shared/parse-jsonc.ts';
import type { McpDocument } from '../mcp-document.ts';
import { replaceText } from './edits.ts';
import type { FileView } from './file-view.ts';
import type { Finding } from './finding.ts';

/** One mistake can make many. */
const mostErrors = 50;

/** The rest of the file is read as it was meant all the same. */
const local: ReadonlySet<string> = new Set([
  'CommaExpected',
  'InvalidUnicode',
  'InvalidEscapeCharacter',
  'InvalidCharacter',
]);

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
  const lines = new Set<number>();
  for (const error of ownErrors(document).slice(0, mostErrors)) {
    const { offset, length } = error;
    const { line } = document.text.positionAt(offset);
    if (lines.has(line)) continue;
    lines.add(line);
    const message = `This is no JSON: ${problemOf(document, error)}.`;
    yield { code: 'mcp/syntax', from: offset, to: offset + Math.max(length, 1), message };
  }
  if (document.root === undefined && document.syntaxErrors.length === 0) yield emptyFile(document, text);
}

/** Where the text stops being what was meant: errors behind it follow from it. */
export function breakOffset(document: McpDocument): number | undefined {
  const last = ownErrors(document).at(-1);
  return last === undefined || isLocal(last) ? undefined : last.offset;
}

/** Up to the first that others may follow from. */
function ownErrors({ text, syntaxErrors }: McpDocument): readonly ParseError[] {
  const hasMark = text.getText().startsWith('\ufeff');
  const errors = hasMark ? syntaxErrors.filter(({ offset }) => offset > 0) : syntaxErrors;
  const first = errors.findIndex((error) => !isLocal(error));
  return first < 0 ? errors : errors.slice(0, first + 1);
}

function isLocal({ error }: ParseError): boolean {
  return local.has(printParseErrorCode(error));
}

function problemOf({ text, root }: McpDocument, { error, offset }: ParseError): string {
  const code = printParseErrorCode(error);
  if (code === 'EndOfFileExpected' && root?.type !== 'object') return 'the whole file stands between { and }';
  const there = text.getText().slice(offset, offset + 20);
  if (there.startsWith('```')) return 'the ``` around it is of the page that it was copied from: remove it';
  if (/^['\u2018-\u201f\u00ab\u00bb`]/.test(there)) return 'names and texts stand in straight double quotes';
  if (there.startsWith('#')) return 'a comment begins with //';
  const word = /^(?:true|false|null|none)\b/i.exec(there)?.[0].toLowerCase();
  if (code === 'InvalidSymbol' && word !== undefined)
    return `write ${word === 'none' ? 'null' : word} in small letters`;
  return syntaxProblems[code] ?? 'this is no JSON';
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
