// Hover, lenses, hints, outline, folding, formatting, rename and links of mcp.json, on one sample file.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parse } from 'jsonc-parser';
import type { Hover } from 'vscode-languageserver';
import { codeLenses } from '../../extension/language/code-lenses.ts';
import { documentLinks } from '../../extension/language/document-links.ts';
import { folding } from '../../extension/language/folding.ts';
import { formatting } from '../../extension/language/formatting.ts';
import { hover } from '../../extension/language/hover.ts';
import { inlayHints } from '../../extension/language/inlay-hints.ts';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { outline } from '../../extension/language/outline.ts';
import { prepareRename, rename } from '../../extension/language/rename.ts';
import type { AuthStatus } from '../../shared/contract/auth-state.ts';
import {
  applied,
  assertLanguageGolden,
  documentOf,
  markedDocument,
  positionOf,
  sampleContext,
  sampleText,
} from '../support/language-samples.ts';

const sample = documentOf(sampleText);
const options = { tabSize: 2, insertSpaces: true };

function words(shown: Hover | null): string | null {
  if (shown === null) return null;
  const { contents } = shown;
  const one = Array.isArray(contents) ? contents : [contents];
  return one.map((part) => (typeof part === 'string' ? part : part.value)).join('\n');
}

describe('language - hover', () => {
  const places: Record<string, string> = {
    'a server': '"workiq": {',
    'a server that waits for a sign-in': '"mail": {',
    'a server that is not in force': '"tickets": {',
    'a key': '"allowedTools"',
    'a key of limits': '"callsPerDay"',
    'a type': '"stdio"',
    'a published address': '"https://workiq.',
    'a profile': '"workiq" },',
    'a tool': '"fetch",',
    'a pattern of tools': '"search_*"',
    'a preset': '"no-send"',
    'a rule that allows': '"fetch /me/',
    'a rule that denies': '"do_action **',
    'a variable that is set': '${TICKETS_KEY}',
    'a variable that is not set': '${NOT_SET}',
    'the tenant': '${WORKIQ_TENANT_ID}',
    'a comment': 'Servers of',
  };

  for (const [name, context] of Object.entries({ 'with-agent': sampleContext, 'without-agent': {} }))
    test(`language - hover says what stands there, ${name.replace('-', ' ')}`, async () => {
      const all: Record<string, string | null> = {};
      for (const [place, part] of Object.entries(places))
        all[place] = words(await hover(sample, context, { position: positionOf(sample, part) }));
      await assertLanguageGolden(`hover-${name}`, all);
    });

  test('language - hover shows text of a tool as text, without its links', async () => {
    const text = words(await hover(sample, sampleContext, { position: positionOf(sample, '"fetch",') }));
    assert.doesNotMatch(text ?? '', /(?<!\\)(?:\]\(https|\*entities)/);
  });
});

describe('language - lenses', () => {
  const lines = (context: LanguageContext): string[] =>
    codeLenses(sample, context).map(
      ({ range, command }) =>
        `${range.start.line}: ${command?.title ?? ''} -> ${command?.command ?? ''} ${JSON.stringify(command?.arguments ?? [])}`,
    );

  test('language - lenses say state and tools of each server, and what can be done', async () => {
    await assertLanguageGolden('code-lenses', lines(sampleContext));
  });

  test('language - lenses: without an agent there are none', () => {
    assert.deepEqual(lines({}), []);
  });

  for (const [status, title] of [
    ['not_connected', 'Connect M365'],
    ['expired', 'Reconnect M365'],
    ['connected', undefined],
  ] as const)
    test(`language - lenses offer ${title ?? 'no sign-in'} while the sign-in is ${status}`, () => {
      const titles = lines(withStatus(status)).filter((line) => line.startsWith('4:') && line.includes('onnect M365'));
      assert.equal(titles.length, title === undefined ? 0 : 1);
      if (title !== undefined) assert.ok(titles[0]?.includes(title));
    });

  function withStatus(status: AuthStatus): LanguageContext {
    const { agent } = sampleContext;
    assert.ok(agent?.auth);
    return { agent: { ...agent, auth: { ...agent.auth, status } } };
  }
});

