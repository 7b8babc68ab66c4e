// Values with `${…}`: types, escapes, places in problems, and that results of tools are data and never expressions.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { fillIn, isTrue, parseValue } from '../../shared/patrols/patrol-value.ts';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { planStep, type StepPlan } from '../../shared/patrols/plan-step.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import { renderOutput } from '../../shared/patrols/render-output.ts';
import {
  calledStepValue,
  dataFor,
  resultValue,
  uncalledStepValue,
  type RunData,
} from '../../shared/patrols/step-value.ts';
import { parseTemplate } from '../../shared/patrols/template.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const scope = { names: ['patrol', 'run', 'account'], earlierSteps: ['mail'], allSteps: ['mail'] };
const context = { now: Date.parse('2027-03-01T07:00:00Z'), timeZone: 'UTC' };

function runData(result: unknown, steps: RunData['steps'] = {}): RunData {
  return {
    patrol: 'p',
    run: { id: 'r1', scheduledAt: null, startedAt: '2027-03-01T07:00:00Z', lastOkAt: null },
    account: null,
    steps: { mail: { ok: true, result }, ...steps },
  };
}

function filled(raw: unknown, result: unknown = null): unknown {
  const { value, problems } = parseValue(raw, scope);
  assert.deepEqual(problems, []);
  return fillIn(value, dataFor(runData(result)), context);
}

function patrol(steps: unknown[], output?: unknown): Patrol {
  const parsed = parsePatrols(JSON.stringify({ patrols: { p: { schedule: { cron: '@daily' }, steps, output } } }));
  assert.ok(parsed.ok);
  assert.deepEqual(parsed.patrols[0]?.problems, []);
  return parsed.patrols[0]!.patrol!;
}

const mailStep = { id: 'mail', server: 's', tool: 't' };

describe('values - filling in', () => {
  for (const [raw, result, expected] of [
    ['plain', null, 'plain'],
    ['${steps.mail.result}', { a: [1] }, { a: [1] }],
    [' ${steps.mail.result}', 7, ' 7'],
    ['n=${steps.mail.result}', { a: [1] }, 'n={"a":[1]}'],
    ['[${steps.mail.result}]', null, '[]'],
    ['${patrol}/${run.id}', null, 'p/r1'],
    ['$${patrol} costs $5 and ${patrol}', null, '${patrol} costs $5 and p'],
    ["${join('}', ['{', '`'])}", null, '{}`'],
    ['${{a: patrol, b: `{"c": "}"}`}}', null, { a: 'p', b: { c: '}' } }],
    [['${patrol}', { deep: ['x${patrol}', true, null, 1.5] }], null, ['p', { deep: ['xp', true, null, 1.5] }]],
  ] as const) {
    test(`values - ${JSON.stringify(raw)}`, () => assert.deepEqual(filled(raw, result), expected));
  }

  test('values - texts without expressions are taken as they stand', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('$', '{', '}', 'a', "'", '\\') }), (text) => {
        if (!text.includes('${')) assert.equal(filled(text), text);
        const escaped = text.replaceAll('${', () => '$${');
        // `$${` is the only escape there is.
        if (!text.includes('$${')) assert.equal(filled(escaped), text);
      }),
    );
  });

  test('values - a template that is not closed is a problem, never an endless search', () => {
    for (const text of ['${', "${'}", '${`}', '${{}', 'a ${b']) assert.equal(parseTemplate(text).ok, false, text);
    assert.equal(parseTemplate('${'.repeat(200_000)).ok, false);
  });

  test('values - a problem names its place', () => {
    const { value } = parseValue({ entityUrls: ['a', { b: '${length(steps.mail.result)}' }] }, scope);
    assert.throws(
      () => fillIn(value, dataFor(runData(null)), context),
      /^ExpressionProblem|entityUrls\[1\]\.b: \$\{length\(steps\.mail\.result\)\}: length\(\) needs/,
    );
    const { problems } = parseValue({ entityUrls: ['${nope}', '${now(}'] }, scope);
    assert.deepEqual(
      problems.map(({ path }) => path),
      [
        ['entityUrls', 0],
        ['entityUrls', 1],
      ],
    );
  });

  test('values - what was filled in shares nothing with the data', () => {
    const result = { list: [1] };
    const [first] = filled(['${steps.mail.result.list}'], result) as [number[]];
    first.push(2);
    assert.deepEqual(result, { list: [1] });
  });

  test('values - true and false as JMESPath has them', () => {
    for (const value of [null, false, '', [], {}]) assert.equal(isTrue(value), false);
    for (const value of [true, 0, 'a', [0], { a: 0 }]) assert.equal(isTrue(value), true);
  });
});

