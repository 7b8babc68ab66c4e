// Validation of broken text: 50,000 mutations of valid files. Nothing throws, every answer lies within the text, and the work is bounded.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diagnose } from '../../extension/language/diagnostics.ts';
import { parseMcpDocument } from '../../extension/language/mcp-document.ts';
import { quickFixes } from '../../extension/language/quick-fixes.ts';
import { cleanEntries } from '../corpus/clean-entries.ts';
import { createRandom } from '../corpus/random.ts';
import { ruleCases, ruleContext } from '../corpus/rule-cases.ts';
import { searchedRuns, testSeed } from '../support/test-seed.ts';

const cases = searchedRuns(50_000);
/** Quick fixes are asked for in one of so many. */
const fixesEvery = 10;
const random = createRandom(testSeed);
const pick = <T>(values: readonly T[]): T => values[random(values.length)] as T;

const files = [
  ...cleanEntries.map(
    ([server, entry]) => `{\n  // ${server}\n  "mcpServers": ${JSON.stringify({ [server]: entry }, undefined, 2)}\n}\n`,
  ),
  ...Object.values(ruleCases)
    .flat()
    .map(({ text }) => text)
    .filter((text) => text.length < 2_000),
];

const pieces = [
  '"',
  '{',
  '}',
  '[',
  ']',
  ',',
  ':',
  '\\',
  '\\u',
  '\\ud800',
  '/*',
  '*/',
  '//',
  '\n',
  '\u0000',
  '\u2028',
  '\ud83d',
  '😀',
  '\u202e',
  '${',
  '${A',
  '}',
  '"__proto__"',
  '"constructor": 1,',
  '1e999',
  '-',
  'null',
  'true',
  '\ufeff',
  '"mcpServers":',
  '"servers": {',
  '"auth": {"profile":',
  '"guards": ["',
  '"url":',
  'https://a:b@c',
  'eyJ',
  'Bearer ',
  '-----BEGIN ',
];

/** A long one is rare, for it takes as long as many others. */
function hugePiece(): string {
  const length = 1_000 + random(4_000);
  return pick([
    () => '['.repeat(length),
    () => '{"a":'.repeat(length),
    () => `"${'x'.repeat(length * 10)}"`,
    () => `"${'\\"'.repeat(length)}"`,
    () => '"a":1,'.repeat(length),
    () => `"${'*'.repeat(length)}"`,
    () => `"${'a '.repeat(length)}"`,
    () => ' '.repeat(length),
  ])();
}

function mutated(text: string): string {
  const at = random(text.length + 1);
  const length = 1 + random(20);
  switch (random(8)) {
    case 0:
      return text.slice(0, at);
    case 1:
      return text.slice(at);
    case 2:
      return text.slice(0, at) + text.slice(at + length);
    case 3:
      return text.slice(0, at) + pick(pieces) + text.slice(at);
    case 4:
      return text.slice(0, at) + text.slice(at, at + length).repeat(2) + text.slice(at + length);
    case 5: {
      const other = random(text.length + 1);
      const [from, to] = [Math.min(at, other), Math.max(at, other)];
      return text.slice(0, from) + text.slice(to, to + length) + text.slice(from, to) + text.slice(to + length);
    }
    case 6:
      return text.slice(0, at) + String.fromCharCode(random(0x10_000)) + text.slice(at + 1);
    default:
      return random(200) === 0
        ? text.slice(0, at) + hugePiece() + text.slice(at)
        : text.slice(0, at) + pick(pieces) + text.slice(at + 1);
  }
}

test(`rules of mcp.json - ${cases} broken texts are answered without throwing, within bounds`, () => {
  const used = process.cpuUsage();
  let slowest = { time: 0, text: '' };
  for (let index = 0; index < cases; index++) {
    let text = pick(files);
    for (let more = random(3); more >= 0; more--) text = mutated(text);
    const context = index % 2 === 0 ? ruleContext : {};
    const started = performance.now();
    try {
      const document = parseMcpDocument({ uri: 'file:///mcp.json', version: index, text });
      const found = diagnose(document, context);
      assert.ok(found.length <= 1_000);
      for (const { range } of found) {
        const [from, to] = [document.text.offsetAt(range.start), document.text.offsetAt(range.end)];
        assert.ok(from <= to && to <= text.length);
      }
      if (index % fixesEvery === 0) {
        const range = { start: { line: 0, character: 0 }, end: document.text.positionAt(text.length) };
        if (text.length < 10_000) quickFixes(document, context, { diagnostics: [], range });
      }
    } catch (error) {
      throw new Error(`ROCKBOT_TEST_SEED=${testSeed}, case ${index}: ${JSON.stringify(text.slice(0, 2_000))}`, {
        cause: error,
      });
    }
    const time = performance.now() - started;
    if (time > slowest.time) slowest = { time, text: text.slice(0, 200) };
  }
  const { user } = process.cpuUsage(used);
  console.log(
    `${(user / 1e6).toFixed(1)} s of CPU; the slowest took ${slowest.time.toFixed(0)} ms: ${JSON.stringify(slowest.text.slice(0, 80))}`,
  );
  // Wide enough for a busy machine: what is meant is that no text takes for ever.
  assert.ok(slowest.time < 5_000, JSON.stringify(slowest));
});