test('language - hints expand the tenant and nothing else', async () => {
  const hints = inlayHints(sample, sampleContext);
  await assertLanguageGolden('inlay-hints', hints);
  assert.equal(hints.length, 2);
  assert.deepEqual(inlayHints(sample, {}), []);
  const { line } = positionOf(sample, '"mail"');
  const range = { start: { line, character: 0 }, end: { line: line + 2, character: 0 } };
  assert.equal(inlayHints(sample, sampleContext, { range }).length, 1);
});

test('language - outline has the servers with their keys and no secret part of an address', async () => {
  await assertLanguageGolden('outline', outline(sample));
  const withSecret = documentOf('{"mcpServers":{"a":{"url":"https://user:hunter2@x.example/hunter2"},"":{}}}');
  const symbols = outline(withSecret);
  assert.doesNotMatch(JSON.stringify(symbols), /hunter2/);
  assert.equal(symbols[0]?.children?.[0]?.detail, 'x.example');
  assert.equal(symbols[0]?.children?.[1]?.name, '""');
});

test('language - folding has brackets and comments of several lines', async () => {
  await assertLanguageGolden('folding', folding(sample));
  assert.deepEqual(folding(documentOf('{ "mcpServers": { "a": {\n\n')), []);
});

describe('language - formatting', () => {
  const crooked =
    '{ // first\n"mcpServers":{"a":{"url":"https://x/mcp",/* why */"headers":{}},\n\n"b":{"command":"c"}}} // last';

  test('language - formatting lays out anew and keeps every comment and value', async () => {
    const after = applied(documentOf(crooked), formatting(documentOf(crooked), { options }));
    await assertLanguageGolden('formatting', after.split('\n'));
    assert.deepEqual(parse(after), parse(crooked));
    assert.deepEqual(formatting(documentOf(after), { options }), [], 'a second time changes nothing');
    assert.match(applied(sample, formatting(sample, { options })), /\/\* The older\n +catalogue\. \*\//);
  });

  test('language - formatting of a part leaves the rest alone', () => {
    const range = { start: { line: 3, character: 0 }, end: { line: 3, character: 10 } };
    const edits = formatting(documentOf(crooked), { options, range });
    assert.ok(edits.every(({ range: { start } }) => start.line >= 1));
    assert.ok(applied(documentOf(crooked), edits).startsWith('{ // first\n"mcpServers"'));
  });

  test('language - formatting leaves a file alone that is broken, or too large', () => {
    assert.deepEqual(formatting(documentOf('{ "a": [1, }'), { options }), []);
    assert.deepEqual(formatting(documentOf(`[${'1,'.repeat(1_000_001)}1]`), { options }), []);
  });
});

describe('language - rename', () => {
  const position = positionOf(sample, '"mail": {', 3);

  test('language - rename changes the name of a server, and nothing that is called the same', () => {
    assert.equal(prepareRename(sample, { position })?.placeholder, 'mail');
    const renamed = rename(sample, { position, newName: 'post box' });
    assert.ok(renamed.ok);
    assert.equal(applied(sample, renamed.edits), sampleText.replace('"mail": {', '"post box": {'));
  });

  for (const newName of ['workiq', '', 'a\nb', '__proto__', 'x'.repeat(65), 'quote"'])
    test(`language - rename refuses ${JSON.stringify(newName).slice(0, 20)}`, () => {
      const renamed = rename(sample, { position, newName });
      assert.ok(!renamed.ok && renamed.problem.endsWith('.'), JSON.stringify(renamed));
    });

  for (const marked of ['{"mcpServers":{"a":{"u‸rl":"x"}}}', '{"mcp‸Servers":{}}', '{"mcpServers":{"a‸', '‸'])
    test(`language - rename is for names of servers alone: ${marked}`, () => {
      const { document, position: at } = markedDocument(marked);
      assert.equal(prepareRename(document, { position: at }), undefined);
      assert.equal(rename(document, { position: at, newName: 'new' }).ok, false);
    });
});

test('language - links lead from each variable to the guide', async () => {
  await assertLanguageGolden('document-links', documentLinks(sample, { target: 'command:guide' }));
});
