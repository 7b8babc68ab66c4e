// The byte scanner that lets large results pass unparsed, against JSON.parse as the judge.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { memberSpans } from '../../agent/bridge/json-spans.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const encode = (text: string): Uint8Array => new TextEncoder().encode(text);
const decode = (bytes: Uint8Array): string => new TextDecoder('utf-8', { fatal: true }).decode(bytes);

/** Spans of the whole text as parsed values, by member name. */
function spansOf(text: string, inside?: string): Record<string, unknown> | undefined {
  const bytes = encode(text);
  const spans = memberSpans(bytes, 0, bytes.length, inside);
  return (
    spans &&
    Object.fromEntries([...spans].map(([name, [from, to]]) => [name, JSON.parse(decode(bytes.subarray(from, to)))]))
  );
}

const blank = fc.string({ unit: fc.constantFrom(' ', '\n', '\t', '\r'), maxLength: 3 });
/** Any JSON value; names and texts with any Unicode, quotes, backslashes and structural characters in them. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({ unit: fc.constantFrom(...Array.from('"\\{}[]:,/bé€😀 ')) }),
);
const anyValue = fc.oneof(fc.jsonValue(), anyText, fc.array(anyText), fc.dictionary(anyText, fc.jsonValue()));

/** The text of an object whose members stand in any order with any white space and any allowed escape in the values. */
function objectText(members: readonly (readonly [string, unknown])[], blanks: readonly string[]): string {
  let next = 0;
  const gap = (): string => blanks[next++ % Math.max(1, blanks.length)] ?? '';
  const written = members.map(
    ([name, value]) => `${gap()}${JSON.stringify(name)}${gap()}:${gap()}${escapeSome(value)}${gap()}`,
  );
  return `${gap()}{${written.length === 0 ? gap() : written.join(',')}}${gap()}`;
}

/** JSON in which the texts have their letters `e` escaped, as by a server that escapes more than it needs to. */
function escapeSome(value: unknown): string {
  if (typeof value === 'string')
    return JSON.stringify(value).replace(/\\u[0-9a-f]{4}|\\.|e/g, (found) => (found === 'e' ? '\\u0065' : found));
  if (Array.isArray(value)) return `[${value.map(escapeSome).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.entries(value)
    .map(([name, item]) => `${JSON.stringify(name)}:${escapeSome(item)}`)
    .join(',')}}`;
}

describe('json spans - valid objects', () => {
  test('json spans - every member of any JSON object is found where JSON.parse finds it', () => {
    const members = fc.uniqueArray(fc.tuple(anyText, anyValue), { selector: ([name]) => name, maxLength: 8 });
    fc.assert(
      fc.property(members, fc.array(blank), (entries, blanks) => {
        const text = objectText(entries, blanks);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const bytes = encode(text);
        const spans = memberSpans(bytes, 0, bytes.length);
        const needsEscape = entries.some(([name]) => JSON.stringify(name).includes('\\'));
        if (spans === undefined) {
          assert.ok(needsEscape, `refused without a reason: ${text}`);
          return;
        }
        assert.equal(spans.size, Object.keys(parsed).length);
        for (const [name, value] of Object.entries(parsed)) {
          const latin = Buffer.from(name, 'utf8').toString('latin1').slice(0, 256);
          const span = spans.get(latin);
          assert.ok(span, `no span for ${JSON.stringify(name)} in ${text}`);
          assert.deepEqual(JSON.parse(decode(bytes.subarray(...span))), value);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('json spans - the members inside the wanted member are found, and no others', () => {
    const name = fc.constantFrom('result', 'id', 'jsonrpc', 'isError', 'content', 'structuredContent', 'error');
    const inner = fc.dictionary(name, fc.jsonValue());
    const value = fc.oneof(inner, fc.array(fc.jsonValue()), anyText, fc.integer(), fc.constant(null));
    const outer = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key });
    fc.assert(
      fc.property(outer, fc.array(blank), (entries, blanks) => {
        const text = objectText(entries, blanks);
        const parsed = JSON.parse(text) as Record<string, unknown>;
        const result = parsed['result'];
        const expected = { ...parsed };
        if (result !== null && typeof result === 'object' && !Array.isArray(result))
          for (const [key, item] of Object.entries(result)) expected[`result.${key}`] = item;
        assert.deepEqual(spansOf(text, 'result'), expected);
      }),
      { numRuns: 500 },
    );
  });

  test('json spans - a part of a larger buffer is read within its bounds only', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.jsonValue()),
        anyText,
        anyText,
        (value, head, tail) => {
          const before = encode(head);
          const json = encode(JSON.stringify(value));
          const bytes = Buffer.concat([before, json, encode(tail)]);
          const spans = memberSpans(bytes, before.length, before.length + json.length);
          assert.ok(spans);
          for (const [, [from, to]] of spans) {
            assert.ok(from >= before.length && to <= before.length + json.length);
          }
        },
      ),
    );
  });
});