describe('values - results are data', () => {
  const hostileText = fc.oneof(
    fc.string(),
    fc.constantFrom(
      '${now()}',
      '$${patrol}',
      '${steps.mail}',
      "'} ${patrol}",
      '`',
      '"',
      '}',
      '${',
      '\\',
      '$',
      '{"expref":true}',
    ),
  );
  const hostile = fc.letrec((tie) => ({
    value: fc.oneof(
      hostileText,
      fc.array(tie('value'), { maxLength: 3 }),
      fc.dictionary(fc.oneof(hostileText, fc.constantFrom('server', 'tool', '__proto__', 'expref')), tie('value'), {
        maxKeys: 3,
      }),
    ),
  })).value;

  test('values - no result is read for expressions, wherever it goes', () => {
    fc.assert(
      fc.property(hostile, hostileText, (result, text) => {
        assert.equal(JSON.stringify(filled('${steps.mail.result}', result)), JSON.stringify(result));
        assert.equal(filled('a${steps.mail.result}b', text), `a${text}b`);
        const json = filled({ body: '${to_string([steps.mail.result])}' }, text) as { body: string };
        assert.deepEqual(JSON.parse(json.body), [text]);
      }),
    );
  });

  test('values - no result changes the server, the tool or the names of arguments', async () => {
    const { steps } = patrol([
      mailStep,
      {
        id: 'next',
        server: 'fixed',
        tool: 'fetch',
        arguments: { a: '${item}', b: { c: 'x${item}' } },
        forEach: { in: '${steps.mail.result}' },
      },
    ]);
    const step = steps[1]!;
    await fc.assert(
      fc.asyncProperty(fc.array(hostile, { maxLength: 5 }), async (items) => {
        const plan = await planStep({ step, data: runData(items), context, outcomes: { mail: 'ok' } });
        assert.equal(plan.kind, 'calls');
        for (const call of (plan as Extract<StepPlan, { kind: 'calls' }>).calls) {
          assert.deepEqual(Object.keys(call), ['a', 'b']);
          assert.deepEqual(Object.keys(call['b'] as object), ['c']);
        }
        assert.deepEqual([step.server, step.tool], ['fixed', 'fetch']);
      }),
    );
  });

  test('values - an encoded result stays one segment of an address', () => {
    fc.assert(
      fc.property(hostileText, (id) => {
        if (id === '.' || id === '..' || id === '') return;
        const url = new URL(
          filled('https://h.example/me/messages/${encodeUri(steps.mail.result)}/body?x=1', id) as string,
        );
        assert.equal(url.pathname.split('/').length, 5);
        assert.equal(url.search, '?x=1');
        assert.equal(decodeURIComponent(url.pathname.split('/')[3]!), id.toWellFormed());
      }),
    );
  });
});

describe('steps - what they do next', () => {
  const second = (more: object): Patrol['steps'][number] =>
    patrol([mailStep, { id: 'b', server: 's', tool: 't', ...more }]).steps[1]!;
  const plan = (
    more: object,
    result: unknown,
    outcome: 'ok' | 'blind' | 'failed' | 'skipped' | 'partial' = 'ok',
  ): Promise<StepPlan> => planStep({ step: second(more), data: runData(result), context, outcomes: { mail: outcome } });

  test('steps - forEach is bounded, and says how many there were', async () => {
    assert.deepEqual(
      await plan(
        { arguments: { n: '${m}', at: '${index}' }, forEach: { in: '${steps.mail.result}', as: 'm', max: 2 } },
        ['x', 'y', 'z'],
      ),
      {
        kind: 'calls',
        calls: [
          { n: 'x', at: 0 },
          { n: 'y', at: 1 },
        ],
        total: 3,
      },
    );
  });

  test('steps - a condition that is not true skips, with the reason', async () => {
    assert.deepEqual(await plan({ when: '${length(steps.mail.result) > `1`}' }, ['x']), {
      kind: 'skipped',
      reason: 'its condition ${length(steps.mail.result) > `1`} was not true',
      unseen: [],
    });
    assert.equal((await plan({ when: '${steps.mail.result}' }, ['x'])).kind, 'calls');
  });

  for (const outcome of ['blind', 'failed', 'partial'] as const)
    test(`steps - one that reads a step that was ${outcome} does not take nothing for what there is [P12]`, async () => {
      const reading = await plan({ forEach: { in: '${steps.mail.result || `[]`}' } }, null, outcome);
      assert.deepEqual(reading, { kind: 'blind', reason: 'it needs what was not seen: mail' });
      // Asking whether it was well is how a patrol can act on it.
      assert.notEqual((await plan({ when: '${!(steps.mail.ok)}' }, null, outcome)).kind, 'blind');
    });

  test('steps - nothing is an empty list only after a step that was left out on purpose', async () => {
    const more = { forEach: { in: '${steps.mail.result}' } };
    assert.deepEqual(await plan(more, null, 'skipped'), { kind: 'calls', calls: [], total: 0 });
    assert.deepEqual(await plan(more, null), {
      kind: 'failed',
      problem: 'step b, forEach.in: it gave nothing instead of a list',
    });
  });

  test('steps - an expression that fails names step, place and expression', async () => {
    const failed = await plan({ arguments: { a: ['${length(item)}'] }, forEach: { in: '${steps.mail.result}' } }, [
      ['x'],
      7,
    ]);
    assert.equal(failed.kind, 'failed');
    assert.match(
      (failed as { problem: string }).problem,
      /^step b, arguments for item 1: a\[0\]: \$\{length\(item\)\}: length\(\) needs/,
    );
  });

  test('steps - the value of a result', () => {
    assert.deepEqual(resultValue({ structuredContent: { a: 1 }, content: [{ type: 'text', text: '{}' }] }), { a: 1 });
    assert.deepEqual(
      resultValue({
        content: [
          { type: 'text', text: '{"a":' },
          { type: 'text', text: '1}' },
          { type: 'text', text: 'CorrelationId: 1-2' },
        ],
      }),
      { a: 1 },
    );
    assert.equal(
      resultValue({
        content: [
          { type: 'text', text: 'one' },
          { type: 'text', text: '17' },
        ],
      }),
      'one\n17',
    );
    for (const nothing of [
      null,
      'x',
      {},
      { content: [] },
      { content: [{ type: 'image', data: '' }] },
      { content: 'x' },
    ])
      assert.equal(resultValue(nothing), null);
  });

  test('steps - the values of steps, called and not called', () => {
    const ends = [
      { result: { structuredContent: { a: 1 } } },
      { error: { code: 'timeout', message: 'm', retryable: true } },
    ];
    assert.deepEqual(calledStepValue({ isForEach: true, ends }), {
      ok: false,
      error: { code: 'timeout', message: 'm' },
      result: [{ a: 1 }, null],
      items: [
        { ok: true, result: { a: 1 } },
        { ok: false, result: null, error: { code: 'timeout', message: 'm' } },
      ],
    });
    assert.deepEqual(calledStepValue({ isForEach: false, ends: ends.slice(0, 1) }), { ok: true, result: { a: 1 } });
    assert.deepEqual(uncalledStepValue(), { ok: false, result: null, skipped: true });
  });
});

