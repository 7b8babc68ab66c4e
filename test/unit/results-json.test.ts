// The JSON tree and its search: what is made when, where a match is, and values that nobody expects.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { keyLabel, preview, scalarLabel, sizeLabel, stringLabel } from '../../extension/results/json-label.ts';
import { pathOf, searchJson, type JsonMatches } from '../../extension/results/json-search.ts';
import { jsonText } from '../../extension/results/json-text.ts';
import { createJsonTree, isExpandable, type JsonTree } from '../../extension/results/json-tree.ts';
import { nested } from '../support/result-samples.ts';

const keys = ({ rows }: JsonTree): unknown[] =>
  rows.map(({ key, stretch, depth }) => [depth, stretch === undefined ? key : `${stretch.start}-${stretch.end}`]);

function search(value: unknown, query: string): JsonMatches {
  const work = searchJson(value, query, 10);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

const paths = (value: unknown, query: string): unknown[] => search(value, query).found.map(pathOf);

describe('JSON tree', () => {
  const value = { a: { b: [1, { c: 'x' }] }, d: null, e: {} };

  test('JSON tree - levels open and close in place', () => {
    const tree = createJsonTree(value);
    assert.deepEqual(keys(tree), [[0, undefined]]);
    tree.open(0);
    assert.deepEqual(keys(tree), [
      [0, undefined],
      [1, 'a'],
      [1, 'd'],
      [1, 'e'],
    ]);
    tree.open(1);
    tree.open(2);
    assert.deepEqual(keys(tree).slice(1, 6), [
      [1, 'a'],
      [2, 'b'],
      [3, 0],
      [3, 1],
      [1, 'd'],
    ]);
    tree.close(1);
    assert.equal(tree.rows.length, 4);
    // What was open inside is open again.
    tree.open(1);
    assert.equal(tree.rows.length, 7);
    tree.closeAll();
    assert.equal(tree.rows.length, 4);
    assert.deepEqual(tree.rows.map(isExpandable), [true, true, false, false]);
  });

  test('JSON tree - a long list opens in stretches', () => {
    const tree = createJsonTree({ list: Array.from({ length: 2_500 }, (_, index) => index) });
    tree.open(0);
    tree.open(1);
    assert.deepEqual(keys(tree).slice(2), [
      [2, '0-1000'],
      [2, '1000-2000'],
      [2, '2000-2500'],
    ]);
    const row = tree.reveal(['list', 1_234]);
    assert.equal(tree.rows[row]?.value, 1_234);
    assert.deepEqual([tree.rows[row]?.position, tree.rows[row]?.siblings], [235, 1_000]);
  });

  test('JSON tree - the first levels are open from the start while they are few', () => {
    const tree = createJsonTree({ a: { b: 1 }, list: Array.from({ length: 150 }, () => ({ x: 1, y: 2 })) });
    tree.openSome();
    assert.equal(tree.rows.length, 154);
  });

  test('JSON tree - members of hostile names are members like others', () => {
    const hostile = JSON.parse('{"__proto__":{"polluted":1},"constructor":{"prototype":2}}') as object;
    const tree = createJsonTree(hostile);
    const row = tree.reveal(['__proto__', 'polluted']);
    assert.equal(tree.rows[row]?.value, 1);
    assert.equal(Reflect.has({}, 'polluted'), false);
    assert.deepEqual(paths(hostile, 'polluted'), [['__proto__', 'polluted']]);
    assert.equal(tree.reveal(['toString']), -1);
  });

  test('JSON tree - a hundred thousand levels are searched, opened and written', () => {
    const deep = nested(100_000);
    const [path] = paths(deep, 'innermost');
    assert.equal((path as unknown[]).length, 100_000);
    const tree = createJsonTree(deep);
    assert.equal(tree.reveal(path as string[]), 100_000);
    assert.equal(
      jsonText(deep).length,
      (100_000 / 2) * ('{"inside":}'.length + '[]'.length) + '"the innermost"'.length,
    );
  });
});

describe('JSON search', () => {
  const value = { Name: 'name', list: [{ name: 1 }, 'a NAME b', null, true], n: 12.5 };
  const cases: [string, unknown[]][] = [
    ['name', [['Name'], ['list', 0, 'name'], ['list', 1]]],
    ['NULL', [['list', 2]]],
    ['tru', [['list', 3]]],
    ['12.', [['n']]],
    ['nowhere', []],
    ['', []],
  ];
  for (const [query, expected] of cases)
    test(`JSON search - ${JSON.stringify(query)}`, () => assert.deepEqual(paths(value, query), expected));

  test('JSON search - a scalar is found at the root', () => {
    assert.deepEqual(paths('only this', 'this'), [[]]);
  });

  test('JSON search - all matches are counted although not all are kept', () => {
    const { found, total } = search(
      Array.from({ length: 25_000 }, () => 'x'),
      'x',
    );
    assert.deepEqual([found.length, total], [10_000, 25_000]);
  });
});

describe('JSON words', () => {
  test('JSON words - what would act on the reader shows as an escape', () => {
    assert.equal(stringLabel('a\u202eb\u001b\n\u200b\ufeff"'), '"a\\u202eb\\u001b\\n\\u200b\\ufeff\\""');
    assert.equal(stringLabel('\u{e0041}\ud800'), '"\\ue0041\\ud800"');
    assert.equal(keyLabel('plain_key'), 'plain_key');
    assert.equal(keyLabel('a b'), '"a b"');
  });

  test('JSON words - long text is cut, numbers without end are told', () => {
    assert.equal(stringLabel('x'.repeat(1_000_000)).length, 303);
    assert.equal(scalarLabel(Infinity), '∞');
    assert.equal(scalarLabel(-Infinity), '-∞');
    assert.equal(scalarLabel(1e308), '1e+308');
  });

  test('JSON words - a closed value says what is in it', () => {
    assert.equal(preview({ id: '1', list: [1], more: {}, x: null }), '{ id: "1", list: […], more: {…}, x: null }');
    assert.equal(preview([]), '[]');
    assert.ok(preview(Array.from({ length: 1_000_000 }, () => 'text')).length < 250);
    assert.equal(sizeLabel([1]), '1 item');
    assert.equal(sizeLabel({ a: 1, b: 2 }), '2 fields');
  });

  test('JSON words - the text is that of JSON.stringify where that can write it', () => {
    const value = { a: [1, 'x\n', null, true, {}], b: { c: [] }, d: undefined, é: '\u2028' };
    assert.equal(jsonText(value), JSON.stringify(value));
    assert.equal(jsonText(value, { indent: 2 }), JSON.stringify(value, undefined, 2));
    assert.equal(jsonText([undefined, Number.NaN]), '[null,null]');
    assert.deepEqual(JSON.parse(jsonText({ big: Infinity, small: -Infinity })), { big: Infinity, small: -Infinity });
  });
});