describe('json spans - hostile input', () => {
  const refused: Record<string, string> = {
    'an empty text': '',
    'a list': '[1]',
    'a string': '"{}"',
    'a number': '1',
    null: 'null',
    'two objects': '{"a":1}{"b":2}',
    'text behind the object': '{"a":1} x',
    'text before the object': 'x {"a":1}',
    'a string before the object': '"a" {"a":1}',
    'a comma before the object': ',{"a":1}',
    'a member twice': '{"id":1,"id":2}',
    'an escaped name': '{"\\u0069d":1}',
    'an inner member twice': '{"result":{"isError":false,"isError":true}}',
    'an unfinished object': '{"a":1',
    'an unfinished string': '{"a":"b',
    'a string that ends in a backslash': '{"a":"b\\',
    'a closing bracket too many': '{"a":1}}',
  };
  for (const [what, text] of Object.entries(refused)) {
    test(`json spans - ${what} is refused`, () => {
      assert.equal(spansOf(text, 'result'), undefined);
    });
  }

  test('json spans - names in strings, deeper objects and lists do not count', () => {
    const text = '{"a":"\\"id\\":1","b":{"id":2},"c":[{"id":3}],"d":["id",":"],"id":4}';
    assert.deepEqual(spansOf(text), { a: '"id":1', b: { id: 2 }, c: [{ id: 3 }], d: ['id', ':'], id: 4 });
  });

  test('json spans - any bytes are answered without throwing, and within the bounds', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        for (const [, [from, to]] of memberSpans(bytes, 0, bytes.length, 'result') ?? []) {
          assert.ok(0 <= from && from <= to && to <= bytes.length);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('json spans - what is valid JSON after cutting or changing a byte still gives no wrong span', () => {
    const source = JSON.stringify({
      jsonrpc: '2.0',
      id: 'rb-1',
      result: { content: [{ text: 'a"\\{é' }], isError: true },
    });
    const whole = encode(source);
    let compared = 0;
    for (let index = 0; index < whole.length; index++) {
      for (const byte of [0x20, 0x22, 0x2c, 0x3a, 0x5b, 0x5c, 0x5d, 0x7b, 0x7d, 0x00, 0xff]) {
        const bytes = Uint8Array.from(whole);
        bytes[index] = byte;
        const spans = memberSpans(bytes, 0, bytes.length, 'result');
        const parsed = parse(bytes);
        if (spans === undefined || parsed === undefined) continue;
        for (const [name, span] of spans) {
          if (name.includes('.')) continue;
          assert.deepEqual(parse(bytes.subarray(...span)), parsed[name], new TextDecoder().decode(bytes));
          compared++;
        }
      }
    }
    assert.ok(compared > 100, `${compared} spans were compared`);
  });

  test('json spans - nesting of any depth and 8 MB of text take no stack and linear time', () => {
    const deep = encode(`{"a":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}`);
    assert.deepEqual(memberSpans(deep, 0, deep.length)?.get('a'), [5, 2_000_005]);
    const open = encode('{"a":'.repeat(1_000_000));
    assert.equal(memberSpans(open, 0, open.length), undefined);
    const quotes = encode(`{"a":"${'\\"'.repeat(4_000_000)}"}`);
    assert.deepEqual(memberSpans(quotes, 0, quotes.length)?.get('a'), [5, quotes.length - 1]);
    const longName = encode(`{"${'n'.repeat(4_000_000)}":1}`);
    assert.equal(memberSpans(longName, 0, longName.length)?.size, 1);
  });
});

function parse(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    return JSON.parse(decode(bytes)) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