describe('output - what a patrol says', () => {
  const { output = [] } = patrol(
    [mailStep],
    ['Report of ${patrol}', 'Found: ${length(steps.mail.result || `[]`)}', 'Mail ok: ${steps.mail.ok}'],
  );

  test('output - lines are filled in', async () => {
    assert.deepEqual(await renderOutput({ lines: output, data: runData([1, 2]), context, outcomes: { mail: 'ok' } }), {
      text: 'Report of p\nFound: 2\nMail ok: true',
      problems: [],
    });
  });

  test('output - a line that needs what was not seen never says that nothing was found [P12]', async () => {
    for (const outcome of ['blind', 'failed', 'not_run', 'partial', 'cancelled'] as const) {
      const { text } = await renderOutput({ lines: output, data: runData(null), context, outcomes: { mail: outcome } });
      assert.match(text, /^Report of p\n\(not seen: mail\)\n/);
    }
  });

  test('output - a line that cannot be filled in says so and spoils no other', async () => {
    const { text, problems } = await renderOutput({
      lines: output,
      data: runData(7),
      context,
      outcomes: { mail: 'ok' },
    });
    assert.equal(text, 'Report of p\n(could not be filled in)\nMail ok: true');
    assert.match(problems.join(), /^line 2: \$\{length/);
  });

  test('output - the sample of the repository tells of mail and calendar', async () => {
    const text = await readFile(new URL('../../deploy/examples/patrols.json', import.meta.url), 'utf8');
    const parsed = parsePatrols(text);
    assert.ok(parsed.ok);
    const { steps, output: lines, schedule } = parsed.patrols[0]!.patrol!;
    const zoned = { ...context, timeZone: schedule.timeZone };
    const calls = await Promise.all(
      steps.map((step) => planStep({ step, data: runData(null), context: zoned, outcomes: {} })),
    );
    assert.match(JSON.stringify(calls[1]), /startDateTime=2027-02-28T23:00:00Z&endDateTime=2027-03-01T23:00:00Z&/);
    const fetched = (value: object[]): RunData['steps'][string] =>
      calledStepValue({
        isForEach: false,
        ends: [{ result: { content: [], structuredContent: { results: [{ data: { value }, statusCode: 200 }] } } }],
      });
    const data = runData(null, {
      mail: fetched([
        { subject: 'Budget', from: { emailAddress: { name: 'Rob Young' } } },
        { subject: null, from: {} },
      ]),
      calendar: fetched([{ subject: 'Stand-up', start: { dateTime: '2027-03-01T08:30:00.0000000', timeZone: 'UTC' } }]),
    });
    const rendered = await renderOutput({
      lines: lines!,
      data,
      context: zoned,
      outcomes: { mail: 'ok', calendar: 'ok' },
    });
    assert.deepEqual(rendered, {
      text: 'Monday, 1 March\nUnread mail, at most 25: 2\nRob Young: Budget\nunknown: (no subject)\nToday: 1\n09:30 Stand-up',
      problems: [],
    });
  });

  test('output - it is bounded', async () => {
    const { text, problems } = await renderOutput({
      lines: patrol([mailStep], '${steps.mail.result}').output!,
      data: runData('x'.repeat(200_000)),
      context,
      outcomes: { mail: 'ok' },
    });
    assert.equal(text.length, 64_000);
    assert.equal(problems.length, 1);
  });
});
