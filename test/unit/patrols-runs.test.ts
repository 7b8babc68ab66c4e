// How runs of patrols go and end: outcomes of steps, what counts as blind, budgets, time limits, and what a record holds.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { asUnsent } from '../../agent/unsent-errors.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { openPatrolDesk, toolResult, type Answer } from '../support/patrol-desk.ts';

const schedule = { cron: '0 0 29 2 *' };
const step = (id: string, more: object = {}) => ({ id, server: id, tool: 'read', ...more });

function failure(code: ErrorCode): RockBotError {
  return new RockBotError({ code, message: `It is ${code}.`, action: 'Mend it.' });
}

/** By the name of the server: an error's code, or what its tool gives. */
function answers(byServer: Record<string, ErrorCode | unknown[]>): Answer {
  return async ({ server }) => {
    const found = byServer[server];
    if (typeof found === 'string') throw failure(found);
    return toolResult(found ?? ['one', 'two']);
  };
}

async function ran(patrol: object, answer: Answer) {
  const desk = await openPatrolDesk({ patrols: { p: { schedule, ...patrol } } });
  desk.answer = answer;
  const run = await desk.run('p');
  const outcomes = run.steps.map(({ outcome }) => outcome).join();
  return { desk, run, status: run.status, outcomes, summary: run.summary };
}

