// Schema to form, as a table of outlines.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Field } from '../../extension/tool-form/form-field.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { formOf, takesNoArguments } from '../../extension/tool-form/schema-form.ts';
import { toolSchemas } from '../support/tool-schemas.ts';

/** One line per field: name, kind and what sets it apart; `*` is required, `?` takes null. */
function outline(field: Field, depth = 0): string[] {
  const marks = `${field.required ? '*' : ''}${field.nullable ? '?' : ''}`;
  const line = (words: string): string => `${'  '.repeat(depth)}${field.name || '-'}${marks} ${words}`;
  switch (field.kind) {
    case 'text':
      return [line(['text', field.format, field.suggestions?.join('|')].filter(Boolean).join(' '))];
    case 'number':
      return [line(field.isInteger ? 'integer' : 'number')];
    case 'choice':
      return [line(`choice ${field.options.map(({ label }) => label).join('|')}`)];
    case 'constant':
      return [line(`constant ${JSON.stringify(field.value)}`)];
    case 'list':
      return [line('list'), ...outline(field.item, depth + 1)];
    case 'group': {
      const rest = field.offersRest ? ' and rest' : '';
      return [line(`group${rest}`), ...field.fields.flatMap((member) => outline(member, depth + 1))];
    }
    case 'variant':
      return [
        line(`variant ${field.alternatives.map(({ label }) => label).join('|')}`),
        ...field.alternatives.flatMap((member) => outline(member, depth + 1)),
      ];
    case 'json':
      return [line(['json', field.expects].filter(Boolean).join(' '))];
    case 'boolean':
      return [line('boolean')];
  }
}

const outlineOf = (schema: unknown): string[] => outline(formOf(parseSchema(schema)).root);

/** The line of one property, without what is around it and inside it. */
function property(
  schema: unknown,
  { required = false, ...around }: { required?: boolean; $defs?: unknown } = {},
): string {
  const whole = { type: 'object', properties: { a: schema }, required: required ? ['a'] : [], ...around };
  return outlineOf(whole)[1]?.trim() ?? '';
}

describe('tool form - the shapes of real tools', () => {
  const outlines: Record<keyof typeof toolSchemas, string[]> = {
    nothing: ['-* group'],
    bareObject: ['-* group'],
    oneText: ['-* group', '  search* text'],
    optionalTexts: ['-* group', '  query text', '  plainBody boolean', '  next text'],
    mailWithAttachments: [
      '-* group',
      '  to list',
      '    -* text',
      '  cc list',
      '    -* text',
      '  subject text',
      '  body text',
      '  attachments list',
      '    -* group',
      '      name text',
      '      contentBase64 text',
      '      contentType text',
    ],
    flag: ['-* group', '  messageId* text', '  status* choice off|on|done'],
    event: [
      '-* group',
      '  subject* text',
      '  start* text',
      '  end* text',
      '  attendees list',
      '    -* text',
      '  format choice Text|HTML',
      '  online boolean',
    ],
    meetingTimes: ['-* group', '  attendees list', '    -* text', '  top integer', '  share number'],
    listItem: ['-* group', '  siteId* text', '  fields* json object'],
    mentions: ['-* group', '  content* text', '  mentions list', '    -* json object'],
    objectOrText: ['-* group', '  url* text', '  body* variant Object|Text', '    -* json object', '    -* text'],
    capabilities: [
      '-* group',
      '  query* list',
      '    -* text',
      '  capabilities list',
      '    -* group',
      '      name choice People|Mail|Files',
    ],
    recipe: ['-* group', '  recipe* json', '  values json object', '  dryRun boolean'],
  };
  for (const [name, expected] of Object.entries(outlines))
    test(`tool form - ${name} becomes its fields`, () => {
      assert.deepEqual(outlineOf(toolSchemas[name as keyof typeof toolSchemas]), expected);
    });
});

