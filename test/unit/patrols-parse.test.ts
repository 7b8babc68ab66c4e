// How patrols.json is read: what is accepted, what is said about the rest, and that one bad patrol spoils no other.
import assert from 'node:assert/strict';
import { isRegistered } from '@jmespath-community/jmespath';
import { readFile } from 'node:fs/promises';
import { describe, test } from 'node:test';
import { createFunctions } from '../../shared/patrols/expression-functions.ts';
import { parsePatrols, type ParsedPatrol } from '../../shared/patrols/parse-patrols.ts';
import { problemText } from '../../shared/patrols/patrol-problem.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';

const step = { id: 'mail', server: 'workiq', tool: 'fetch', arguments: { entityUrls: ['/me/messages'] } };
/** Those that JMESPath does not have. */
const ownFunctionNames = Object.keys(createFunctions({ now: 0, timeZone: 'UTC' })).filter(
  (name) => !isRegistered(name),
);
const good = { schedule: { cron: '0 8 * * *' }, steps: [step] };

function patrolsOf(file: unknown): ParsedPatrol[] {
  const parsed = parsePatrols(typeof file === 'string' ? file : JSON.stringify(file, null, 1));
  assert.ok(parsed.ok, JSON.stringify(parsed));
  return parsed.patrols;
}

function patrolOf(raw: unknown): Patrol {
  const [parsed] = patrolsOf({ patrols: { one: raw } });
  assert.deepEqual(parsed?.problems, []);
  assert.ok(parsed?.patrol !== undefined);
  return parsed.patrol;
}

function problemsOf(raw: unknown): string[] {
  const [parsed] = patrolsOf({ patrols: { one: raw } });
  assert.equal(parsed?.patrol, undefined, JSON.stringify(raw));
  assert.ok(parsed!.problems.length > 0);
  return parsed!.problems.map(problemText);
}

function fileProblem(text: string): string {
  const parsed = parsePatrols(text);
  assert.ok(!parsed.ok);
  return parsed.problem;
}