describe('patrol runs - how they end', () => {
  const three = { steps: [step('a'), step('b'), step('c')] };
  for (const [name, patrol, byServer, status, outcomes] of [
    ['all is well', three, {}, 'ok', 'ok,ok,ok'],
    ['a failure ends the run', three, { a: 'execution_failed' }, 'failed', 'failed,not_run,not_run'],
    [
      'unless the step says to go on',
      { steps: [step('a', { continueOnError: true }), step('b')] },
      { a: 'forbidden' },
      'blind',
      'failed,ok',
    ],
    ['a sign-in that is needed makes it blind', three, { b: 'auth_required' }, 'blind', 'ok,blind,ok'],
    ['consent, too', three, { b: 'consent_required' }, 'blind', 'ok,blind,ok'],
    ['or ends it', { ...three, onAuthRequired: 'fail' }, { b: 'auth_required' }, 'failed', 'ok,failed,not_run'],
    ['a server that is away makes it blind', three, { a: 'server_unavailable' }, 'blind', 'blind,ok,ok'],
    ['a guard ends it', three, { a: 'guard_denied' }, 'failed', 'failed,not_run,not_run'],
    [
      'what reads the unseen is unseen',
      {
        steps: [
          step('a'),
          step('b', { arguments: { ids: '${steps.a.result}' } }),
          step('c', { when: '${steps.b.result}' }),
        ],
      },
      { a: 'auth_required' },
      'blind',
      'blind,blind,blind',
    ],
    [
      'asking whether it was seen is not reading',
      { steps: [step('a'), step('b', { when: '${steps.a.ok}' }), step('c', { when: '${!(steps.a.ok)}' })] },
      { a: 'auth_required' },
      'blind',
      'blind,skipped,ok',
    ],
    [
      'what reads a step that was left out because of an unseen one is unseen, too',
      {
        steps: [
          step('a'),
          step('b', { when: '${steps.a.ok}' }),
          step('c', { arguments: { of: '${steps.b.result}' } }),
          step('d', { when: '${!(steps.b.skipped)}' }),
          step('e', { when: '${length(steps.d.result) > `0`}' }),
          step('f', { when: '${steps.b.skipped}' }),
        ],
        output: ['${length(steps.b.result || `[]`)} found', '${length(steps.d.result || `[]`)} found', '${steps.f.ok}'],
      },
      { a: 'auth_required' },
      'blind',
      'blind,skipped,blind,skipped,blind,ok',
    ],
    [
      'a list that rests on a step that was not seen is not empty, it is unseen',
      {
        steps: [
          step('a'),
          step('b', { forEach: { in: "${steps.a.ok && ['x'] || `[]`}" } }),
          step('c', { forEach: { in: '${steps.b.result}' } }),
        ],
      },
      { a: 'auth_required' },
      'blind',
      'blind,blind,blind',
    ],
    [
      'an expression that cannot be evaluated ends it',
      { steps: [step('a'), step('b', { arguments: { n: '${length(steps.a.result.nothing)}' } })] },
      {},
      'failed',
      'ok,failed',
    ],
    [
      'nothing to do for each is no failure',
      { steps: [step('a'), step('b', { forEach: { in: '${steps.a.result}' } })] },
      { a: [] },
      'ok',
      'ok,ok',
    ],
  ] as [string, object, Record<string, ErrorCode | unknown[]>, string, string][]) {
    test(`patrol runs - ${name} [P12]`, async () => {
      const found = await ran(patrol, answers(byServer));
      assert.deepEqual([found.status, found.outcomes], [status, outcomes], found.summary);
      assert.match(
        found.summary,
        { ok: /^Complete: /, blind: /^Blind: could not see /, failed: /^Failed: / }[status] ?? /x/,
      );
    });
  }

  test('patrol runs - a server that needs a sign-in is asked once in a run, and what was not called costs nothing', async () => {
    const { desk, run } = await ran(
      { steps: [step('a'), step('again', { server: 'a' }), step('b')], budget: { callsPerRun: 1 } },
      answers({ a: 'auth_required' }),
    );
    assert.deepEqual(
      desk.calls.map(({ server }) => server),
      ['a', 'b'],
    );
    assert.equal(run.budget.calls, 1);
    assert.deepEqual(
      run.steps.map(({ calls }) => calls),
      [0, 0, 1],
    );
  });

  test('patrol runs - what a guard forbids was not sent: it counts neither as a call nor in the budgets', async () => {
    const items = { forEach: { in: '${steps.list.result}' }, arguments: { id: '${item}' }, continueOnError: true };
    const { desk, run } = await ran(
      {
        steps: [step('list'), step('each', items), step('last')],
        budget: { callsPerRun: 3, callsPerDay: 3 },
      },
      async ({ server, arguments: { id } }) => {
        if (server === 'each' && id !== 'b') throw failure('guard_denied');
        return toolResult(server === 'list' ? ['a', 'b', 'c'] : []);
      },
    );
    assert.equal(desk.calls.length, 5);
    assert.deepEqual(run.budget, { calls: 3, callsPerRun: 3, callsToday: 3, callsPerDay: 3 });
    assert.deepEqual(
      run.steps.map(({ outcome, calls }) => [outcome, calls]),
      [
        ['ok', 1],
        ['partial', 1],
        ['ok', 1],
      ],
    );
    assert.deepEqual(run.steps[1]?.items, { total: 3, run: 3, failed: 2 });
  });

  test('patrol runs - what ended before it was sent, for whatever reason, counts as little; what was sent counts', async () => {
    const { run } = await ran(
      {
        steps: [step('unknown'), step('sent')].map((one) => ({ ...one, continueOnError: true })),
        budget: { callsPerRun: 3, callsPerDay: 3 },
      },
      async ({ server }) => {
        throw server === 'unknown' ? asUnsent(failure('tool_not_found')) : failure('tool_not_found');
      },
    );
    assert.deepEqual(run.budget, { calls: 1, callsPerRun: 3, callsToday: 1, callsPerDay: 3 });
    assert.deepEqual(
      run.steps.map(({ outcome, calls }) => [outcome, calls]),
      [
        ['failed', 0],
        ['failed', 1],
      ],
    );
  });

  test('patrol runs - a step that was not reached, and one that needs what was not seen, say so and not that a tool failed', async () => {
    const reads = { arguments: { of: '${steps.a.result}' } };
    const { run } = await ran(
      { steps: [step('a'), step('b', reads), step('c'), step('d')] },
      answers({ a: 'server_unavailable', c: 'guard_denied' }),
    );
    assert.deepEqual(
      run.blind.map(({ step: id, code, reason }) => [id, code, reason]),
      [
        ['a', 'server_unavailable', 'server unavailable'],
        ['b', 'not_seen', 'it needs what was not seen: a'],
        ['c', 'guard_denied', 'a guard forbids it'],
        ['d', 'not_run', 'the run ended before'],
      ],
    );
  });

  test('patrol runs - for each item: what fails is told apart, what is away ends the step, the bound is said', async () => {
    const each = {
      steps: [
        step('list'),
        step('each', { forEach: { in: '${steps.list.result}', max: 4 }, arguments: { id: '${item}' } }),
      ],
    };
    const withItems =
      (fail: Record<string, ErrorCode>): Answer =>
      async ({ server, arguments: { id } }) => {
        if (server === 'list') return toolResult(['a', 'b', 'c', 'd', 'e', 'f']);
        const code = fail[String(id)];
        if (code !== undefined) throw failure(code);
        return toolResult({ id });
      };
    const some = await ran(each, withItems({ b: 'execution_failed' }));
    assert.deepEqual([some.status, some.outcomes], ['blind', 'ok,partial']);
    assert.deepEqual(some.run.steps[1]?.items, { total: 6, run: 4, failed: 1 });
    assert.deepEqual(
      (some.run.steps.at(1)?.result as ({ structuredContent: unknown } | null)[] | undefined)?.map(
        (one) => one?.structuredContent ?? null,
      ),
      [{ id: 'a' }, null, { id: 'c' }, { id: 'd' }],
    );
    assert.match(some.summary, /Step each took the first 4 of 6 items\./);
    const none = await ran(each, withItems({ a: 'forbidden', b: 'forbidden', c: 'forbidden', d: 'forbidden' }));
    assert.deepEqual([none.status, none.outcomes], ['failed', 'ok,failed']);
    const cut = await ran(each, withItems({ c: 'auth_required' }));
    assert.deepEqual([cut.status, cut.outcomes, cut.run.steps[1]?.calls], ['blind', 'ok,partial', 2]);
    const gone = await ran(each, withItems({ a: 'server_unavailable' }));
    assert.deepEqual([gone.status, gone.outcomes, gone.desk.calls.length], ['blind', 'ok,blind', 2]);
  });

  test('patrol runs - parts of a result that failed make it blind, and what reads it unseen', async () => {
    const { run, outcomes } = await ran(
      {
        steps: [step('a'), step('b', { arguments: { of: '${steps.a.result}' } })],
        output: 'Found: ${length(steps.a.result)}',
      },
      async () => ({
        ...toolResult([]),
        failures: [{ index: 1, error: { code: 'forbidden', message: 'Not yours.', retryable: false } }],
      }),
    );
    assert.equal(run.status, 'blind');
    assert.equal(outcomes, 'partial,blind');
    assert.equal(run.output, '(not seen: a)');
    assert.match(run.summary, /^Blind: could not see a in step a \(in part: access is forbidden\), b /);
  });

  test('patrol runs - calls have ids from the run, names of the patrol, its guards, and the time of the step', async () => {
    const { desk, run } = await ran(
      { steps: [step('a', { timeoutSeconds: 7 }), step('b')], guards: { preset: 'no-send' } },
      answers({}),
    );
    assert.deepEqual(
      desk.calls.map(({ callId, patrol, timeoutMs, guards }) => [callId, patrol, timeoutMs, guards.preset]),
      [
        [`${run.runId}-0-0`, 'p', 7_000, 'no-send'],
        [`${run.runId}-1-0`, 'p', undefined, 'no-send'],
      ],
    );
  });

  test('patrol runs - a run ends with its time, also one whose call does not answer', async () => {
    const desk = await openPatrolDesk({
      patrols: { p: { schedule, timeoutSeconds: 60, steps: [step('a'), step('b')] } },
    });
    desk.answer = (_call, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      });
    const { runId } = await desk.patrols.run('p');
    await desk.clock.runUntil(desk.clock.now() + 59_000);
    assert.equal((await desk.patrols.record(runId)).status, 'running');
    await desk.clock.runUntil(desk.clock.now() + 2_000);
    const run = await desk.patrols.record(runId);
    assert.deepEqual([run.status, run.error?.code], ['failed', 'timeout']);
    assert.match(run.summary, /^Failed: step a .*longer than its 60 s/);
  });

  test('patrol runs - at most four at a time over all patrols; the others wait, and their time begins with their turn', async () => {
    const names = ['a', 'b', 'c', 'd', 'e', 'f'];
    const desk = await openPatrolDesk({
      patrols: Object.fromEntries(names.map((name) => [name, { schedule, timeoutSeconds: 90, steps: [step('s')] }])),
    });
    let running = 0;
    let most = 0;
    desk.answer = async (_call, { signal }) => {
      most = Math.max(most, ++running);
      await desk.clock.sleep(60_000, signal);
      running--;
      return toolResult([]);
    };
    for (const name of names) await desk.patrols.run(name);
    // One that waits can be cancelled.
    desk.patrols.cancel('f');
    await desk.clock.runUntil(desk.clock.now() + 130_000);
    assert.equal(most, 4);
    assert.deepEqual(
      names.map((name) => desk.lastRun(name)?.status),
      ['ok', 'ok', 'ok', 'ok', 'ok', 'cancelled'],
    );
    assert.equal(desk.calls.length, 5);
  });

  test('patrol runs - who cancels a run by its id ends no other one', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule, steps: [step('a')] } } });
    const first = await desk.run('p');
    assert.throws(() => desk.patrols.cancel('p', first.runId), { code: 'invalid_request', message: /No run of/ });
    desk.answer = async (_call, { signal }) => {
      await desk.clock.sleep(60_000, signal);
      return toolResult([]);
    };
    const { runId } = await desk.patrols.run('p');
    assert.throws(
      () => desk.patrols.cancel('p', first.runId),
      (error: RockBotError) => error.code === 'invalid_request' && error.message.includes(runId),
    );
    assert.equal(desk.patrols.cancel('p', runId).runId, runId);
    await desk.clock.settle();
    assert.equal(desk.lastRun('p')?.status, 'cancelled');
  });

  test('patrol runs - the history of a patrol that there is not is an error, of one without runs it is empty', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule, steps: [step('a')] } } });
    assert.deepEqual(await desk.patrols.history({ patrol: 'p', limit: 5 }), []);
    await assert.rejects(desk.patrols.history({ patrol: 'q', limit: 5 }), { code: 'invalid_request' });
    await desk.run('p');
    await desk.write({});
    assert.equal((await desk.patrols.history({ patrol: 'p', limit: 5 })).length, 1);
  });

  test('patrol runs - the budget of a day is of the UTC day and of all runs, and begins anew', async () => {
    const desk = await openPatrolDesk({
      patrols: { p: { schedule, budget: { callsPerDay: 3 }, steps: [step('a'), step('b')] } },
    });
    assert.equal((await desk.run('p')).status, 'ok');
    const second = await desk.run('p');
    assert.equal(second.status, 'failed');
    assert.deepEqual(second.budget, { calls: 1, callsPerRun: 50, callsToday: 3, callsPerDay: 3 });
    assert.match(second.summary, /callsPerDay|calls of the UTC day 2027-03-01 are used up/);
    await desk.clock.runUntil(Date.parse('2027-03-02T00:00:01Z'));
    assert.equal((await desk.run('p')).status, 'ok');
  });
});

