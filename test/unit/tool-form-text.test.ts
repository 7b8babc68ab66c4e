// Between typed text and values: numbers, choices and JSON, and the local time of the date picker.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { readText, writeText } from '../../extension/tool-form/field-text.ts';
import type { ChoiceField, JsonField, NumberField } from '../../extension/tool-form/form-field.ts';
import { parseJsonText } from '../../extension/tool-form/parse-json-text.ts';
import { isSafePattern } from '../../shared/tool-schema/safe-pattern.ts';

const frame = { name: 'a', label: 'A', required: false, nullable: false };
const number: NumberField = { ...frame, kind: 'number', isInteger: false };
const integer: NumberField = { ...frame, kind: 'number', isInteger: true };
const json: JsonField = { ...frame, kind: 'json', expects: 'object' };

describe('tool form - numbers', () => {
  const cases: [NumberField, string, number | string | undefined][] = [
    [number, ' 1.5 ', 1.5],
    [number, '1e3', 1000],
    [number, '.5', 0.5],
    [number, '-0.25', -0.25],
    [number, '', undefined],
    [number, '1,5', 'Write the decimal point as a point, such as 1.5.'],
    [number, '1.000,5', 'Enter a number.'],
    [number, '0x10', 'Enter a number.'],
    [number, 'Infinity', 'Enter a number.'],
    [number, '1e999', 'This number is too large to be sent exactly.'],
    [integer, '12', 12],
    [integer, '12.0', 12],
    [integer, '1.5', 'Enter a whole number.'],
    [integer, '12345678901234567890', 'This number is too large to be sent exactly.'],
  ];
  for (const [field, text, expected] of cases)
    test(`tool form - "${text}" as ${field.isInteger ? 'a whole number' : 'a number'}`, () => {
      const reading = readText(field, text);
      assert.deepEqual(
        reading,
        expected === undefined
          ? { empty: true }
          : typeof expected === 'string'
            ? { problem: expected }
            : { value: expected },
      );
    });
});

test('tool form - a choice is found by its label, whatever its type', () => {
  const field: ChoiceField = {
    ...frame,
    kind: 'choice',
    options: [
      { value: 1, label: 'One' },
      { value: { x: 1 }, label: '{"x":1}' },
    ],
  };
  assert.deepEqual(readText(field, 'one'), { value: 1 });
  assert.deepEqual(readText(field, '{"x":1}'), { value: { x: 1 } });
  assert.deepEqual(readText(field, 'tw'), { problem: 'Choose one of the offered values.' });
  assert.equal(writeText(field, { x: 1 }), '{"x":1}');
});

describe('tool form - JSON text', () => {
  const cases: [string, string][] = [
    ['{"a": 1', 'This JSON is not complete: something is missing at its end.'],
    ['{"a": x}', 'This is no valid JSON at character 7, near "x}".'],
    ['{\n  "a": 1,\n}', 'This is no valid JSON at line 3, column 1, near "}".'],
    [
      '{"a": 12345678901234567890}',
      'The number 12345678901234567890 is too long to be sent as it is. Put it in double quotes.',
    ],
    ['[1]', 'Enter a JSON object, such as {"name": "value"}.'],
  ];
  for (const [text, expected] of cases)
    test(`tool form - ${JSON.stringify(text)} is told in plain words`, () => {
      assert.deepEqual(readText(json, text), { problem: expected });
    });

  test('tool form - text without quotes is no JSON and is told so', () => {
    const reading = parseJsonText('hello');
    assert.ok('problem' in reading && reading.problem.startsWith('This is no valid JSON'));
  });
});

describe('tool form - patterns of strangers', () => {
  const safe = [
    '^[a-z]+$',
    '^\\d{4}-\\d{2}$',
    '^(foo|bar)?$',
    '^[\\w.+-]+@[\\w-]+\\.[\\w.-]+$',
    '^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$',
    '^[a-z0-9]+(-[a-z0-9]+)*$',
    '^(?=.*[A-Z])(?=.*\\d).{8,64}$',
    '^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$',
    '(a){3}',
    'a*b*c*d*e*',
    '[\\u{1F600}-\\u{1F64F}]+',
  ];
  const unsafe = [
    '(a+)+$',
    '(a|a)*$',
    '(a?a?)*$',
    '(a)\\1',
    '(',
    '^a*a*a*a*b$',
    'a*a*b',
    `${'a?'.repeat(30)}${'a'.repeat(30)}`,
    `${'(?:a|ab)'.repeat(30)}c`,
    '^((b(a{0,20}){2}){3,}){0,20}a$',
    '(?<=a)b',
    '(?:){1000000000}',
    'x'.repeat(501),
  ];
  for (const pattern of safe)
    test(`tool form - ${pattern} is checked while typing`, () => assert.equal(isSafePattern(pattern), true));
  for (const pattern of unsafe)
    test(`tool form - ${pattern.slice(0, 20)} is left to the server`, () =>
      assert.equal(isSafePattern(pattern), false));
});
