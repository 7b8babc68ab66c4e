// Expressions of patrols: what they give, what is said about mistakes, and that no data can make them work without bound.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ExpressionProblem } from '../../shared/patrols/expression-time.ts';
import { functionNames } from '../../shared/patrols/expression-check.ts';
import { evaluateExpression, parseExpression, type Expression } from '../../shared/patrols/expression.ts';
import type { JSONValue } from '@jmespath-community/jmespath';
import * as fc from '../support/repeatable-fast-check.ts';

const scope = {
  names: ['patrol', 'run', 'account', 'item', 'index'],
  earlierSteps: ['mail', 'calendar'],
  allSteps: ['mail', 'calendar', 'later'],
};
const context = { now: Date.parse('2027-03-28T05:30:15.250Z'), timeZone: 'Europe/Berlin' };

function expression(source: string): Expression {
  const parsed = parseExpression(source, scope);
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.expression;
}

function valueOf(source: string, result: unknown = null, extra: object = {}): JSONValue {
  const data = { steps: { mail: { ok: true, result } }, patrol: 'p', ...extra } as unknown as JSONValue;
  return evaluateExpression(expression(source), data, context);
}

function problemOf(source: string): string {
  const parsed = parseExpression(source, scope);
  assert.ok(!parsed.ok, source);
  return parsed.problem;
}

describe('expressions - time', () => {
  for (const [source, expected] of [
    ['now()', '2027-03-28T05:30:15Z'],
    ['today()', '2027-03-28'],
    ["today('Pacific/Kiritimati')", '2027-03-28'],
    ["today('Pacific/Honolulu')", '2027-03-27'],
    // The day of the change has 23 hours.
    ["startOf(now(), 'day')", '2027-03-27T23:00:00Z'],
    ["endOf(now(), 'day')", '2027-03-28T22:00:00Z'],
    ["startOf(now(), 'week')", '2027-03-21T23:00:00Z'],
    ["startOf(now(), 'week', 'UTC')", '2027-03-22T00:00:00Z'],
    ["endOf(now(), 'month')", '2027-03-31T22:00:00Z'],
    ["endOf(now(), 'year')", '2027-12-31T23:00:00Z'],
    // A day of the calendar, and 24 hours.
    ["minus('2027-03-28T12:00:00', '1d')", '2027-03-27T11:00:00Z'],
    ["minus('2027-03-28T12:00:00', '24h')", '2027-03-27T10:00:00Z'],
    ["plus('2028-01-31', '1mo')", '2028-02-28T23:00:00Z'],
    ["plus(now(), '1h30m')", '2027-03-28T07:00:15Z'],
    ["inZone(now(), 'America/New_York')", '2027-03-28T01:30:15.250-04:00'],
    ["format(now(), 'yyyy-MM-dd HH:mm')", '2027-03-28 07:30'],
    ["format(now(), 'cccc, d LLLL', 'UTC')", 'Sunday, 28 March'],
    ["iso('2027-11-23T08:30:00.0000000', 'UTC')", '2027-11-23T08:30:00Z'],
    ["iso('2027-11-23T08:30:00+05:45')", '2027-11-23T02:45:00Z'],
    ["before('2027-03-28T08:00:00+02:00', '2027-03-28T07:00:00Z')", true],
    ["after(now(), '2027-03-28')", true],
  ] as const) {
    test(`expressions - ${source}`, () => {
      const value = valueOf(source);
      if (source.startsWith('inZone'))
        assert.equal(String(value).replace('.250', ''), expected.toString().replace('.250', ''));
      else assert.equal(value, expected);
    });
  }

  for (const [source, problem] of [
    ["plus(now(), '1 day')", /is no duration/],
    ["plus(now(), '9999999y')", /out of the calendar/],
    ["startOf(now(), 'days')", /no unit: write 'minute'/],
    ["iso('yesterday')", /no time: write one such as/],
    // luxon would take the day from the clock.
    ["iso('08:00')", /no time/],
    ["today('Berlin')", /did you mean "Europe\/Berlin"/],
  ] as const) {
    test(`expressions - ${source} is a problem in words, in the file and in data`, () => {
      // How far an amount leads depends on the time.
      if (!source.includes('9999999y')) assert.match(problemOf(source), problem);
      const [quoted = ''] = /'[^']+'/.exec(source) ?? [];
      const inData = source.replace(quoted, 'run.id');
      assert.throws(
        () => valueOf(inData, null, { run: { id: quoted.slice(1, -1) } }),
        (error) => error instanceof ExpressionProblem && problem.test(error.message) && error.message.includes(inData),
      );
    });
  }
});

