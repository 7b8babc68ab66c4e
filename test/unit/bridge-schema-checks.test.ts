// Schemas and data that a server made to keep the agent busy: each check ends soon, in a process of its own that is given up on
// when it does not.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { describe, test } from 'node:test';
import { promisify } from 'node:util';
import { schemaProblems } from '../../agent/bridge/schema-checks.ts';
import { within } from '../../agent/bridge/time-bound.ts';

const run = promisify(execFile);
/** Far above what any check takes; without a bound each takes minutes. */
const timeoutMs = 20_000;

const text = (schema: string, value = "'a'.repeat(1_000) + '!'"): { schema: string; value: string } => ({
  schema: `{ properties: { a: ${schema} } }`,
  value: `{ a: ${value} }`,
});
const ones = 'Array.from({ length: 100_000 }, (_, index) => index)';

const hostile: Record<string, { schema: string; value: string }> = {
  'several repetitions of the same characters': text("{ pattern: '^a*a*a*a*b$' }"),
  'repetitions on a text of 200 kB': text("{ pattern: 'a*b' }", "'a'.repeat(200_000)"),
  'many characters that may be left out': text("{ pattern: 'a?'.repeat(200) + 'a'.repeat(200) + 'b' }"),
  'many choices that are the same': text("{ pattern: '(?:a|a)'.repeat(60) + 'b' }"),
  'a repetition of nothing': text("{ pattern: '(?:){1000000000}b' }"),
  'a back reference': text("{ pattern: '(a*)*\\\\1b' }"),
  'a look behind': text("{ pattern: '(?<=(?:a+)+c)b' }"),
  'patterns by the thousand': text("{ allOf: Array.from({ length: 5_000 }, (_, n) => ({ pattern: 'a*b' + n })) }"),
  'a pattern for names on a long name': {
    schema: "{ patternProperties: { 'a*b': {} } }",
    value: "{ ['a'.repeat(200_000)]: 1 }",
  },
  'many schemas for each of many items': text(
    "{ items: { allOf: Array.from({ length: 30_000 }, () => ({ type: 'integer' })) } }",
    ones,
  ),
  'items that may not be there twice': text('{ uniqueItems: true }', ones),
  'choices by the thousand': text(`{ items: { enum: ${ones}.map(String) } }`, ones),
  'references that double': {
    schema: `{ $ref: '#/$defs/d0', $defs: Object.fromEntries(Array.from({ length: 60 }, (_, n) =>
      ['d' + n, n === 59 ? {} : { allOf: [{ $ref: '#/$defs/d' + (n + 1) }, { $ref: '#/$defs/d' + (n + 1) }] }])) }`,
    value: '{}',
  },
};

describe('schema checks - hostile servers', () => {
  for (const [what, { schema, value }] of Object.entries(hostile)) {
    test(`schema checks - ${what} do not hold up the agent`, async () => {
      const module = new URL('../../agent/bridge/schema-checks.ts', import.meta.url).href;
      const program = `
        const { schemaProblems } = await import(${JSON.stringify(module)});
        const schema = ${schema};
        // Twice: what took too long is not tried again.
        for (let time = 0; time < 2; time++) schemaProblems(${value}, schema);
        console.log('done');`;
      const args = ['--input-type=module', '--eval', program];
      const { stdout } = await run(process.execPath, args, { timeout: timeoutMs });
      assert.equal(stdout.trim(), 'done');
    });
  }
});

describe('schema checks - what is checked', () => {
  test('schema checks - patterns hold for short texts and say nothing about long ones', () => {
    const schema = { properties: { a: { pattern: '^a+$' }, b: { not: { pattern: 'x' } } } };
    assert.deepEqual(schemaProblems({ a: 'aab' }, schema), [
      { text: 'a: This does not have the form the tool expects: ^a+$', place: '/a' },
    ]);
    assert.deepEqual(schemaProblems({ a: `${'a'.repeat(1_024)}b` }, schema), []);
    assert.deepEqual(schemaProblems({ a: 'a'.repeat(1_024) }, schema), []);
  });

  test('schema checks - a value that is called "pattern" is no pattern', () => {
    const schema = { properties: { a: { const: { pattern: 'x' } }, pattern: { type: 'string' } } };
    assert.deepEqual(schemaProblems({ a: { pattern: 'x' }, pattern: 'y' }, schema), []);
    assert.equal(schemaProblems({ a: { pattern: 'y' }, pattern: 1 }, schema).length, 2);
  });

  test('schema checks - the place of a problem names what the schema names, and no data', () => {
    const schema = {
      properties: {
        people: { type: 'array', items: { additionalProperties: { properties: { age: { type: 'number' } } } } },
      },
    };
    assert.deepEqual(
      schemaProblems({ people: [{ adele: { age: 'x' } }] }, schema).map(({ place }) => place),
      ['/people/0/*/age'],
    );
  });

  test('schema checks - names that only a pattern allows which is left out are no strangers', () => {
    const schema = { patternProperties: { '^(a+)+$': {}, '^b': { type: 'string' } }, additionalProperties: false };
    assert.deepEqual(schemaProblems({ aaa: 1, c: 1 }, schema), []);
    assert.equal(schemaProblems({ aaa: 1, b: 1 }, schema).length, 1);
  });
});

describe('time bound', () => {
  test('time bound - what takes longer is ended, also within a regular expression; the rest has its value or its error', () => {
    assert.equal(
      within(50, () => /^(?:a+)+$/.test(`${'a'.repeat(60)}!`)),
      undefined,
    );
    assert.deepEqual(
      within(10_000, () => 1),
      { value: 1 },
    );
    assert.throws(
      () =>
        within(10_000, () => {
          throw new RangeError('own');
        }),
      RangeError,
    );
  });
});
