// Patrols in a window: how runs are read, the view's nodes, what is known and asked, and steps as results. A blind run never
// looks like a good one.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { activityRoots, activityView } from '../../extension/activity/activity-nodes.ts';
import type { Call } from '../../extension/activity/activity-log.ts';
import { noFilter } from '../../extension/activity/activity-view.ts';
import { initialState, type ConnectionState } from '../../extension/connection/connection-state.ts';
import { newPatrolsFile } from '../../extension/patrols/new-patrols-file.ts';
import { patrolChildren, patrolNodeView, patrolRoots } from '../../extension/patrols/patrol-tree.ts';
import { PatrolsSession } from '../../extension/patrols/patrols-session.ts';
import {
  noPatrols,
  reducePatrols,
  type PatrolsEvent,
  type PatrolsState,
} from '../../extension/patrols/patrols-state.ts';
import { runDocument } from '../../extension/patrols/run-document.ts';
import { runMarkdown } from '../../extension/patrols/run-markdown.ts';
import { headlineOf, readingOf } from '../../extension/patrols/run-reading.ts';
import { runNode } from '../../extension/patrols/run-node.ts';
import { outcomeText } from '../../extension/patrols/run-words.ts';
import { stepEvent } from '../../extension/patrols/step-event.ts';
import { createTimeText } from '../../extension/results/time-text.ts';
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Clock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { parsePatrols } from '../../shared/patrols/parse-patrols.ts';
import { manualClock } from '../support/manual-clock.ts';
import { blindRun, listedPatrol, patrolRun, someMail, stepRecord } from '../support/patrol-samples.ts';
import { until } from '../support/until.ts';

const clock = { now: Date.parse('2027-03-01T09:00:00Z'), timeZone: 'Europe/Berlin', locale: 'en-GB' };

function after(...events: PatrolsEvent[]): PatrolsState {
  return events.reduce(reducePatrols, noPatrols);
}

function listed(...patrols: ListedPatrol[]): PatrolsEvent {
  return { kind: 'listed', patrols, problems: [] };
}

const view = (patrol: ListedPatrol) => patrolNodeView({ kind: 'patrol', patrol, runs: [] }, clock);

describe('patrols - how a run is read', () => {
  test('[P12] patrols - a record that calls itself well and names what it did not see is blind', () => {
    assert.equal(readingOf(blindRun({ status: 'ok' })), 'blind');
    assert.equal(readingOf(patrolRun()), 'ok');
    assert.equal(readingOf(patrolRun({ status: 'toString' })), 'unknown');
  });

  test('[P12] patrols - one that could not write all of its output is not green anywhere', () => {
    const run = patrolRun({ outputProblems: ['line 1: it divides by zero'] });
    assert.equal(readingOf(run), 'unwritten');
    assert.equal(outcomeText(run), 'complete, output not written');
    assert.equal(view(listedPatrol({ lastRun: run })).icon, 'warning');
    assert.equal(runNode(run, clock, 'patrol').icon, 'warning');
    assert.match(headlineOf({ ...run, summary: '' }), /output could not be written/);
  });

  test('[P12] patrols - the first line of a blind run says so even where its summary does not', () => {
    assert.match(
      headlineOf(blindRun({ summary: 'Nothing found.' })),
      /^Blind: it could not see calendar\. Nothing found\.$/,
    );
    assert.match(headlineOf(blindRun({ summary: '' })), /^Blind: it could not see calendar\./);
    assert.equal(headlineOf(blindRun({ summary: 'Blind: no mail.\nMore' })), 'Blind: no mail.');
  });
});