describe('tool form - single keywords', () => {
  const cases: [string, unknown, string][] = [
    ['a format', { type: 'string', format: 'date-time' }, 'a text date-time'],
    ['an unknown format is plain text', { type: 'string', format: 'constructor' }, 'a text'],
    ['a type list with null', { type: ['string', 'null'] }, 'a? text'],
    [
      'anyOf with null, as pydantic writes it',
      { anyOf: [{ type: 'integer' }, { type: 'null' }], default: null },
      'a? integer',
    ],
    ['nullable of OpenAPI', { type: 'number', nullable: true }, 'a? number'],
    ['an enum with null', { enum: ['x', 'y', null] }, 'a? choice x|y'],
    ['an enum of mixed types keeps its options apart', { enum: [1, '1', true] }, 'a choice 1|"1"|true'],
    ['an optional constant', { const: 'x' }, 'a choice x'],
    [
      'oneOf of titled constants',
      {
        oneOf: [
          { const: 1, title: 'Low' },
          { const: 2, title: 'High' },
        ],
      },
      'a choice Low|High',
    ],
    ['several types', { type: ['string', 'integer'] }, 'a variant Text|Whole number'],
    ['number beside integer is number', { type: ['number', 'integer'] }, 'a number'],
    ['an open enum', { anyOf: [{ enum: ['x', 'y'] }, { type: 'string' }] }, 'a text x|y'],
    ['a tuple', { type: 'array', items: [{ type: 'string' }, { type: 'number' }] }, 'a json array'],
    ['a list of anything', { type: 'array' }, 'a json array'],
    ['a type that is only implied', { minimum: 3 }, 'a number'],
    ['true', true, 'a json'],
    ['a remote reference', { $ref: 'https://example.com/schema.json' }, 'a json'],
    ['a map', { type: 'object', additionalProperties: { type: 'string' } }, 'a json object'],
  ];
  for (const [name, schema, expected] of cases)
    test(`tool form - ${name}`, () => {
      assert.equal(property(schema), expected);
    });

  test('tool form - a required constant is shown and not asked for', () => {
    assert.equal(property({ const: 'x' }, { required: true }), 'a* constant "x"');
    assert.equal(property({ enum: ['only'] }, { required: true }), 'a* constant "only"');
  });

  test('tool form - definitions are followed by any kind of local reference', () => {
    const $defs = { colour: { $anchor: 'c', enum: ['red', 'blue'] }, 'a/b~c d': { type: 'boolean' } };
    assert.equal(property({ $ref: '#/$defs/colour' }, { $defs }), 'a choice red|blue');
    assert.equal(property({ $ref: '#c' }, { $defs }), 'a choice red|blue');
    assert.equal(property({ $ref: '#/$defs/a~1b~0c%20d' }, { $defs }), 'a boolean');
    assert.equal(property({ $ref: '#/properties/b' }, { $defs }), 'a json');
  });

  test('tool form - a description beside a reference is about this field', () => {
    const schema = {
      type: 'object',
      properties: { a: { $ref: '#/definitions/x', description: 'Here.', title: 'This one' } },
      definitions: { x: { type: 'string', title: 'X', description: 'Of all.' } },
    };
    const { root } = formOf(parseSchema(schema));
    assert.ok(root.kind === 'group');
    assert.partialDeepStrictEqual(root.fields[0], { kind: 'text', label: 'This one', description: 'Here.' });
  });

  test('tool form - allOf is one group', () => {
    assert.deepEqual(
      outlineOf({
        allOf: [
          { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] },
          { properties: { b: { type: 'number' } } },
        ],
      }),
      ['-* group', '  a* text', '  b number'],
    );
  });

  test('tool form - alternatives that only demand properties leave the form as it is', () => {
    const schema = {
      type: 'object',
      properties: { id: { type: 'string' }, name: { type: 'string' } },
      anyOf: [{ required: ['id'] }, { required: ['name'] }],
    };
    assert.deepEqual(outlineOf(schema), ['-* group', '  id text', '  name text']);
  });

  test('tool form - alternatives of the whole share what stands beside them', () => {
    const branch = (kind: string, name: string): unknown => ({
      title: kind,
      properties: { kind: { const: kind }, [name]: { type: 'string' } },
      required: ['kind'],
    });
    const schema = {
      type: 'object',
      properties: { all: { type: 'integer' } },
      oneOf: [branch('x', 'a'), branch('y', 'b')],
    };
    assert.deepEqual(outlineOf(schema), [
      '-* variant x|y',
      '  -* group',
      '    kind* constant "x"',
      '    all integer',
      '    a text',
      '  -* group',
      '    kind* constant "y"',
      '    all integer',
      '    b text',
    ]);
  });

  test('tool form - what is no object at all is filled in as JSON', () => {
    for (const schema of [{}, { type: 'string' }, { oneOf: [{ type: 'string' }, { type: 'object' }] }, null, 7, []])
      assert.deepEqual(outlineOf(schema), ['-* json object'], JSON.stringify(schema));
  });

  test('tool form - free names are offered where the schema invites them', () => {
    const of = (additionalProperties: unknown): string =>
      outlineOf({ type: 'object', properties: { a: { type: 'string' } }, additionalProperties })[0] ?? '';
    assert.equal(of(undefined), '-* group');
    assert.equal(of(false), '-* group');
    assert.equal(of(true), '-* group and rest');
    assert.equal(of({ type: 'number' }), '-* group and rest');
  });
});

describe('tool form - labels', () => {
  const labels: [string, string][] = [
    ['startDateTime', 'Start date time'],
    ['user_id', 'User ID'],
    ['joinWebUrl', 'Join web URL'],
    ['HTMLBody', 'HTML body'],
    ['to', 'To'],
    ['x', 'X'],
    ['größe', 'Größe'],
    ['', '(no name)'],
    ['\u202eevil', 'Evil'],
  ];
  for (const [name, expected] of labels)
    test(`tool form - "${name}" is labelled "${expected}"`, () => {
      const { root } = formOf(parseSchema({ type: 'object', properties: { [name]: { type: 'string' } } }));
      assert.ok(root.kind === 'group');
      assert.equal(root.fields[0]?.label, expected);
    });
});

describe('tool form - tools without arguments', () => {
  const cases: [string, unknown, boolean][] = [
    ['no properties', { type: 'object', properties: {} }, true],
    ['an object and no more', { type: 'object' }, true],
    ['nothing allowed', { type: 'object', additionalProperties: false }, true],
    ['anything allowed', { type: 'object', additionalProperties: true }, false],
    ['an optional property', { type: 'object', properties: { a: {} } }, false],
    ['no schema', {}, false],
    ['alternatives', { type: 'object', anyOf: [{ required: ['a'] }] }, false],
  ];
  for (const [name, schema, expected] of cases)
    test(`tool form - ${name}: ${expected ? 'nothing' : 'something'} to fill in`, () => {
      assert.equal(takesNoArguments(parseSchema(schema)), expected);
    });
});
