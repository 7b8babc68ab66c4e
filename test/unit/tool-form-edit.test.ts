// Filling in a form: what is sent, what is kept, and where problems show.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { compileCheck } from '../../shared/tool-schema/check-arguments.ts';
import {
  chooseAlternative,
  clearField,
  giveDraft,
  giveRest,
  giveRestDraft,
  giveValue,
} from '../../extension/tool-form/edit-form.ts';
import { addRow, giveRows, moveRow, removeRow } from '../../extension/tool-form/edit-rows.ts';
import { enteredArguments } from '../../extension/tool-form/entered-arguments.ts';
import { initialArguments } from '../../extension/tool-form/field-value.ts';
import type { Field } from '../../extension/tool-form/form-field.ts';
import { formProblems } from '../../extension/tool-form/form-problems.ts';
import { parseFormState, stateOf, type FormState } from '../../extension/tool-form/form-state.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { parseSchema } from '../../shared/tool-schema/parse-schema.ts';
import { formOf } from '../../extension/tool-form/schema-form.ts';

interface OpenForm {
  root: Field;
  state: FormState;
  problems(state: FormState): Record<string, string>;
}

function open(schema: unknown, values?: JsonObject): OpenForm {
  const parsed = parseSchema(schema);
  const { root } = formOf(parsed);
  const check = compileCheck(parsed);
  return {
    root,
    state: stateOf(values ?? initialArguments(root)),
    problems: (state) => Object.fromEntries(formProblems(root, state, check)),
  };
}

const text = { type: 'string' };

describe('tool form - what stands in it at first', () => {
  const cases: [string, unknown, JsonObject][] = [
    ['defaults', { properties: { a: { type: 'integer', default: 10 }, b: text } }, { a: 10 }],
    ['no default of another type', { properties: { a: { type: 'integer', default: 'ten' } } }, {}],
    ['no default outside its enum', { properties: { a: { enum: ['x'], default: 'y' } } }, {}],
    ['no null as a default', { properties: { a: { type: ['string', 'null'], default: null } } }, {}],
    [
      'null where something is required',
      { properties: { a: { type: ['string', 'null'] } }, required: ['a'] },
      { a: null },
    ],
    ['no for a required switch', { properties: { a: { type: 'boolean' } }, required: ['a'] }, { a: false }],
    ['required constants', { properties: { a: { const: 7 }, b: { const: 8 } }, required: ['a'] }, { a: 7 }],
    [
      'required groups with their defaults, optional groups not',
      {
        properties: {
          a: { type: 'object', properties: { x: { type: 'integer', default: 1 } } },
          b: { type: 'object', properties: { x: { type: 'integer', default: 1 } } },
        },
        required: ['a'],
      },
      { a: { x: 1 } },
    ],
    ['no empty lists', { properties: { a: { type: 'array', items: text, default: [] } }, required: ['a'] }, {}],
  ];
  for (const [name, schema, expected] of cases)
    test(`tool form - at first: ${name}`, () => {
      assert.deepEqual(open({ type: 'object', ...(schema as object) }).state.arguments, expected);
    });
});

