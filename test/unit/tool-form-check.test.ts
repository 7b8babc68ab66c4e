// What is wrong with arguments, in plain words and at the field where it can be mended, as a table.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileCheck } from '../../shared/tool-schema/check-arguments.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';

function problems(schema: unknown, values: JsonObject): Record<string, string> {
  const found = compileCheck(parseSchema(schema))(values);
  return Object.fromEntries(found.map(({ pointer, message }) => [pointer, message]));
}

const property = (schema: unknown): unknown => ({ type: 'object', properties: { a: schema } });

describe('tool form - problems of one value', () => {
  const cases: [unknown, JsonObject[string], string | undefined][] = [
    [{ type: 'integer' }, 1.5, 'This has to be a whole number.'],
    [{ type: 'integer' }, 2, undefined],
    [{ type: ['string', 'null'] }, 3, 'This has to be text or null.'],
    [{ type: 'boolean' }, 'yes', 'This has to be yes or no.'],
    [{ enum: ['x', 'y'] }, 'z', 'Choose one of: x, y.'],
    [{ enum: Array.from({ length: 9 }, (_, index) => index) }, 'z', 'Choose one of the offered values.'],
    [{ const: 'x' }, 'y', 'This has to be x.'],
    [{ type: 'string', minLength: 1 }, '', 'This may not be empty.'],
    [{ type: 'string', minLength: 3 }, 'ab', 'Enter at least 3 characters (now 2).'],
    [{ type: 'string', maxLength: 1 }, '🙂🙂', 'Enter at most 1 character (now 2).'],
    [{ type: 'string', pattern: '^[a-z]+$' }, 'A', 'This does not have the form the tool expects: ^[a-z]+$'],
    [{ type: 'string', format: 'date' }, '2026-02-30', 'Enter a date such as 2026-05-31.'],
    [{ type: 'string', format: 'email' }, 'anna', 'Enter an e-mail address such as name@example.com.'],
    [{ type: 'string', format: 'uri' }, 'example', 'Enter a whole address such as https://example.com/page.'],
    [{ type: 'string', format: '__proto__' }, 'x', undefined],
    [{ minimum: 3 }, 2, 'Enter 3 or more.'],
    [{ maximum: 3 }, 4, 'Enter 3 or less.'],
    [{ exclusiveMinimum: 3 }, 3, 'Enter more than 3.'],
    [{ maximum: 3, exclusiveMaximum: true }, 3, 'Enter less than 3.'],
    [{ multipleOf: 0.1 }, 0.3, undefined],
    [{ multipleOf: 5 }, 7, 'Enter a multiple of 5.'],
    [{ minItems: 1 }, [], 'Give at least 1 item.'],
    [{ maxItems: 2 }, [1, 2, 3], 'Give at most 2 items.'],
    [{ uniqueItems: true }, ['x', 'x'], 'No item may be there twice.'],
    [{ minProperties: 1 }, {}, 'Give at least 1 of these.'],
    [{ not: { const: 'x' } }, 'x', 'The tool does not take this value.'],
    [
      { anyOf: [{ type: 'string' }, { type: 'number' }] },
      true,
      'This is in none of the forms the tool takes, or in several at once.',
    ],
    [false, 1, 'The tool does not take this.'],
    [{ type: 'nonsense', minimum: '3', pattern: '(', enum: [] }, 'anything', undefined],
  ];
  for (const [schema, value, expected] of cases)
    test(`tool form - ${JSON.stringify(value)} for ${JSON.stringify(schema)}: ${expected ?? 'is fine'}`, () => {
      assert.equal(problems(property(schema), { a: value })['/a'], expected);
    });
});

describe('tool form - problems at their places', () => {
  test('tool form - what is missing is told at the field that is missing', () => {
    const schema = { type: 'object', required: ['a', 'b/c'], properties: { o: { type: 'object', required: ['x'] } } };
    assert.deepEqual(problems(schema, { o: {} }), {
      '/a': 'This is required.',
      '/b~1c': 'This is required.',
      '/o/x': 'This is required.',
    });
  });

  test('tool form - one problem per place, in lists and behind references too', () => {
    const schema = {
      type: 'object',
      properties: { people: { type: 'array', items: { $ref: '#/$defs/person' } } },
      $defs: { person: { type: 'object', properties: { mail: { type: 'string', minLength: 3, format: 'email' } } } },
    };
    assert.deepEqual(problems(schema, { people: [{ mail: 'a@example.com' }, { mail: 'x' }] }), {
      '/people/1/mail': 'Enter at least 3 characters (now 1).',
    });
  });

  test('tool form - of alternatives the nearest tells its problems', () => {
    const branch = (kind: string, name: string): unknown => ({
      type: 'object',
      properties: { kind: { const: kind }, [name]: { type: 'string' } },
      required: ['kind', name],
    });
    const schema = property({ oneOf: [branch('x', 'one'), branch('y', 'two')] });
    assert.deepEqual(problems(schema, { a: { kind: 'y' } }), { '/a/two': 'This is required.' });
    assert.deepEqual(problems(schema, { a: { kind: 'y', two: 3 } }), { '/a/two': 'This has to be text.' });
  });

  test('tool form - the value beside null is checked as itself', () => {
    const schema = property({ anyOf: [{ type: 'string', minLength: 3 }, { type: 'null' }] });
    assert.deepEqual(problems(schema, { a: 'x' }), { '/a': 'Enter at least 3 characters (now 1).' });
    assert.deepEqual(problems(schema, { a: null }), {});
  });

  test('tool form - a name that is not taken is told at that name', () => {
    const schema = { type: 'object', properties: { a: {} }, additionalProperties: false };
    assert.deepEqual(problems(schema, { a: 1, 'b c': 2 }), { '/b c': 'The tool does not take this.' });
  });

  test('tool form - what one property demands of another is told there', () => {
    const schema = { type: 'object', dependencies: { a: ['b'] } };
    assert.deepEqual(problems(schema, { a: 1 }), { '/b': 'This is required beside "a".' });
  });

  test('tool form - draft-07 ignores what stands beside a reference, later drafts do not', () => {
    const schema = ($schema: string): unknown => ({
      $schema,
      type: 'object',
      properties: { a: { $ref: '#/definitions/n', maximum: 3 } },
      definitions: { n: { type: 'number' } },
    });
    assert.deepEqual(problems(schema('http://json-schema.org/draft-07/schema#'), { a: 5 }), {});
    assert.deepEqual(problems(schema('https://json-schema.org/draft/2020-12/schema'), { a: 5 }), {
      '/a': 'Enter 3 or less.',
    });
  });

  test('tool form - an alternative that cannot be checked whole is left to the server', () => {
    const slow = '^(a+)+$';
    const schema = property({
      oneOf: [
        { type: 'string', pattern: slow },
        { type: 'string', pattern: '^b' },
      ],
    });
    assert.deepEqual(problems(schema, { a: 'b' }), {});
  });

  test('tool form - tuples of every draft are checked item by item', () => {
    const items = [{ type: 'string' }, { type: 'number' }];
    for (const schema of [
      { items, additionalItems: false },
      { prefixItems: items, items: false },
    ])
      assert.deepEqual(problems(property(schema), { a: ['x', 'y', 'z'] }), {
        '/a/1': 'This has to be a number.',
        '/a/2': 'The tool does not take this.',
      });
  });
});