describe('patrol runs - the budget of a day', () => {
  test('patrol runs - a patrol that leaves the file and comes back has made its calls all the same, also over a restart', async () => {
    const patrols = { p: { schedule, budget: { callsPerDay: 3 }, steps: [step('a'), step('b')] } };
    const first = await openPatrolDesk({ patrols });
    await first.run('p');
    await first.write({});
    await first.write(patrols);
    await first.write({});
    await first.patrols.close();
    const desk = await openPatrolDesk({ volume: first.volume, patrols: {} });
    await desk.write(patrols);
    const { budget, status } = await desk.run('p');
    assert.deepEqual([status, budget.calls, budget.callsToday], ['failed', 1, 3]);
    await desk.clock.runUntil(Date.parse('2027-03-02T00:00:01Z'));
    assert.equal((await desk.run('p')).status, 'ok');
  });
});

describe('patrol runs - the work of expressions', () => {
  const items = Array.from({ length: 300 }, (_, index) => ({ id: `m${index}`, tags: ['a', 'b'] }));
  /** Some hundred thousand units of work each. */
  const heavy = '${length(steps.a.result[?length($.steps.a.result[?id == `"m1"`]) > `0`])}';

  test('patrol runs - all expressions of a run share its work, and an output that is not written is told', async () => {
    const { run } = await ran({ steps: [step('a')], output: Array.from({ length: 20 }, () => heavy) }, async () =>
      toolResult(items),
    );
    assert.match(run.output ?? '', /^300\n/);
    assert.ok((run.outputProblems?.length ?? 0) >= 10);
    assert.match(
      run.outputProblems?.at(-1) ?? '',
      /^line 20: .*the expressions of the run take too much work together/,
    );
  });

  test('patrol runs - others have their turn between the lines of an output, and a run that is stopped there ends', async () => {
    const line = '${length(steps.a.result[?length(map(&id, $.steps.a.result)) > `0`][])}';
    const desk = await openPatrolDesk({
      patrols: { p: { schedule, steps: [step('a')], output: Array.from({ length: 50 }, () => line) } },
    });
    desk.answer = async () => toolResult(items.slice(0, 100));
    const { runId } = await desk.patrols.run('p');
    for (let turn = 0; turn < 1_000 && desk.calls.length === 0; turn++)
      await new Promise((resolve) => setImmediate(resolve));
    desk.patrols.cancel('p');
    await desk.clock.settle();
    const run = await desk.patrols.record(runId);
    assert.deepEqual([run.status, run.steps[0]?.outcome], ['cancelled', 'ok'], run.summary);
    assert.equal(run.output, undefined);
    assert.deepEqual(run.outputProblems, ['the output could not be written before the run ended']);
  });
});

