// W3C trace context in strangers' hands: what is continued, what begins anew, and what is never passed on.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  childTraceparent,
  cleanTracestate,
  maxTracestateLength,
  newTrace,
  parseTraceparent,
  traceparentOf,
} from '../../shared/trace-context.ts';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const spanId = 'b7ad6b7169203331';

describe('trace context', () => {
  for (const [what, value, flags] of [
    ['sampled', `00-${traceId}-${spanId}-01`, '01'],
    ['not sampled', `00-${traceId}-${spanId}-00`, '00'],
    ['of a later version', `cc-${traceId}-${spanId}-01`, '01'],
    ['of a later version with more in it', `cc-${traceId}-${spanId}-01-what-the-future-says`, '01'],
  ] as const) {
    test(`trace context - a traceparent that is ${what} is continued`, () => {
      assert.deepEqual(parseTraceparent(value), { traceId, spanId, flags });
    });
  }

  for (const [what, value] of [
    ['absent', undefined],
    ['empty', ''],
    ['of version ff', `ff-${traceId}-${spanId}-01`],
    ['of all zeros as trace', `00-${'0'.repeat(32)}-${spanId}-01`],
    ['of all zeros as span', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['in capitals', `00-${traceId.toUpperCase()}-${spanId}-01`],
    ['too short', `00-${traceId}-${spanId}-0`],
    ['longer than its version allows', `00-${traceId}-${spanId}-01-more`],
    ['followed by something else', `cc-${traceId}-${spanId}-01.x`],
    ['in a longer text', ` 00-${traceId}-${spanId}-01`],
    ['with a line break', `00-${traceId}-${spanId}-01\nx: y`],
  ] as const) {
    test(`trace context - a traceparent that is ${what} is none`, () => {
      assert.equal(parseTraceparent(value), undefined);
      assert.doesNotMatch(childTraceparent(value), new RegExp(traceId));
    });
  }

  test('trace context - a new trace is a valid one that nobody is said to record', () => {
    const made = newTrace();
    assert.deepEqual(parseTraceparent(traceparentOf(made)), made);
    assert.equal(made.flags, '00');
  });

  test('trace context - a tracestate is passed on in its order', () => {
    assert.equal(
      cleanTracestate('rojo=00f067aa0ba902b7, congo@sys=t61rcWkgMzE ,'),
      'rojo=00f067aa0ba902b7,congo@sys=t61rcWkgMzE',
    );
  });

  test('trace context - a long tracestate is cut between entries', () => {
    const entries = Array.from({ length: 40 }, (_, index) => `key${index}=${'v'.repeat(20)}`);
    const clean = cleanTracestate(entries.join(',')) ?? '';
    assert.ok(clean.length <= maxTracestateLength && clean.length > maxTracestateLength - 30, `${clean.length}`);
    assert.deepEqual(clean.split(','), entries.slice(0, clean.split(',').length));
  });

  for (const [what, value] of [
    ['no list', 'nonsense'],
    ['empty', ''],
    ['with a line break', 'a=b\r\nx-evil: 1'],
    ['with letters outside of ASCII', 'a=ü'],
    ['without a value', 'a='],
    ['endless', `a=${'b'.repeat(10_000)}`],
    ['a credential', `a=${['ghp', 'A1b2C3d4E5f6G7h8I9j0'].join('_')}`],
  ] as const) {
    test(`trace context - a tracestate that is ${what} is not passed on`, () => {
      assert.equal(cleanTracestate(value), undefined);
    });
  }
});
