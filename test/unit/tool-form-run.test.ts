// Running a tool from its form: one run at a time, confirmation, progress, cancelling, closing, and the list to pick from.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { argumentSummary } from '../../extension/tool-form/argument-summary.ts';
import type { ToForm } from '../../extension/tool-form/form-messages.ts';
import { FormSession, type FormSessionPorts } from '../../extension/tool-form/form-session.ts';
import type { JsonObject, JsonValue } from '../../shared/tool-schema/json-value.ts';
import { stepForHidden } from '../../extension/tool-form/outer-step.ts';
import { recentTools, rememberTool, type RecentToolsStore } from '../../extension/tool-form/recent-tools.ts';
import { outcomeView, runningView } from '../../extension/tool-form/run-view.ts';
import type { ToolCaller, ToolProgress, ToolTarget } from '../../extension/tool-form/tool-caller.ts';
import { toolPicks } from '../../extension/tool-form/tool-picks.ts';
import { startToolRun, type ToolRun } from '../../extension/tool-form/tool-run.ts';
import type { HiddenTool, ListedServer, ListedTool, ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const tool = (name: string, sideEffects: 'read' | 'write' = 'read', more: Partial<ListedTool> = {}): ListedTool => ({
  name,
  inputSchema: { type: 'object', properties: { a: { type: 'string' } } },
  sideEffects,
  ...more,
});

const ok = (callId: string): ToolResultEvent => ({
  callId,
  server: 's',
  tool: 't',
  caller: 'test',
  startedAt: '2026-05-31T09:30:00Z',
  durationMs: 12,
  ok: true,
  result: {},
});

/** A caller whose calls end when the test says so. */
function heldCaller(): {
  caller: Pick<ToolCaller, 'call'>;
  calls: {
    arguments: JsonObject;
    finish(event?: ToolResultEvent): void;
    fail(error: Error): void;
    report(progress: ToolProgress): void;
  }[];
} {
  const calls: ReturnType<typeof heldCaller>['calls'] = [];
  return {
    calls,
    caller: {
      call: (request, { signal, onProgress }) =>
        new Promise((resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
          calls.push({
            arguments: request.arguments,
            finish: (event = ok(request.callId)) => resolve(event),
            fail: reject,
            report: onProgress,
          });
        }),
    },
  };
}

const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function openForm(sideEffects: 'read' | 'write' = 'read', answers: boolean[] = []) {
  const held = heldCaller();
  const posted: ToForm[] = [];
  const log = { results: [] as ToolResultEvent[], steps: [] as string[], background: [] as ToolRun[], asked: 0 };
  const ports: FormSessionPorts = {
    post: (message) => void posted.push(message),
    confirm: async () => {
      log.asked++;
      return answers.shift() ?? true;
    },
    start: (target, values) => startToolRun({ caller: held.caller, target, arguments: values, source: 'test' }),
    showResult: (event) => void log.results.push(event),
    learnTimeZone: () => undefined,
    advise: ({ error }) => (error?.code === 'auth_required' ? { text: 'Reconnect here.' } : undefined),
    takeStep: (id) => void log.steps.push(id),
    followInBackground: (run) => void log.background.push(run),
  };
  const target: ToolTarget = { server: 's', tool: tool('t', sideEffects) };
  const session = new FormSession({ target, ports });
  const kinds = (): string[] => posted.map(({ run }) => run.kind);
  return { ...held, ...log, log, posted, session, kinds };
}

const run = (values: JsonObject = {}): unknown => ({ type: 'run', arguments: JSON.stringify(values) });

describe('run tool - a form', () => {
  test('run tool - a run goes from asking to its outcome, and its result is shown', async () => {
    const { session, calls, kinds, log, posted } = openForm();
    await session.receive({ type: 'ready' });
    const running = session.receive(run({ a: 'x' }));
    await settle();
    calls[0]?.report({ progress: 1, total: 4, message: 'Looking' });
    calls[0]?.finish();
    await running;
    assert.deepEqual(kinds(), ['idle', 'asking', 'running', 'running', 'done']);
    assert.deepEqual(posted[3]?.run, { kind: 'running', isCancelling: false, share: 0.25, message: 'Looking' });
    assert.deepEqual(calls[0]?.arguments, { a: 'x' });
    assert.equal(log.results.length, 1);
    await session.receive({ type: 'openResult' });
    assert.equal(log.results.length, 2);
  });

  test('run tool - a second run waits for the first to end', async () => {
    const { session, calls } = openForm();
    const running = session.receive(run());
    await settle();
    await session.receive(run());
    assert.equal(calls.length, 1);
    calls[0]?.finish();
    await running;
    void session.receive(run());
    await settle();
    assert.equal(calls.length, 2);
  });

  test('run tool - without a yes nothing is called, and the form is as before', async () => {
    const { session, calls, kinds } = openForm('write', [false]);
    await session.receive(run());
    assert.equal(calls.length, 0);
    assert.deepEqual(kinds(), ['asking', 'idle']);
  });

  test('run tool - cancelling ends the run and shows no result', async () => {
    const { session, kinds, log } = openForm();
    const running = session.receive(run());
    await settle();
    await session.receive({ type: 'cancel' });
    await running;
    assert.deepEqual(kinds(), ['asking', 'running', 'running', 'cancelled']);
    assert.equal(log.results.length, 0);
  });

  test('run tool - a failure stays in the form, and is shown as a result on request', async () => {
    const { session, calls, posted, log } = openForm();
    const running = session.receive(run());
    await settle();
    calls[0]?.fail(new RockBotError({ code: 'server_unavailable', message: 'No agent answers.' }));
    await running;
    assert.partialDeepStrictEqual(posted.at(-1)?.run, {
      kind: 'failed',
      code: 'server_unavailable',
      message: 'No agent answers.',
    });
    assert.equal(log.results.length, 0);
    await session.receive({ type: 'openResult' });
    assert.equal(log.results[0]?.error?.code, 'server_unavailable');
  });

  test('run tool - closing the form cancels a read and follows a write', async () => {
    const read = openForm('read');
    const reading = read.session.receive(run());
    await settle();
    read.session.close();
    await reading;
    assert.equal(read.log.results.length, 0);

    const write = openForm('write');
    const writing = write.session.receive(run());
    await settle();
    const before = write.posted.length;
    write.session.close();
    assert.equal(write.log.background[0]?.isCancelling, false);
    write.calls[0]?.finish();
    await writing;
    assert.equal(write.log.results.length, 1);
    assert.equal(write.posted.length, before);
  });

  test('run tool - a possible write that is cancelled after its form was closed is told of', async () => {
    const { session, log } = openForm('write');
    const running = session.receive(run());
    await settle();
    session.close();
    log.background[0]?.cancel();
    await running;
    assert.match(log.results[0]?.error?.action ?? '', /Check whether/);
  });

  test('run tool - closing the form while it asks runs nothing', async () => {
    const { session, calls } = openForm('write');
    const running = session.receive(run());
    session.close();
    await running;
    assert.equal(calls.length, 0);
  });

  test('run tool - new arguments start the form over, coming out of hiding does not', async () => {
    const { session, posted } = openForm();
    await session.receive({ type: 'ready' });
    await session.receive({ type: 'ready' });
    session.startOver({ a: 'y' });
    const shown = posted.map((message) => message.type === 'show' && [message.revision, message.arguments]);
    assert.deepEqual(shown, [
      [0, undefined],
      [0, undefined],
      [1, { a: 'y' }],
    ]);
  });

  test('run tool - what is no message of the page is ignored', async () => {
    const { session, calls, posted, log } = openForm();
    for (const wrong of [
      undefined,
      'run',
      {},
      { type: 'run' },
      { type: 'run', arguments: '[1]' },
      { type: 'step', id: 'delete' },
    ])
      await session.receive(wrong);
    assert.deepEqual([calls.length, posted.length, log.steps], [0, 0, []]);
    await session.receive({ type: 'step', id: 'reconnect' });
    assert.deepEqual(log.steps, ['reconnect']);
  });
});

describe('run tool - outcomes', () => {
  test('run tool - a cancelled write says to look whether it happened', async () => {
    const { caller } = heldCaller();
    const started = startToolRun({
      caller,
      target: { server: 's', tool: tool('t', 'write') },
      arguments: {},
      source: 'test',
    });
    started.cancel();
    const event = await started.finished;
    assert.equal(event.error?.code, 'cancelled');
    assert.match(JSON.stringify(outcomeView(event)), /Check whether/);
  });

  test('run tool - what is thrown and not known is told without its detail', async () => {
    const started = startToolRun({
      caller: { call: () => Promise.reject(new Error('secret detail')) },
      target: { server: 's', tool: tool('t') },
      arguments: {},
      source: 'test',
    });
    const event = await started.finished;
    assert.equal(event.error?.code, 'internal');
    assert.doesNotMatch(JSON.stringify(event), /secret/);
  });

  const progress: [ToolProgress | undefined, number | undefined][] = [
    [undefined, undefined],
    [{ progress: 3 }, undefined],
    [{ progress: 3, total: 0 }, undefined],
    [{ progress: 3, total: 4 }, 0.75],
    [{ progress: 9, total: 4 }, 1],
    [{ progress: -1, total: 4 }, 0],
    [{ progress: Number.NaN, total: 4 }, undefined],
  ];
  for (const [given, share] of progress)
    test(`run tool - progress ${JSON.stringify(given)} is the share ${share}`, () => {
      const view = runningView({ progress: given, isCancelling: false, startedAt: Date.now() });
      assert.equal(view.kind === 'running' ? view.share : 'wrong', share);
    });

  test('run tool - a run of which nothing is heard says how long it takes, and its server what it does', () => {
    const after = (seconds: number, progress?: ToolProgress) => {
      const view = runningView({ progress, isCancelling: false, startedAt: 1_000 }, 1_000 + seconds * 1_000);
      return view.kind === 'running' ? view.message : 'wrong';
    };
    assert.equal(after(2), undefined);
    assert.match(after(7) ?? '', /^Running for 7\.0 s; it ends after 5 minutes/);
    assert.match(after(20) ?? '', /asked again/);
    assert.equal(after(20, { progress: 1, message: 'Reading page 3' }), 'Reading page 3');
  });

  test('run tool - an expired sign-in leads to Reconnect', () => {
    const view = outcomeView({
      ...ok('1'),
      ok: false,
      error: { code: 'auth_required', message: 'Gone.', retryable: false },
    });
    assert.partialDeepStrictEqual(view, { kind: 'failed', step: { id: 'reconnect', label: 'Reconnect M365' } });
  });
});

describe('run tool - picking', () => {
  const hidden = (code: HiddenTool['code'], name?: string): HiddenTool => ({
    ...(name !== undefined && { name }),
    reason: 'Because.',
    code,
  });
  const server = (name: string, tools: ListedTool[], gone: HiddenTool[] = []): ListedServer => ({
    name,
    state: 'ready',
    type: 'streamable-http',
    tools,
    hidden: gone,
  });
  const labels = (...args: Parameters<typeof toolPicks>): string[] =>
    toolPicks(...args).map((pick) =>
      pick.kind === 'separator' ? `-- ${pick.label}` : `${pick.label} @ ${pick.description}`,
    );

  test('run tool - recent tools come first, then the others by name, then what is hidden', () => {
    const servers = [
      server('mail', [tool('send'), tool('list', 'read', { title: 'List mail' })], [hidden('denied', 'wipe')]),
      server('files', [tool('find')]),
      server('teams', [], [hidden('auth_required')]),
    ];
    assert.deepEqual(
      labels(servers, [
        { server: 'files', tool: 'find' },
        { server: 'gone', tool: 'x' },
      ]),
      [
        '-- recently used',
        'find @ files',
        '-- other tools',
        'List mail @ list · mail',
        'send @ mail',
        '-- not available now',
        'wipe @ mail',
        'All tools of teams @ teams',
      ],
    );
    assert.deepEqual(labels([], []), []);
  });

  test('run tool - a tool with a title is found by its own name, as the tree shows it', () => {
    const disguised = server('mail', [
      tool('evil', 'write', { title: 'Helpful' }),
      tool('same', 'read', { title: 'same' }),
    ]);
    assert.deepEqual(labels([disguised], []), ['-- tools', 'Helpful @ evil · mail', 'same @ mail']);
  });

  test('run tool - hidden tools lead to what brings them back', () => {
    const steps = (['auth_required', 'denied', 'not_allowed', 'unavailable', 'disabled', 'invalid'] as const).map(
      (code) => stepForHidden(hidden(code)).id,
    );
    assert.deepEqual(steps, ['reconnect', 'openMcpJson', 'openMcpJson', 'showServers', 'openMcpJson', 'openMcpJson']);
  });

  test('run tool - ten recent tools are kept, each once, by name alone', async () => {
    const kept = new Map<string, unknown>();
    const store: RecentToolsStore = {
      get: (key) => kept.get(key),
      update: async (key, value) => void kept.set(key, value),
    };
    for (const name of [...Array(14).keys(), 13, 5]) await rememberTool(store, { server: 's', tool: `t${name}` });
    assert.deepEqual(
      recentTools(store).map(({ tool: name }) => name),
      ['t5', 't13', 't12', 't11', 't10', 't9', 't8', 't7', 't6', 't4'],
    );
    kept.set('rockbot.recentTools', [{ server: 1 }, 'x', { server: 's', tool: 't' }]);
    assert.equal(recentTools(store).length, 1);
  });
});

test('run tool - the question before a write says what it is about in a few short lines', () => {
  const values = {
    to: ['anna@example.com', 'ben@example.com', 'c@example.com', 'd@example.com'],
    subject: 'Hello\n\u202eworld',
    body: 'x'.repeat(1_000),
    attachments: [{ name: 'a' }, { name: 'b' }],
    silent: true,
    request: JSON.stringify({
      message: {
        subject: 'Plan',
        toRecipients: [{ emailAddress: { address: 'alex@contoso.example' } }],
        body: { contentType: 'html', content: '' },
      },
    }),
    note: '{ not JSON',
  };
  assert.equal(
    argumentSummary(values),
    [
      'To: anna@example.com, ben@example.com, c@example.com and 1 more',
      'Subject: Hello world',
      `Body: ${'x'.repeat(160)}… (1000 characters)`,
      'Attachments: a, b',
      'Silent: yes',
      'Message › Subject: Plan',
      'Message › To recipients: alex@contoso.example',
      'Body › Content type: html',
      'Body › Content: empty',
      'Note: { not JSON',
    ].join('\n'),
  );
  assert.equal(argumentSummary({}), 'Without arguments.');
  assert.equal(
    argumentSummary(Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`a${index}`, 1]))).split('\n').length,
    11,
  );
  let deep: JsonValue = 'end';
  for (let depth = 0; depth < 5_000; depth++) deep = depth % 2 === 0 ? { in: deep } : [deep];
  assert.ok(argumentSummary({ deep }).length < 200);
});