describe('patrols - the view', () => {
  test('[P12] patrols - only a run that saw everything is green; blind has an icon and words of its own', () => {
    const good = view(listedPatrol());
    assert.deepEqual([good.icon, good.color], ['pass', 'testing.iconPassed']);
    const others = [
      blindRun(),
      blindRun({ status: 'ok' }),
      ...['failed', 'skipped', 'interrupted', 'cancelled', 'new'].map((status) => patrolRun({ status })),
    ].map((lastRun) => view(listedPatrol({ lastRun })));
    for (const { icon, color } of others) {
      assert.notEqual(icon, 'pass');
      assert.notEqual(color, 'testing.iconPassed');
    }
    assert.deepEqual([others[0]?.icon, others[1]?.icon, others[2]?.icon], ['warning', 'warning', 'error']);
    assert.equal(others[0]?.description, 'next Tue 07:45 · blind: calendar');
    assert.match(
      others[0]?.accessibilityLabel ?? '',
      /^Patrol morning, next Tue 07:45, blind: calendar\. Last run: Blind: could not see/,
    );
  });

  test('patrols - running, disabled, invalid and new ones are told apart', () => {
    const lookOf = (more: Partial<ListedPatrol>) => {
      const { icon, description, contextValue } = view(listedPatrol(more));
      return [icon, description, contextValue];
    };
    assert.deepEqual(lookOf({ running: { runId: 'r', startedAt: '2027-03-01T08:59:00Z' } }), [
      'loading~spin',
      'running · next Tue 07:45 · complete',
      'rockbot.runningPatrol',
    ]);
    assert.deepEqual(lookOf({ enabled: false, lastRun: blindRun() }), [
      'debug-pause',
      'disabled · blind: calendar',
      'rockbot.patrol',
    ]);
    assert.deepEqual(lookOf({ valid: false, problems: ['line 3: no'], lastRun: undefined }), [
      'bracket-error',
      'invalid',
      'rockbot.invalidPatrol',
    ]);
    assert.deepEqual(lookOf({ lastRun: undefined }), ['watch', 'next Tue 07:45 · not run yet', 'rockbot.patrol']);
    assert.match(String(lookOf({ lastRun: blindRun(), awaitsSignIn: true })[1]), /runs after sign-in$/);
  });

  test('patrols - problems of the file and of a patrol are rows, and runs stand below their patrol', () => {
    const state = after(
      {
        kind: 'listed',
        patrols: [listedPatrol({ valid: false, problems: ['line 3: no'] })],
        problems: ['line 1: torn'],
      },
      { kind: 'history', runs: [blindRun(), patrolRun({ runId: 'other', patrol: 'evening' })] },
    );
    const [problem, patrol] = patrolRoots(state);
    assert.equal(problem && patrolNodeView(problem, clock).label, 'patrols.json: line 1: torn');
    const children = patrol === undefined ? [] : patrolChildren(patrol).map((node) => patrolNodeView(node, clock));
    assert.deepEqual(
      children.map(({ label, icon }) => [label, icon]),
      [
        ['line 3: no', 'bracket-error'],
        ['08:45', 'warning'],
        ['07:45', 'pass'],
      ],
    );
  });

  test('patrols - text from outside becomes neither link nor icon nor several lines', () => {
    const evil = '[click](command:x) $(zap)\u202e\n<img src=x>';
    const {
      tooltip = '',
      label,
      description,
      accessibilityLabel,
    } = view(
      listedPatrol({
        name: evil,
        description: evil,
        lastRun: blindRun({ summary: `Blind: ${evil}`, blind: [{ server: evil, code: 'x', reason: evil }] }),
      }),
    );
    assert.doesNotMatch(tooltip, /\]\(command|(?<!\\)<img|(?<!\\)\$\(zap/);
    for (const text of [label, description, accessibilityLabel]) assert.doesNotMatch(text ?? '', /[\n\u202e]/);
  });
});

describe('patrols - what a window knows', () => {
  const running = patrolRun({ runId: 'new', status: 'running', startedAt: '2027-03-01T08:59:00Z', endedAt: undefined });
  const ended: PatrolRun = { ...running, status: 'ok' };

  test('patrols - a run that starts and ends changes its patrol at once; a late word of its start does not', () => {
    const state = after(listed(listedPatrol()), { kind: 'run', run: running });
    assert.equal(state.patrols?.[0]?.running?.runId, 'new');
    const done = reducePatrols(state, { kind: 'run', run: ended });
    assert.deepEqual([done.patrols?.[0]?.running, done.patrols?.[0]?.lastRun?.runId], [undefined, 'new']);
    assert.equal(reducePatrols(done, { kind: 'run', run: running }), done);
  });

  test('patrols - an older run that is told late does not become the last one', () => {
    const state = after(listed(listedPatrol()), {
      kind: 'run',
      run: patrolRun({ runId: 'old', startedAt: '2027-02-01T06:45:00Z' }),
    });
    assert.equal(state.patrols?.[0]?.lastRun?.runId, patrolRun().runId);
    assert.deepEqual(
      state.runs.map(({ runId }) => runId),
      [patrolRun().runId, 'old'],
    );
  });

  const connected: ConnectionState = {
    ...initialState('rockbot'),
    bus: { kind: 'online', url: 'ws://x' },
    agent: { kind: 'online', heardAt: 0, instance: 'one' },
  };

  interface Asked {
    name: string;
    payload: object;
  }

  function session(answers: { list?: () => object; history?: () => object; start?: () => object; clock?: Clock } = {}) {
    const asked: Asked[] = [];
    const states: PatrolsState[] = [];
    const runs: PatrolRun[] = [];
    const own = new PatrolsSession({
      request: (async (name: string, payload: object) => {
        asked.push({ name, payload });
        if (name === 'patrolList') return (answers.list ?? (() => ({ patrols: [listedPatrol()], problems: [] })))();
        if (name === 'patrolHistory') return (answers.history ?? (() => ({ runs: [patrolRun()] })))();
        return (answers.start ?? (() => ({ run: running })))();
      }) as never,
      onState: (state) => states.push(state),
      onRun: (run) => runs.push(run),
      ...(answers.clock !== undefined && { clock: answers.clock }),
    });
    const count = (name: string) => asked.filter((one) => one.name === name).length;
    return { own, asked, states, runs, count };
  }

  test('patrols - a double click runs it once, also when the first run is over before the second click', async () => {
    const manual = manualClock();
    let starts = 0;
    const short = patrolRun({ trigger: 'manual' });
    const refused = new RockBotError({ code: 'invalid_request', message: 'The patrol "morning" is running already.' });
    const start = () => {
      if (starts++ > 0) throw refused;
      return { run: short };
    };
    const { own, count } = session({ start, clock: manual });
    const both = await Promise.all([own.start('morning'), own.start('morning')]);
    assert.deepEqual(
      both.map(({ run, isNew }) => [run.runId, isNew]),
      [
        [short.runId, true],
        [short.runId, false],
      ],
    );
    assert.equal(count('patrolRunNow'), 1, 'the second click came before the answer');
    assert.deepEqual(await own.start('morning'), { run: short, isNew: false }, 'its record is not stored yet');
    await assert.rejects(own.start('evening'), refused, 'nothing is known of a run of this one');
    manual.advance(4_000);
    await assert.rejects(own.start('morning'), refused);
  });

  test('patrols - asked when the agent is there, again when it is another one, and forgotten while it is away', async () => {
    const { own, count } = session();
    own.follow(initialState('rockbot'));
    assert.equal(count('patrolList'), 0);
    own.follow(connected);
    own.follow({ ...connected });
    await until('they are known', () => own.state.patrols?.length === 1 && own.state.runs.length === 1);
    assert.deepEqual([count('patrolList'), count('patrolHistory')], [1, 1]);
    own.follow({ ...connected, agent: { kind: 'offline', problem: { code: 'timeout', message: 'away' } } });
    assert.equal(own.state, noPatrols);
    own.follow({ ...connected, agent: { kind: 'online', heardAt: 5, instance: 'two' } });
    await until('they are asked again', () => count('patrolList') === 2);
  });

  test('patrols - what is cancelled is the run that is seen under way, and no later one', async () => {
    const { own, asked } = session({
      list: () => ({
        patrols: [listedPatrol({ running: { runId: 'r7', startedAt: '2027-03-01T08:59:00Z' } })],
        problems: [],
      }),
    });
    own.follow(connected);
    await until('they are known', () => own.state.patrols !== undefined);
    await own.cancel('morning');
    assert.deepEqual(asked.at(-1), {
      name: 'patrolRunNow',
      payload: { patrol: 'morning', action: 'cancel', runId: 'r7' },
    });
  });

  test('patrols - many changes are one question, and steps of a run under way are none', async () => {
    const gathering = manualClock();
    const { own, count, runs } = session({ clock: gathering });
    const asks = async (times: number): Promise<void> => {
      await until('it gathers reasons to ask', () => gathering.sleeping.length === 1);
      gathering.advance(1_000);
      await until('it has asked', () => count('patrolList') === times);
      // What an answer leads to needs no time.
      await turn();
    };
    own.follow(connected);
    await asks(1);
    for (let index = 0; index < 50; index++) own.changed({ run: running, patrols: [] });
    for (let index = 0; index < 50; index++) own.changed({ patrols: ['morning'] });
    own.changed({ run: ended, patrols: [] });
    await asks(2);
    assert.deepEqual(gathering.sleeping, []);
    assert.equal(count('patrolList'), 2);
    assert.equal(runs.length, 51);
  });

  test('patrols - an agent that cannot list them says why, and the runs of one are asked for once', async () => {
    let isBroken = true;
    const { own, count } = session({
      list: () => {
        if (isBroken) throw new RockBotError({ code: 'forbidden', message: 'You may not.' });
        return { patrols: [listedPatrol()], problems: [] };
      },
    });
    own.follow(connected);
    await until('the problem is known', () => own.state.problem?.message === 'You may not.');
    assert.equal(patrolRoots(own.state).length, 1);
    isBroken = false;
    await own.refresh();
    assert.equal(own.state.problem, undefined);
    const before = count('patrolHistory');
    await Promise.all([own.loadRuns('morning'), own.loadRuns('morning')]);
    await own.loadRuns('morning');
    assert.equal(count('patrolHistory'), before + 1);
  });

  test('patrols - a record that is gone is an error in words', async () => {
    const { own } = session({ history: () => ({ runs: [] }) });
    await assert.rejects(own.record('gone'), /no record/);
  });
});

describe('patrols - the record', () => {
  test('[P12] patrols - a record says first how it went, then what was not seen, then its steps', () => {
    const { headline, unseen, steps, output } = runDocument(blindRun());
    assert.match(headline, /^Blind: could not see calendar/);
    assert.deepEqual(unseen, [
      { server: 'calendar', reason: 'sign-in is needed', code: 'auth_required', steps: ['today'] },
    ]);
    assert.deepEqual(
      steps.map(({ id, reading, facts, canOpen }) => [id, reading, facts.join(', '), canOpen]),
      [
        ['mail', 'ok', 'ok, 1.2 s', true],
        ['today', 'blind', 'not seen, not called', true],
      ],
    );
    assert.deepEqual(steps[0]?.span, { from: 0, length: 0.6 });
    assert.equal(output, 'Unread, at most 25: 1\n(not seen: today)');
  });

  test('patrols - while a run is under way, the step it is at runs and later ones are to come', () => {
    const steps = [stepRecord(), ...['b', 'c'].map((id) => stepRecord({ id, outcome: 'not_run', calls: 0 }))];
    const wordsOf = (status: string): string[] =>
      runDocument(patrolRun({ status, steps })).steps.map(({ facts }) => facts.join(', '));
    assert.deepEqual(wordsOf('running').slice(1), ['running', 'to come']);
    assert.deepEqual(wordsOf('failed').slice(1), ['not reached, not called', 'not reached, not called']);
  });

  test('patrols - a step opens as what shows results of calls: its result, its items, its error, or how large it was', () => {
    const run = patrolRun();
    const event = (more: Parameters<typeof stepRecord>[0]) => stepEvent(run, stepRecord(more));
    assert.deepEqual(event({ result: someMail })?.result, someMail);
    assert.deepEqual(event({ result: [someMail, null, { structuredContent: { a: 1 } }] })?.result, {
      content: [...someMail.content, { type: 'text', text: '{"a":1}' }],
    });
    assert.equal(event({ resultBytes: 9 })?.resultBytes, 9);
    const failed = event({ outcome: 'failed', error: { code: 'timeout', message: 'Late.', retryable: true } });
    assert.deepEqual([failed?.ok, failed?.error?.code, failed?.caller], [false, 'timeout', 'patrol/morning']);
    for (const outcome of ['not_run', 'skipped', 'blind'])
      assert.equal(event({ outcome, calls: 0, reason: 'It says why.' }), undefined, outcome);
  });

  test('patrols - as markdown, text from outside stays text', () => {
    const times = createTimeText(clock);
    const text = runMarkdown(blindRun({ patrol: '[x](http://evil.example)', output: '``` \n# not a heading' }), times);
    assert.match(text, /^\*\*Blind: could not see calendar \(sign-in is needed\)\. Saw: workiq\.\*\*$/m);
    assert.ok(text.startsWith('## \\[x\\](http\\://evil.example)'), text);
    assert.match(text, /````\n``` \n# not a heading\n````/);
  });
});

describe('patrols - in the activity view', () => {
  const call = (callId: string, startedAt: number, caller = 'patrol/morning'): Call => ({
    callId,
    server: 'workiq',
    tool: 'fetch',
    caller,
    startedAt,
    outcome: { kind: 'ok', durationMs: 5 },
  });
  const at = Date.parse(patrolRun().startedAt ?? '');
  const calls = [
    call('later', at + 90_000, 'cli'),
    call(`${patrolRun().runId}-0-0`, at + 5),
    call(`${patrolRun().runId}-9-9`, at + 4, 'somebody'),
    call('earlier', at - 5, 'vscode'),
  ];
  const runs = [
    blindRun({ startedAt: new Date(at + 60_000).toISOString() }),
    patrolRun(),
    patrolRun({ runId: 's', status: 'skipped' }),
  ];

  test('activity - runs and calls on one line of time, the calls of a run below it, and none below a stranger', () => {
    const roots = activityRoots({ calls, runs, filter: noFilter });
    assert.deepEqual(
      roots.map((node) => activityView(node, clock).label),
      ['fetch', 'Patrol morning', 'fetch', 'Patrol morning', 'fetch'],
    );
    assert.deepEqual(
      roots.flatMap((node) => ('run' in node ? [node.calls.map(({ callId }) => callId)] : [])),
      [[], [`${patrolRun().runId}-0-0`]],
    );
    assert.match(activityView(roots[1] ?? calls[0]!, clock).description ?? '', /blind: calendar/);
  });

  test('[P12] activity - whoever looks for what failed finds blind runs', () => {
    const roots = activityRoots({ calls, runs, filter: { text: '', outcome: 'failed' } });
    assert.deepEqual(
      roots.map((node) => ('run' in node ? node.run.runId : node.callId)),
      [blindRun().runId],
    );
    assert.equal(activityRoots({ calls, runs, filter: { text: 'calendar', outcome: 'all' } }).length, 1);
  });
});

test('patrols - the file that a window makes is valid, and its patrol runs by hand alone', () => {
  const parsed = parsePatrols(newPatrolsFile('Europe/Berlin'));
  assert.ok(parsed.ok);
  assert.deepEqual(
    parsed.patrols.map(({ problems, patrol }) => [problems, patrol?.enabled]),
    [[[], false]],
  );
});