describe('expressions - data', () => {
  const mail = {
    value: [
      { id: 'a', n: 10, at: '2027-03-28T05:00:00Z' },
      { id: 'b', n: 9, at: '2027-03-27T05:00:00Z' },
    ],
  };
  for (const [source, expected] of [
    ['steps.mail.result.value[?n > `9`].id', ['a']],
    ["steps.mail.result.value[?after(at, minus($.run.startedAt, '1d'))].id", ['a']],
    ['sort(steps.mail.result.value[].n)', [9, 10]],
    ['max(steps.mail.result.value[].n)', 10],
    ['max_by(steps.mail.result.value, &n).id', 'a'],
    ['sort_by(steps.mail.result.value, &n)[].id', ['b', 'a']],
    ['group_by(steps.mail.result.value, &id) | keys(@)', ['a', 'b']],
    ["length(steps.mail.result.value) > `1` ? 'many' : 'few'", 'many'],
    ["join(', ', steps.mail.result.value[].id)", 'a, b'],
    ['steps.mail.result.nothing', null],
    ["steps.mail.result.nothing || 'none'", 'none'],
    ["trim('  a b  ')", 'a b'],
    ["trim_left('xxa', 'x')", 'a'],
    ["replace('a-b-c', '-', '+')", 'a+b+c'],
    ["replace('a-b-c', '-', '+', `1`)", 'a+b-c'],
    ["pad_left('7', `2`, '0')", '07'],
    ["reverse('añ😀')", '😀ña'],
    ['zip(`[1, 2]`, `[3]`)', [[1, 3]]],
    ["encodeUri('a/b?c=../d')", 'a%2Fb%3Fc%3D..%2Fd'],
  ] as const) {
    test(`expressions - ${source}`, () =>
      assert.deepEqual(valueOf(source, mail, { run: { startedAt: '2027-03-28T05:30:00Z' } }), expected));
  }

  test('expressions - what objects inherit is no data', () => {
    for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty'])
      assert.equal(valueOf(`steps.mail.result.${name}`, {}), null);
    assert.deepEqual(
      valueOf('group_by(steps.mail.result, &k)', [{ k: '__proto__' }, { k: 'constructor' }]),
      JSON.parse('{"__proto__":[{"k":"__proto__"}],"constructor":[{"k":"constructor"}]}'),
    );
    assert.equal(({} as Record<string, unknown>)['k'], undefined);
  });

  test('expressions - data that look like a part of an expression are refused by functions, not evaluated', () => {
    const hostile = { expref: true, type: 'Field', name: 'secret' };
    for (const source of [
      'map(steps.mail.result, `[{"secret": 1}]`)',
      'type(steps.mail.result)',
      'not_null(steps.mail.result)',
    ])
      assert.throws(() => valueOf(source, hostile), /member "expref"/);
    assert.deepEqual(valueOf('steps.mail.result', hostile), hostile);
  });

  for (const [source, data, problem] of [
    ['length(steps.mail.result)', null, /needs a string or list or object and got nothing/],
    ['length(steps.mail.result)', 7, /needs a string or list or object as argument 1 and got a number/],
    ["steps.mail.result[?at > '2027']", [{ at: '2028' }], /texts have no order here: .*before\(a, b\)/],
    ['`1` / `0`', null, /divides by zero/],
    ['&patrol', null, /inside a function only/],
    ["encodeUri('..')", null, /cannot be a part of an address/],
    ['from_items(`[[1, 2]]`)', null, /pair of string/],
  ] as const) {
    test(`expressions - ${source} of ${JSON.stringify(data)} is a problem in words`, () =>
      assert.throws(
        () => valueOf(source, data),
        (error) => error instanceof ExpressionProblem && problem.test(error.message) && error.message.includes(source),
      ));
  }
});