describe('tool form - filling in', () => {
  test('tool form - properties are sent in the order of the form, however they were filled in', () => {
    const { root, state } = open({ type: 'object', properties: { a: text, b: text, c: text } });
    const filled = ['c', 'a', 'b'].reduce((now, name) => giveValue(root, now, [name], name), state);
    assert.equal(JSON.stringify(enteredArguments(filled)), '{"a":"a","b":"b","c":"c"}');
  });

  test('tool form - a group comes with its defaults and constants, and goes with the last thing filled in', () => {
    const inner = {
      type: 'object',
      properties: { kind: { const: 'k' }, size: { type: 'integer', default: 5 }, name: text },
      required: ['kind'],
    };
    const { root, state } = open({ type: 'object', properties: { a: inner } });
    const filled = giveValue(root, state, ['a', 'name'], 'x');
    assert.deepEqual(enteredArguments(filled), { a: { kind: 'k', size: 5, name: 'x' } });
    assert.deepEqual(enteredArguments(clearField(root, filled, ['a', 'name'])), {});
  });

  test('tool form - a group that was given empty stays as it is until it is touched', () => {
    const schema = { type: 'object', properties: { a: { type: 'object', properties: { x: text } }, b: text } };
    const { root, state } = open(schema, { a: {} });
    assert.deepEqual(enteredArguments(giveValue(root, state, ['b'], 'y')), { a: {}, b: 'y' });
  });

  test('tool form - empty text that was given is kept, emptied text is not sent', () => {
    const { root, state } = open({ type: 'object', properties: { a: text, b: text } }, { a: '', b: 'x' });
    assert.deepEqual(enteredArguments(clearField(root, state, ['b'])), { a: '' });
  });

  test('tool form - a required field that takes null sends null when it is emptied', () => {
    const schema = { type: 'object', properties: { a: { type: ['string', 'null'] } }, required: ['a'] };
    const { root, state } = open(schema);
    const filled = giveValue(root, state, ['a'], 'x');
    assert.deepEqual(enteredArguments(clearField(root, filled, ['a'])), { a: null });
  });

  test('tool form - text that is no value yet is kept, not sent, and told', () => {
    const { root, state, problems } = open({ type: 'object', properties: { n: { type: 'number' } }, required: ['n'] });
    const typed = giveDraft(root, state, ['n'], '1e');
    assert.deepEqual(enteredArguments(typed), {});
    assert.deepEqual(problems(typed), { '/n': 'Enter a number.' });
    assert.deepEqual(enteredArguments(giveValue(root, typed, ['n'], 10)), { n: 10 });
  });

  test('tool form - names that objects have by themselves are names like others', () => {
    const schema = JSON.parse(
      '{"type":"object","properties":{"__proto__":{"type":"string"},"constructor":{"type":"string"},"toString":{"type":"object","properties":{"x":{"type":"string"}}}}}',
    ) as unknown;
    const { root, state } = open(schema);
    assert.deepEqual(state.arguments, {});
    let filled = giveValue(root, state, ['__proto__'], 'a');
    filled = giveValue(root, filled, ['constructor'], 'b');
    filled = giveValue(root, filled, ['toString', 'x'], 'c');
    assert.equal(JSON.stringify(enteredArguments(filled)), '{"__proto__":"a","constructor":"b","toString":{"x":"c"}}');
    assert.equal(({} as { a?: unknown }).a, undefined);
  });

  test('tool form - a saved state is read back, anything else is not', () => {
    const state: FormState = { arguments: { a: [null] }, drafts: { '/a/0': 'x' }, chosen: { '/b': 1 } };
    assert.deepEqual(parseFormState(JSON.parse(JSON.stringify(state))), state);
    for (const wrong of [undefined, null, {}, { ...state, drafts: { a: 1 } }, { ...state, arguments: [] }])
      assert.equal(parseFormState(wrong), undefined);
  });
});

