// Schemas made to break a form: it stays small, answers, and harms nothing.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Field } from '../../extension/tool-form/form-field.ts';
import { argumentsToSend, editJson, openPage, type FormPage } from '../../extension/tool-form/form-page.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';

/** Far above what any takes; without bounds some would run for ever. */
const timeout = 20_000;

const head = { server: 's', name: 'n', title: 'N', description: '', sideEffects: 'read' } as const;

function open(inputSchema: unknown, values: JsonObject = {}): FormPage {
  return openPage(
    {
      type: 'show',
      target: { server: 's', tool: 'n' },
      revision: 0,
      head,
      inputSchema: inputSchema as JsonObject,
      arguments: values,
      run: { kind: 'idle' },
    },
    undefined,
  );
}

function fieldCount(field: Field): number {
  if (field.kind === 'group') return field.fields.reduce((sum, member) => sum + fieldCount(member), 1);
  if (field.kind === 'list') return 1 + fieldCount(field.item);
  if (field.kind === 'variant') return field.alternatives.reduce((sum, member) => sum + fieldCount(member), 1);
  return 1;
}

function nested(levels: number, wrap: (inner: unknown) => unknown, core: unknown = { type: 'string' }): unknown {
  let schema = core;
  for (let level = 0; level < levels; level++) schema = wrap(schema);
  return schema;
}

const chain = (keyword: 'allOf' | 'anyOf' | 'oneOf'): unknown => ({
  type: 'object',
  properties: { a: { $ref: '#/$defs/d0' } },
  $defs: Object.fromEntries(
    Array.from({ length: 60 }, (_, index) => [
      `d${index}`,
      index === 59
        ? { type: 'string' }
        : { [keyword]: [{ $ref: `#/$defs/d${index + 1}` }, { $ref: `#/$defs/d${index + 1}` }] },
    ]),
  ),
});

const tree = {
  type: 'object',
  properties: { name: { type: 'string' }, children: { type: 'array', items: { $ref: '#' } } },
  required: ['name'],
};

const schemas: Record<string, unknown> = {
  'a reference to itself': { $ref: '#' },
  'references in a circle': {
    type: 'object',
    properties: { a: { $ref: '#/$defs/x' } },
    $defs: { x: { $ref: '#/$defs/y' }, y: { $ref: '#/$defs/x' } },
  },
  'a tree': tree,
  '60 times two references with allOf': chain('allOf'),
  '60 times two references with anyOf': chain('anyOf'),
  '60 times two references with oneOf': chain('oneOf'),
  '10 000 properties': {
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`p${index}`, { type: 'string' }])),
  },
  '10 000 required names': { type: 'object', required: Array.from({ length: 10_000 }, (_, index) => `p${index}`) },
  'an enum of 100 000': {
    type: 'object',
    properties: { a: { enum: Array.from({ length: 100_000 }, (_, index) => `value ${index}`) } },
  },
  '5 000 groups deep': nested(5_000, (inner) => ({ type: 'object', properties: { a: inner } })),
  '5 000 alternatives deep': nested(5_000, (inner) => ({ anyOf: [inner] })),
  '5 000 lists deep': { type: 'object', properties: { a: nested(5_000, (items) => ({ type: 'array', items })) } },
  'ten to the tenth groups': nested(10, (inner) => ({
    type: 'object',
    properties: Object.fromEntries(Array.from({ length: 10 }, (_, index) => [`p${index}`, inner])),
  })),
  'words of a megabyte': {
    type: 'object',
    title: 'x'.repeat(1_000_000),
    properties: { ['n'.repeat(1_000_000)]: { type: 'string', description: 'y'.repeat(1_000_000) } },
  },
  'a pattern that takes exponential time': {
    type: 'object',
    properties: { a: { type: 'string', pattern: '^(a+)+$' } },
    patternProperties: { '^(a+)+$': {} },
  },
  'names of prototypes': JSON.parse(
    '{"type":"object","properties":{"__proto__":{"type":"object","properties":{"polluted":{"default":true}}},"hasOwnProperty":{}},"required":["__proto__","constructor"],"$defs":{"__proto__":{}}}',
  ),
  'keywords of the wrong type': {
    type: { a: 1 },
    properties: [1, 2],
    required: 'a',
    enum: {},
    anyOf: 'x',
    items: 7,
    $ref: 12,
    $defs: [],
    minimum: 'x',
    format: {},
    allOf: {},
    title: 3,
  },
  'broken references': {
    type: 'object',
    properties: { a: { $ref: '#/%E0%A4%A' }, b: { $ref: 'http://127.0.0.1:1/x' }, c: { $ref: '#/properties/c' } },
  },
  'half characters': { type: 'object', properties: { '\ud800': { type: 'string' }, a: { const: '\udfff' } } },
};

describe('tool form - hostile schemas', () => {
  for (const [name, schema] of Object.entries(schemas))
    test(`tool form - ${name}: a small form that takes arguments`, { timeout }, () => {
      const page = open(schema);
      assert.ok(fieldCount(page.root) <= 1_000, `${fieldCount(page.root)} fields`);
      const given = editJson(
        page,
        '{"a": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!": 1}',
      );
      assert.equal(argumentsToSend(given)?.['a'], 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!');
      assert.equal(({} as { polluted?: unknown }).polluted, undefined);
    });

  test('tool form - a schema inside itself gives one level of fields, then JSON', () => {
    const { root } = open(tree);
    assert.ok(root.kind === 'group');
    const children = root.fields.find(({ name }) => name === 'children');
    assert.partialDeepStrictEqual(children, { kind: 'list', item: { kind: 'json' } });
    assert.deepEqual(
      [...open(tree, { name: 'a', children: [{ name: 'b' }, {}] }).problems],
      [['/children/1', 'name: This is required.']],
    );
  });

  test('tool form - what is beyond the bound is named and filled in as JSON', () => {
    const { root } = open(schemas['10 000 properties']);
    assert.ok(root.kind === 'group');
    assert.equal(root.fields.length + root.unlisted.length, 10_000);
    assert.equal(root.offersRest, true);
  });
});