describe('patrols.json - what is accepted', () => {
  test('patrols.json - defaults are filled in, and guards are read-only', () => {
    const { steps, guards, ...patrol } = patrolOf(good);
    assert.equal(guards.preset, 'read-only');
    assert.equal(steps[0]?.id, 'mail');
    assert.deepEqual(patrol, {
      name: 'one',
      description: undefined,
      enabled: true,
      schedule: { cron: '0 8 * * *', timeZone: 'UTC', jitterSeconds: 0 },
      timeoutSeconds: 300,
      overlap: 'skip',
      missed: 'skip',
      catchUp: false,
      onAuthRequired: 'skip',
      budget: { callsPerRun: 50, callsPerDay: undefined },
      output: undefined,
    });
  });

  test('patrols.json - steps without an id are numbered, and know which results they read', () => {
    const { id: _id, ...unnamed } = step;
    const { steps, output } = patrolOf({
      ...good,
      steps: [
        unnamed,
        { ...unnamed, arguments: { q: '${steps.step1.result.a} and ${steps.step1.ok}' } },
        { ...unnamed, when: '${!(steps.step1.ok)}' },
      ],
      output: ['x', '${steps.step2.result}'],
    });
    assert.deepEqual(
      steps.map(({ id, reads }) => [id, reads]),
      [
        ['step1', []],
        ['step2', ['step1']],
        // Whether it was well is known even where its result is not.
        ['step3', []],
      ],
    );
    assert.deepEqual(
      output?.map(({ reads }) => reads),
      [[], ['step2']],
    );
  });

  test('patrols.json - the sample of the repository is accepted', async () => {
    const text = await readFile(new URL('../../deploy/examples/patrols.json', import.meta.url), 'utf8');
    const [morning, ...others] = patrolsOf(text);
    assert.deepEqual(others, []);
    assert.deepEqual(morning?.problems.map(problemText), []);
    assert.deepEqual(
      morning?.patrol?.steps.map(({ server, tool }) => [server, tool]),
      [
        ['workiq', 'fetch'],
        ['workiq', 'fetch'],
      ],
    );
  });

  test('patrols.json - the examples of the documentation are accepted', async () => {
    const page = await readFile(new URL('../../docs/patrols.md', import.meta.url), 'utf8');
    const [, block = ''] = /```jsonc\n(.*?)```/s.exec(page) ?? [];
    assert.deepEqual(patrolsOf(block)[0]?.problems.map(problemText), []);
    const examples = [...page.matchAll(/^\| `([^`]*\$\{[^`]*)` +\|/gm)].map(([, text = '']) =>
      text.replaceAll('\\|', '|'),
    );
    assert.ok(examples.length >= 5, examples.join('\n'));
    for (const text of examples)
      patrolOf({
        ...good,
        steps: [step, { ...step, id: 'b', arguments: { text }, forEach: { in: '${steps.mail.result}' } }],
      });
    for (const name of ownFunctionNames) assert.ok(page.includes(`\`${name}(`), name);
  });

  test('patrols.json - an object without patrols means none, an empty file is one that is being saved', () => {
    assert.deepEqual(patrolsOf({}), []);
    assert.deepEqual(patrolsOf('// none\n{ "$schema": "x", "patrols": {}, }'), []);
    assert.match(fileProblem(' '), /empty/);
  });
});

describe('patrols.json - the file as a whole', () => {
  for (const [text, problem] of [
    ['[]', /top level must be an object/],
    ['{ "patrols": [] }', /top level must be an object/],
    ['{\n "patrols": {\n', /^line \d: /],
    ['{ "patrol": {} }', /did you mean "patrols"/],
    ['{ "schedule": {} }', /did you mean to put it into "patrols"/],
    ['{ "patrols": {}, "version": 1 }', /"version".*not known/],
    ['{ "patrols": {}, "password": "correct horse battery" }', /credential/],
  ] as const) {
    test(`patrols.json - ${text.replaceAll('\n', ' ')} is refused`, () => {
      const said = fileProblem(text);
      assert.match(said, problem);
      assert.doesNotMatch(said, /correct horse/);
    });
  }

  test('patrols.json - one bad patrol is stopped with its place and spoils no other', () => {
    const [bad, fine] = patrolsOf(`{
  "patrols": {
    "bad": {
      "schedule": { "cron": "0 8 * * *" },
      "steps": [
        { "server": "a", "tool": "b" },
        { "server": "a", "tool": "b",
          "when": "\${lenth(steps.step1.result)}" }
      ]
    },
    "fine": ${JSON.stringify(good)}
  }
}`);
    assert.equal(bad?.patrol, undefined);
    assert.deepEqual(bad?.problems.map(problemText), [
      'line 8, steps[1].when: ${lenth(steps.step1.result)}: there is no function lenth(). did you mean "length"?',
    ]);
    assert.equal(fine?.patrol?.name, 'fine');
  });

  test('patrols.json - a name that stands twice is a problem of the file, since which of them counts would be a guess', () => {
    const one = JSON.stringify(good);
    assert.match(fileProblem(`{ "patrols": { "a": ${one},\n "a": ${one} } }`), /line 2: "a" stands twice/);
    assert.match(
      fileProblem('{ "patrols": { "c": { "enabled": false, "enabled": true } } }'),
      /"enabled" stands twice/,
    );
  });
});

describe('patrols.json - problems in plain words', () => {
  for (const [name, raw, problem] of [
    ['no schedule', { steps: [step] }, /schedule: (?:is missing|must be an object)/],
    ['no steps', { schedule: good.schedule, steps: [] }, /steps: has no step/],
    ['a misspelt key', { ...good, shedule: 1 }, /"shedule" is not known here: did you mean "schedule"\?/],
    ['a misspelt guard', { ...good, guard: 'full' }, /"guard" is not known here: did you mean "guards"\?/],
    ['a misspelt key of a step', { ...good, steps: [{ ...step, foreach: {} }] }, /steps\[0\]: "foreach".*"forEach"/],
    ['a misspelt key of a schedule', { ...good, schedule: { cron: '0 8 * * *', timezone: 'UTC' } }, /"timeZone"/],
    ['a guard that cannot be read', { ...good, guards: 'readonly!' }, /guards: .*did you mean "read-only"/],
    ['guards that are null', { ...good, guards: null }, /guards: /],
    ['an unknown choice', { ...good, overlap: 'wait' }, /overlap: must be "skip" or "queue"/],
    ['a text for a number', { ...good, timeoutSeconds: '60' }, /timeoutSeconds: must be a number/],
    ['too large a bound', { ...good, steps: [{ ...step, forEach: { in: '${`[]`}', max: 100_000 } }] }, /at most 200/],
    ['no server', { ...good, steps: [{ tool: 'fetch' }] }, /steps\[0\]\.server: is missing/],
    ['a server from a value', { ...good, steps: [{ ...step, server: '${patrol}' }] }, /server: is fixed/],
    ['a tool from a value', { ...good, steps: [{ ...step, tool: '${patrol}' }] }, /tool: is fixed/],
    ['an id twice', { ...good, steps: [step, step] }, /steps\[1\]\.id: "mail" is the id of another step/],
    ['seconds', { ...good, schedule: { cron: '0 0 8 * * *' } }, /six fields: leave out the seconds/],
    ['a day that never comes', { ...good, schedule: { cron: '0 8 31 2 *' } }, /never comes/],
    ['an hour that there is not', { ...good, schedule: { cron: '0 24 * * *' } }, /no cron pattern: .*hour/],
    ['an unknown zone', { ...good, schedule: { cron: '0 8 * * *', timeZone: 'Europe/Berln' } }, /"Europe\/Berlin"\?/],
    ['a city', { ...good, schedule: { cron: '0 8 * * *', timeZone: 'berlin' } }, /did you mean "Europe\/Berlin"/],
    ['an offset', { ...good, schedule: { cron: '0 8 * * *', timeZone: '+01:00' } }, /write an IANA name/],
    [
      'a condition that is always true',
      { ...good, steps: [{ ...step, when: 'steps.mail' }] },
      /must be one expression/,
    ],
    [
      'an item named like a step list',
      { ...good, steps: [{ ...step, forEach: { in: '${`[]`}', as: 'steps' } }] },
      /"steps" means something else/,
    ],
    [
      'an expression in the name of an argument',
      { ...good, steps: [{ ...step, arguments: { a: [{ '${patrol}': 'x' }] } }] },
      /steps\[0\]\.arguments\.a\[0\].*is a name, and names are fixed/,
    ],
    [
      'a unit that there is not',
      { ...good, output: "${startOf(now(), 'decade')}" },
      /output: .*"decade" is no unit: write 'minute'/,
    ],
    [
      'its own result',
      { ...good, steps: [{ ...step, arguments: { a: '${steps.mail.result}' } }] },
      /steps\[0\]\.arguments\.a: .*has not been run by then/,
    ],
    [
      'an item without forEach',
      { ...good, steps: [{ ...step, arguments: { a: '${item.id}' } }] },
      /"item" is not known here/,
    ],
    [
      'an unknown step',
      { ...good, steps: [step, { ...step, id: 'b', arguments: { a: '${steps.mial.result}' } }] },
      /did you mean "mail"\?/,
    ],
    ['a member beside the result', { ...good, output: '${steps.mail.value}' }, /steps\.mail\.result\.value/],
    ['a step without "steps"', { ...good, output: '${mail.result}' }, /write steps\.mail/],
    [
      'a variable of mcp.json',
      { ...good, steps: [{ ...step, arguments: { a: '${TENANT_ID}' } }] },
      /"TENANT_ID" is not known/,
    ],
    ['a "!" that takes too little', { ...good, output: '${!patrol.a}' }, /write !\(a\.b\)/],
    ['a bare number', { ...good, steps: [{ ...step, when: '${index > 1}' }] }, /in backticks: `1`/],
    ['an unclosed expression', { ...good, output: "${join('a', patrol}" }, /is not closed|no JMESPath|ends too early/],
    ['too few arguments', { ...good, output: '${plus(now())}' }, /plus\(\) takes 2 to 3 arguments, not 1/],
    [
      'a credential',
      { ...good, steps: [{ ...step, arguments: { api_key: 'abcdef0123456789' } }] },
      /arguments\.api_key: holds a credential/,
    ],
    ['no object', 'nightly', /must be an object/],
  ] as const) {
    test(`patrols.json - ${name} is a problem`, () => {
      const problems = problemsOf(raw);
      assert.match(problems.join('\n'), problem);
      assert.match(problems[0]!, /^line \d+/);
      assert.doesNotMatch(problems.join('\n'), /abcdef0123456789/);
    });
  }

  test('patrols.json - all problems are reported together', () => {
    const problems = problemsOf({ schedule: { cron: 'x', timeZone: 'y' }, guards: 'z', steps: [step, step] });
    assert.equal(problems.length, 4, problems.join('\n'));
  });

  test('patrols.json - the name __proto__ is refused like any bad name', () => {
    const [parsed] = patrolsOf(`{ "patrols": { "__proto__": ${JSON.stringify(good)} } }`);
    assert.equal(parsed?.patrol, undefined);
    assert.match(parsed!.problems.map(problemText).join(), /the name may have/);
  });

  test('patrols.json - values that come from results are no credentials, long ids neither', () => {
    patrolOf({
      ...good,
      steps: [
        step,
        {
          ...step,
          id: 'next',
          arguments: {
            pageToken: "${steps.mail.result.next || ''}",
            entityUrls: ['/me/messages/AAMkAGI2TG93AAA0bXpQdkN4aGhWcTl3c2JLd0x5R1Zz'],
          },
        },
      ],
    });
  });
});