describe('patrol runs - what a record holds', () => {
  test('patrol runs - large results are left out with their size, of a step and of a run; expressions see them all the same', async () => {
    const steps = [step('huge'), ...Array.from({ length: 12 }, (_, index) => step(`s${index}`))];
    const { run } = await ran({ steps, output: '${length(steps.huge.result)}' }, async ({ server }) =>
      toolResult('x'.repeat(server === 'huge' ? 300_000 : 200_000)),
    );
    assert.equal(run.status, 'ok');
    assert.equal(run.output, '300000');
    assert.equal(run.steps[0]?.result, undefined);
    assert.ok((run.steps[0]?.resultBytes ?? 0) > 300_000);
    assert.equal(run.steps.filter(({ result }) => result !== undefined).length, 10);
    assert.ok(run.steps.slice(11).every(({ resultBytes }) => resultBytes !== undefined));
  });

  test('patrol runs - nothing that looks like a credential stands in it [P6]', async () => {
    const secret = `eyJ${'a'.repeat(40)}.${'b'.repeat(40)}.${'c'.repeat(40)}`;
    const { run, desk } = await ran(
      { steps: [step('a'), step('b', { continueOnError: true })], output: 'It says ${steps.a.result.text}' },
      async ({ server }) => {
        if (server === 'b') throw new RockBotError({ code: 'execution_failed', message: `Bearer ${secret}` });
        return toolResult({ text: secret, deep: [[{ link: `https://example.com/?code=${'d'.repeat(30)}` }]] });
      },
    );
    assert.match(JSON.stringify(run), /redacted/);
    for (const text of [JSON.stringify(run), ...desk.volume.values(), ...desk.log, JSON.stringify(desk.told)]) {
      assert.ok(!text.includes(secret));
      assert.ok(!text.includes('d'.repeat(30)));
    }
  });

  test('patrol runs - a result of any depth and names such as "__proto__" do no harm', async () => {
    let deep = '1';
    for (let level = 0; level < 50_000; level++) deep = `[${deep}]`;
    const { run } = await ran(
      { steps: [{ ...step('a'), id: '__proto__' }, step('constructor')] },
      async ({ server }) => ({
        result: JSON.parse(server === 'a' ? deep : '{"__proto__":{"polluted":true}}') as unknown,
        bytes: 100_000,
        failures: [],
      }),
    );
    assert.equal(run.status, 'ok', run.summary);
    assert.equal(run.steps[0]?.result, undefined);
    assert.equal(({} as { polluted?: boolean }).polluted, undefined);
  });

  test('patrol runs - expressions know the patrol, the account, the occurrence, and since when nothing was missed', async () => {
    const desk = await openPatrolDesk({
      patrols: {
        p: {
          schedule: { cron: '0 8 * * *', jitterSeconds: 0 },
          steps: [step('a')],
          output: '${patrol} ${account.username} ${run.scheduledAt} ${run.lastOkAt} ${now()}',
        },
      },
    });
    await desk.clock.runUntil(Date.parse('2027-03-01T08:00:05Z'));
    assert.equal(desk.lastRun('p')?.output, 'p adele@contoso.example 2027-03-01T08:00:00Z  2027-03-01T08:00:00Z');
    await desk.clock.runUntil(Date.parse('2027-03-01T08:10:00Z'));
    const second = await desk.run('p');
    assert.equal(second.output, 'p adele@contoso.example  2027-03-01T08:00:00Z 2027-03-01T08:10:00Z');
  });
});