describe('tool form - lists', () => {
  const schema = { type: 'object', properties: { a: { type: 'array', items: { type: 'integer', minimum: 3 } } } };

  test('tool form - blank rows are not sent, and problems show at the rows of the form', () => {
    const { root, state, problems } = open(schema);
    let filled = addRow(root, state, ['a']);
    filled = giveValue(root, filled, ['a', 1], 5);
    filled = giveDraft(root, filled, ['a', 2], '');
    filled = giveValue(root, filled, ['a', 3], 1);
    assert.deepEqual(enteredArguments(filled), { a: [5, 1] });
    assert.deepEqual(problems(filled), { '/a/3': 'Enter 3 or more.' });
  });

  test('tool form - half-typed rows keep their text when other rows go or move', () => {
    const { root, state } = open(schema);
    let filled = giveValue(root, state, ['a', 0], 5);
    filled = giveDraft(root, filled, ['a', 1], 'x');
    filled = giveValue(root, filled, ['a', 2], 7);
    const moved = moveRow(filled, ['a'], 1, 2);
    assert.deepEqual([enteredArguments(moved), moved.drafts], [{ a: [5, 7] }, { '/a/2': 'x' }]);
    const removed = removeRow(root, filled, ['a'], 0);
    assert.deepEqual([enteredArguments(removed), removed.drafts], [{ a: [7] }, { '/a/0': 'x' }]);
  });

  test('tool form - with its last row a list is not sent at all', () => {
    const { root, state } = open(schema, { a: [5] });
    assert.deepEqual(enteredArguments(removeRow(root, state, ['a'], 0)), {});
    assert.deepEqual(enteredArguments(open(schema, { a: [] }).state), { a: [] });
  });

  test('tool form - several rows at once take the place of one', () => {
    const { root, state } = open(schema);
    let filled = giveValue(root, state, ['a', 0], 3);
    filled = giveDraft(root, filled, ['a', 1], '');
    filled = giveDraft(root, filled, ['a', 2], 'x');
    const pasted = giveRows(root, filled, { path: ['a'], index: 1, values: [4, 5] });
    assert.deepEqual([enteredArguments(pasted), pasted.drafts], [{ a: [3, 4, 5] }, { '/a/3': 'x' }]);
  });

  test('tool form - rows of groups come with their defaults', () => {
    const rows = {
      type: 'array',
      items: { type: 'object', properties: { n: { type: 'integer', default: 2 }, t: text } },
    };
    const { root, state } = open({ type: 'object', properties: { a: rows } });
    const filled = giveValue(root, addRow(root, addRow(root, state, ['a']), ['a']), ['a', 1, 't'], 'x');
    assert.deepEqual(enteredArguments(filled), { a: [{ n: 2 }, { n: 2, t: 'x' }] });
  });
});

describe('tool form - alternatives', () => {
  const branch = (kind: string, name: string): unknown => ({
    type: 'object',
    properties: { kind: { const: kind }, [name]: text },
    required: ['kind', name],
  });
  const schema = { type: 'object', properties: { v: { oneOf: [branch('x', 'one'), branch('y', 'two'), text] } } };

  test('tool form - an alternative starts with what sets it apart', () => {
    const { root, state, problems } = open(schema);
    const chosen = chooseAlternative(root, state, ['v'], 1);
    assert.deepEqual(enteredArguments(chosen), { v: { kind: 'y' } });
    assert.deepEqual(problems(chosen), { '/v/two': 'This is required.' });
    const filled = giveValue(root, chosen, ['v', 'two'], 'z');
    assert.deepEqual(enteredArguments(filled), { v: { kind: 'y', two: 'z' } });
    assert.deepEqual(enteredArguments(chooseAlternative(root, filled, ['v'], 2)), {});
  });

  test('tool form - the first alternative is there as soon as it is filled in', () => {
    const { root, state } = open(schema);
    assert.deepEqual(enteredArguments(giveValue(root, state, ['v', 'one'], 'z')), { v: { kind: 'x', one: 'z' } });
  });
});

describe('tool form - properties without a field', () => {
  const schema = { type: 'object', properties: { a: text }, additionalProperties: { type: 'integer' } };

  test('tool form - they are given as JSON beside the fields', () => {
    const { root, state, problems } = open(schema);
    const filled = giveRest(root, giveValue(root, state, ['a'], 'x'), [], { b: 1, c: 'no' });
    assert.deepEqual(enteredArguments(filled), { a: 'x', b: 1, c: 'no' });
    assert.deepEqual(problems(filled), { 'rest:': 'c: This has to be a whole number.' });
  });

  test('tool form - half a JSON text is kept and told, and the fields stay', () => {
    const { root, state, problems } = open(schema, { a: 'x', b: 1 });
    const typed = giveRestDraft(root, state, [], '{"b": ');
    assert.deepEqual(enteredArguments(typed), { a: 'x' });
    assert.deepEqual(problems(typed), { 'rest:': 'This JSON is not complete: something is missing at its end.' });
  });

  test('tool form - a problem inside a JSON field says where', () => {
    const deep = { type: 'object', properties: { list: { type: 'array', items: [text, { type: 'number' }] } } };
    const { state, problems } = open(deep, { list: ['x', 'y'] });
    assert.deepEqual(problems(state), { '/list': '2: This has to be a number.' });
  });
});
