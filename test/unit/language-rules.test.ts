// Rules of mcp.json: what is found in small files with mistakes, where, in which words, and that each quick fix repairs it.
// With ROCKBOT_UPDATE_GOLDEN=1 the golden file is written instead, for a person to review.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Diagnostic, TextEdit } from 'vscode-languageserver';
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument, type McpDocument } from '../../extension/language/mcp-document.ts';
import { quickFixes } from '../../extension/language/quick-fixes.ts';
import { ruleCodes } from '../../extension/language/rules/rule-codes.ts';
import { ruleCases, type RuleCase } from '../corpus/rule-cases.ts';

const uri = 'file:///mcp.json';
const golden = new URL('../golden/mcp-json-rules.json', import.meta.url);
const severities = ['', 'error', 'warning', 'information'];

interface SeenFix {
  title: string;
  result: string;
}

interface Seen {
  diagnostic: Diagnostic;
  fixes: SeenFix[];
}

const parsed = (text: string, at = uri): McpDocument => parseMcpDocument({ uri: at, version: 1, text });

function look({ text, context = {}, uri: at }: RuleCase): Seen[] {
  const document = parsed(text, at);
  return diagnose(document, context).map((diagnostic) => ({
    diagnostic,
    fixes: quickFixes(document, context, { diagnostics: [diagnostic], range: diagnostic.range })
      .filter((action) => action.diagnostics?.some((one) => JSON.stringify(one) === JSON.stringify(diagnostic)))
      .map(({ title, edit }) => ({ title, result: applied(document, edit?.changes?.[document.text.uri] ?? []) })),
  }));
}

function applied(document: McpDocument, edits: TextEdit[]): string {
  return TextDocument.applyEdits(document.text, edits);
}

function underlined(text: string, { range }: Diagnostic): string {
  const { text: document } = parsed(text);
  return text.slice(document.offsetAt(range.start), document.offsetAt(range.end)).slice(0, 120);
}

/** One line a diagnostic: what is underlined, and what is said; below it the fixes. */
function shown(one: RuleCase): object[] {
  return look(one).map(({ diagnostic, fixes }) => ({
    [`${severities[diagnostic.severity ?? 0]} ${String(diagnostic.code)}`]: underlined(one.text, diagnostic),
    message: diagnostic.message,
    ...(fixes.length > 0 && {
      fixes: Object.fromEntries(fixes.map(({ title, result }) => [title, result.split('\n')])),
    }),
  }));
}

test('rules of mcp.json - what they find and how it is repaired is as the golden file has it', async () => {
  const actual = Object.fromEntries(
    Object.entries(ruleCases).flatMap(([code, cases]) => cases.map((one) => [`${code}: ${one.title}`, shown(one)])),
  );
  if (process.env['ROCKBOT_UPDATE_GOLDEN'] === '1') {
    await writeFile(golden, `${JSON.stringify(actual, undefined, 2)}\n`);
    return;
  }
  assert.deepEqual(actual, JSON.parse(await readFile(golden, 'utf8')));
});

/** Cases that show when a rule says nothing. */
const silent: ReadonlySet<string> = new Set([
  'same-address: of two profiles',
  'same-address: one is off',
  'unset-variable: without an agent',
  'not-over-bus: an entry of the operator',
  'not-over-bus: no bound',
  'not-over-bus: a file on this machine',
  'bad-url: a variable',
  'insecure-url: on this machine',
  'origin-not-allowed: without an agent',
  'unknown-tool: of a server that is down',
  'unknown-tool: of a list that is cut',
  'guards-never-match: rules that only overlap',
]);

describe('rules of mcp.json - each by itself', () => {
  test('rules of mcp.json - every code has a case', () => {
    assert.deepEqual(
      Object.keys(ruleCases)
        .map((code) => `mcp/${code}`)
        .sort(),
      Object.keys(ruleCodes).sort(),
    );
  });

  for (const [code, cases] of Object.entries(ruleCases))
    for (const one of cases) {
      const name = `${code}: ${one.title}`;
      const isSilent = silent.has(name);
      test(`rules of mcp.json - ${name} - ${isSilent ? 'nothing is said' : 'it is found'}`, () => {
        const codes = look(one).map(({ diagnostic }) => diagnostic.code);
        assert.equal(codes.includes(`mcp/${code}`), !isSilent, codes.join());
      });

      test(`rules of mcp.json - ${name} - each quick fix makes what it is for vanish and breaks nothing`, () => {
        for (const { diagnostic, fixes } of look(one))
          for (const { title, result } of fixes) {
            const [before, after] = [one.text, result].map((text) =>
              diagnose(parsed(text, one.uri), one.context ?? {}),
            );
            const count = (all: Diagnostic[] = [], like: (code: unknown) => boolean): number =>
              all.filter((d) => like(d.code)).length;
            const same = (wanted: unknown): boolean => wanted === diagnostic.code;
            assert.ok(
              count(after, same) < count(before, same),
              `${title}\n${result}\n${after?.map((d) => d.message).join('\n')}`,
            );
            const isSyntax = (wanted: unknown): boolean => wanted === 'mcp/syntax' || wanted === 'mcp/duplicate-key';
            assert.ok(count(after, isSyntax) <= count(before, isSyntax), `${title}\n${result}`);
          }
      });
    }
});

test('rules of mcp.json - no message repeats a credential [P6]', () => {
  for (const one of ruleCases['secret'] ?? [])
    for (const { diagnostic, fixes } of look(one))
      assert.doesNotMatch([diagnostic.message, ...fixes.map(({ title }) => title)].join(), /hunter|nter2/);
});

test('rules of mcp.json - each code has a section in the guide, which diagnostics lead to', async () => {
  const guide = await readFile(new URL('../../docs/mcp-json.md', import.meta.url), 'utf8');
  const anchors = new Set(
    Array.from(guide.matchAll(/^#{2,4} `?(mcp\/[\w-]+)`?$/gm), ([, code = '']) => code.replace('/', '')),
  );
  for (const code of Object.keys(ruleCodes)) assert.ok(anchors.has(code.replace('/', '')), `${code} is not explained`);
  const [first] = diagnose(parsed(''), {}, { linkTo: (heading) => `file:///guide.md#${heading}` });
  assert.equal(first?.codeDescription?.href, 'file:///guide.md#mcpempty-file');
});