describe('expressions - mistakes are found when the file is read', () => {
  for (const [source, problem] of [
    ['', /empty/],
    ['steps.', /ends too early/],
    ["lenght('a')", /no function lenght\(\)\. did you mean "length"\?/],
    ['toString(patrol)', /no function toString/],
    ['steps.later.result', /"later", which has not been run/],
    ['steps.mial.result', /no step "mial" before\. did you mean "mail"/],
    ['length(steps.mail.value)', /a step has ok, result/],
    ['run | foo', undefined],
    ['map(&steps.mail, `[]`)', undefined],
    ["[?steps.nope == 'x']", undefined],
    ['$.steps.nope', /no step "nope"/],
    ['steps.mail.result[?id == $.itme.id]', /"itme" is not known here: did you mean "item"/],
    ['[mail]', /write steps\.mail/],
    ['{a: steps.nope}', /no step "nope"/],
    ["item == 'a' || unknown", /"unknown" is not known here/],
    ['@ | unknown', /"unknown" is not known here/],
    ['let $x = now() in $x', /"let" is not known/],
    ['!item.read', /write !\(a\.b\)/],
    ['env:HOME', /"env:" is not known here|no JMESPath/],
    ['`nope`', /must be JSON/],
    ['"now"()', /without quotes/],
    ['index + 1', /in backticks: `1`/],
    ['now(patrol)', /now\(\) takes 0 arguments, not 1/],
    [`${'('.repeat(900)}patrol${')'.repeat(900)}`, undefined],
    [`${'!'.repeat(1_500)}patrol`, /nested too deep/],
    ['x'.repeat(2_001), /longer than 2000/],
  ] as const) {
    test(`expressions - ${source.slice(0, 40)} ${problem === undefined ? 'is accepted' : 'is refused'}`, () => {
      if (problem === undefined) expression(source);
      else assert.match(problemOf(source), problem);
    });
  }

  test('expressions - no text throws while it is parsed, and what is accepted throws nothing but problems', () => {
    const word = fc.constantFrom(
      'steps',
      'mail',
      'result',
      '.',
      '[',
      ']',
      '*',
      '(',
      ')',
      '&',
      '@',
      '$',
      '|',
      '||',
      '!',
      '`1`',
      "'a'",
      ',',
      '?',
      ':',
      '{',
      '}',
      '-',
      '==',
      '>',
      '[?',
      'let',
      'in',
      '"a"',
      ...functionNames,
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(word, { maxLength: 14 }).map((words) => words.join('')),
          fc.string(),
        ),
        fc.jsonValue({ maxDepth: 4 }),
        (source, result) => {
          const parsed = parseExpression(source, scope);
          if (!parsed.ok) {
            assert.ok(parsed.problem.length > 0);
            return;
          }
          try {
            valueOf(source, result);
          } catch (error) {
            assert.ok(error instanceof ExpressionProblem, String(error));
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });
});

describe('expressions - bounded work', () => {
  const many = Array.from({ length: 20_000 }, (_, index) => ({ id: `${index}` }));
  for (const [name, source, data] of [
    ['lists that double', Array.from({ length: 80 }, () => '[@, @]').join(' | '), null],
    ['comparing lists that double', `${Array.from({ length: 30 }, () => '[@, @]').join(' | ')} | @ == @`, null],
    ['a loop in a loop', 'map(&length($.steps.mail.result[?id == $.patrol]), steps.mail.result)', many],
    ['a wide padding', "pad_left('x', `1e300`)", null],
    ['a text that is replaced by itself', "replace(steps.mail.result, 'a', steps.mail.result)", 'a'.repeat(100_000)],
    ['a joined text', "join(steps.mail.result, split(steps.mail.result, 'a'))", 'ab'.repeat(20_000)],
    ['sorting by a search', 'sort_by(steps.mail.result, &length($.steps.mail.result[?id == $.patrol]))', many],
  ] as const) {
    test(`expressions - ${name} ends with a problem`, () =>
      assert.throws(
        () => valueOf(source, data),
        (error) => error instanceof ExpressionProblem && /too (?:much|large)|may have/.test(error.message),
      ));
  }

  test('expressions - spaces, deep data and large lists cost no more than their size', () => {
    assert.equal(valueOf('trim(steps.mail.result)', `${' '.repeat(500_000)}x\n`), 'x');
    assert.equal(valueOf('length(steps.mail.result)', many), 20_000);
    assert.equal(valueOf('max(steps.mail.result[].length(id))', many), 5);
    let deep: unknown = 1;
    for (let depth = 0; depth < 50_000; depth++) deep = [deep];
    assert.throws(() => valueOf('length(steps.mail.result)', deep), /nested/);
  });
});
