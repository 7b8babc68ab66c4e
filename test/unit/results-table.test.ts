// Tables made of like objects: their columns, what cells read, sorting and filtering.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { arrangeRows, cellOf, tableOf } from '../../extension/results/table-model.ts';

const rows = [
  { name: 'item 10', size: 3, at: '2026-11-20T10:00:00Z', owner: { displayName: 'Adele' }, '@odata.etag': 'x' },
  { name: 'item 9', size: null, at: '2026-11-21T10:00:00Z', owner: { user: { displayName: 'Rob' } } },
  { name: 'Item 1', size: 20, at: null, owner: null },
];
const table = tableOf(rows)!;
const ordered = (key: string, descending = false, filter = ''): number[] =>
  arrangeRows(table, { filter, sort: { key, descending } });

describe('result table', () => {
  test('result table - columns in the order of the members, with their kind', () => {
    assert.deepEqual(
      table.columns.map(({ key, kind }) => [key, kind]),
      [
        ['name', 'text'],
        ['size', 'number'],
        ['at', 'date'],
        ['owner', 'text'],
      ],
    );
  });

  const cells: [unknown, unknown][] = [
    ['text', 'text'],
    [0, 0],
    [false, false],
    [null, null],
    [{ emailAddress: { name: 'Rob', address: 'r@x' } }, 'Rob'],
    [{ a: 1, b: 'x' }, '{"a":1,"b":"x"}'],
    [{ a: { b: 1 } }, '1 field'],
    [['a', 1, true], 'a, 1, true'],
    [[{ name: 'A' }, { name: 'B' }], 'A, B'],
    [[[1], [2]], '2 items'],
    [Array.from({ length: 30 }, () => 'x'), `${Array.from({ length: 20 }, () => 'x').join(', ')} and 10 more`],
  ];
  for (const [value, expected] of cells)
    test(`result table - a cell of ${JSON.stringify(value).slice(0, 50)}`, () =>
      assert.equal(cellOf({ key: value }, 'key'), expected));

  test('result table - a cell has only what the row itself has', () => {
    assert.equal(cellOf({}, 'constructor'), null);
    assert.equal(cellOf({}, '__proto__'), null);
    assert.equal(cellOf(JSON.parse('{"__proto__":"own"}') as Record<string, unknown>, '__proto__'), 'own');
  });

  test('result table - rows sort by number, date and text as people count, nothing last', () => {
    assert.deepEqual(ordered('size'), [0, 2, 1]);
    assert.deepEqual(ordered('size', true), [2, 0, 1]);
    assert.deepEqual(ordered('at', true), [1, 0, 2]);
    assert.deepEqual(ordered('name'), [2, 1, 0]);
    assert.deepEqual(arrangeRows(table, { filter: '', sort: undefined }), [0, 1, 2]);
  });

  test('result table - a filter looks into every cell, whatever the case', () => {
    assert.deepEqual(ordered('name', false, 'ITEM 1'), [2, 0]);
    assert.deepEqual(ordered('name', false, ' rob '), [1]);
    assert.deepEqual(ordered('name', false, 'nobody'), []);
  });

  test('result table - what has little in common is no table', () => {
    assert.equal(tableOf([]), undefined);
    assert.equal(tableOf([1, 2]), undefined);
    assert.equal(tableOf([{ a: 1 }, [1]]), undefined);
    assert.equal(tableOf([{}, {}]), undefined);
    assert.equal(tableOf(Array.from({ length: 9 }, (_, index) => ({ [`key${index}`]: 1 }))), undefined);
    assert.equal(
      tableOf([Object.fromEntries(Array.from({ length: 41 }, (_, index) => [`key${index}`, 1]))]),
      undefined,
    );
  });
});
