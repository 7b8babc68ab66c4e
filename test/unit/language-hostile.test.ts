// The help of mcp.json over text that is broken in every way that typing breaks it: it never throws, and ends in time.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { codeLenses } from '../../extension/language/code-lenses.ts';
import { completion } from '../../extension/language/completion.ts';
import { documentLinks } from '../../extension/language/document-links.ts';
import { folding } from '../../extension/language/folding.ts';
import { formatting } from '../../extension/language/formatting.ts';
import { hover } from '../../extension/language/hover.ts';
import { inlayHints } from '../../extension/language/inlay-hints.ts';
import type { LanguageContext } from '../../extension/language/language-context.ts';
import { outline } from '../../extension/language/outline.ts';
import { prepareRename, rename } from '../../extension/language/rename.ts';
import { documentOf, sampleContext, sampleText } from '../support/language-samples.ts';

/** The same numbers in every run. */
function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const pieces = [
  ...'{}[]":,\\/*$\n\t \u0000\u2028'.split(''),
  '\ud800',
  '"mcpServers": {',
  '"servers": {',
  '"url": "${',
  '"guards": ',
  '"guards": { "deny": ["',
  '"allowedTools": [',
  '"auth": { "profile": ',
  '"$schema": "https://x/y"',
  '//',
  '/*',
  '*/',
  '__proto__',
  '"constructor": ',
  'null',
  '1e999',
  '\\ud83d',
  '😀',
];

function mutated(text: string, random: (below: number) => number): string {
  let result = text;
  for (let change = random(4); change >= 0; change--) {
    const at = random(result.length + 1);
    const length = random(random(10) === 0 ? 200 : 6);
    switch (random(4)) {
      case 0:
        result = result.slice(0, at) + result.slice(at + length);
        break;
      case 1:
        result = result.slice(0, at) + (pieces[random(pieces.length)] ?? '') + result.slice(at);
        break;
      case 2:
        result = result.slice(0, at) + result.slice(at, at + length).repeat(2) + result.slice(at + length);
        break;
      default:
        result = result.slice(0, random(20) === 0 ? at : result.length);
    }
  }
  return result;
}

const options = { tabSize: 2, insertSpaces: true };

async function everything(text: string, offsets: readonly number[], context: LanguageContext): Promise<void> {
  const document = documentOf(text);
  codeLenses(document, context);
  inlayHints(document, context);
  for (const { name } of outline(document)) assert.notEqual(name, '');
  for (const { startLine, endLine } of folding(document)) assert.ok(endLine > startLine);
  documentLinks(document, { target: 'x' });
  formatting(document, { options });
  for (const offset of offsets) {
    const position = document.text.positionAt(offset);
    for (const item of await completion(document, context, { position })) assert.equal(typeof item.label, 'string');
    await hover(document, context, { position });
    if (prepareRename(document, { position }) !== undefined) rename(document, { position, newName: 'new name' });
  }
}

describe('language - hostile text', () => {
  const short =
    '{"mcpServers":{"workiq":{"url":"https://x/${A}","guards":{"allow":["fetch /me"]},"allowedTools":["a"]}}}';

  /** With four seeds and four places in each text 50 000 cases. */
  const rounds = 3_125;
  for (let seed = 1; seed <= 4; seed++)
    test(`language - help over mutations of a valid file never throws, seed ${seed}`, async () => {
      const random = seeded(seed);
      for (let round = 0; round < rounds; round++) {
        const text = mutated(round % 4 === 0 ? sampleText : short, random);
        const offsets = Array.from({ length: 4 }, () => random(text.length + 1));
        try {
          await everything(text, offsets, round % 3 === 0 ? {} : sampleContext);
        } catch (cause) {
          throw new Error(`failed for ${JSON.stringify(text)} at ${offsets.join()}`, { cause });
        }
      }
    });

  test('language - help at every position of a valid file never throws', async () => {
    await everything(
      sampleText,
      Array.from({ length: sampleText.length + 1 }, (_, offset) => offset),
      sampleContext,
    );
  });

  const deep = 20_000;
  for (const [name, text] of Object.entries({
    'open brackets': '['.repeat(deep),
    'open objects': '{"a":'.repeat(deep),
    'quotes without end': '"'.repeat(deep),
    'one long text': `{"mcpServers":{"a":{"url":"${'${A}'.repeat(deep)}"}}}`,
    backslashes: `{"mcpServers":{"a":{"url":"${'\\'.repeat(deep)}`,
    'many servers': `{"mcpServers":{${Array.from({ length: 5_000 }, (_, at) => `"s${at}":{}`).join()}}}`,
    comments: '/*'.repeat(deep),
    'many rules': `{"mcpServers":{"a":{"guards":{"deny":[${'"* **/a/*/b",'.repeat(5_000)}]}}}}`,
  }))
    test(`language - help ends in time over ${name}`, { timeout: 60_000 }, async () => {
      await everything(text, [0, 10, text.length >> 1, text.length - 3, text.length], sampleContext);
    });
});
