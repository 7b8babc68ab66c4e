// The log of calls: order, bounds, late and lost messages, what a filter leaves, and what is kept of results.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { maxCalls, reduceActivity, type ActivityEvent, type Call } from '../../extension/activity/activity-log.ts';
import { ActivityMemory } from '../../extension/activity/activity-memory.ts';
import { argumentHint } from '../../extension/tool-form/argument-hint.ts';
import { eventOfCall } from '../../extension/activity/event-of-call.ts';
import { callView, filterCalls } from '../../extension/activity/activity-view.ts';
import { ResultStore } from '../../extension/activity/result-store.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';

const start = Date.parse('2026-11-23T10:00:00Z');

const clock = { now: start + 3_600_000, timeZone: 'UTC', locale: 'en-GB' };

const unknown = { code: 'outcome_unknown', message: 'Lost.', retryable: false } as const;

function ofWindow(callId: string) {
  return { callId, server: 'workiq', tool: 'fetch', caller: 'vscode' } as const;
}

function started(callId: string, at = start): Extract<ActivityEvent, { kind: 'started' }> {
  return { kind: 'started', call: ofWindow(callId), at };
}

function result(callId: string, more: Partial<ToolResultEvent> = {}): ToolResultEvent {
  const startedAt = new Date(start).toISOString();
  return { callId, server: 'workiq', tool: 'fetch', caller: 'cli', startedAt, durationMs: 12, ok: true, ...more };
}

function progress(callId: string, more: object = {}): ActivityEvent {
  return { kind: 'progress', progress: { callId, progress: 0, ...more }, at: start + 600 };
}

function after(...events: ActivityEvent[]): readonly Call[] {
  return events.reduce<readonly Call[]>(reduceActivity, []);
}

describe('activity - the calls of everybody', () => {
  test('activity - a call of this window runs, then has ended, and stays one entry', () => {
    const calls = after(started('a'), { kind: 'finished', result: result('a', { caller: 'vscode' }) });
    assert.deepEqual(
      calls.map(({ callId, outcome }) => [callId, outcome.kind]),
      [['a', 'ok']],
    );
  });

  test('activity - a call of another program appears while it runs', () => {
    const told = { server: 'workiq', tool: 'ask', caller: 'cli', startedAt: new Date(start).toISOString() };
    const [call] = after(progress('b', { ...told, message: 'Reading', progress: 1, total: 4 }));
    assert.deepEqual(
      [call?.tool, call?.caller, call?.startedAt, call?.outcome],
      ['ask', 'cli', start, { kind: 'running', heardAt: start + 600, progress: 'Reading 25 %' }],
    );
  });

  test('activity - progress that comes after the end, or of a call nobody named, changes nothing', () => {
    const calls = after({ kind: 'finished', result: result('a') });
    assert.equal(reduceActivity(calls, progress('a', { server: 's', tool: 't' })), calls);
    assert.equal(reduceActivity(calls, progress('unknown')), calls);
  });

  test('activity - newest first by their start, whatever the order of the messages, and bounded', () => {
    let calls: readonly Call[] = [];
    for (let index = 0; index < maxCalls + 50; index++) {
      const startedAt = new Date(start + ((index * 7) % 1_000)).toISOString();
      calls = reduceActivity(calls, { kind: 'finished', result: result(`c${index}`, { startedAt }) });
    }
    assert.equal(calls.length, maxCalls);
    const times = calls.map(({ startedAt }) => startedAt);
    assert.deepEqual(
      times,
      times.toSorted((left, right) => right - left),
    );
  });

  test('activity - a running call that is never heard of again is lost, not running for ever', () => {
    const calls = after(started('a'));
    assert.equal(reduceActivity(calls, { kind: 'tick', now: start + 60_000 }), calls);
    assert.equal(reduceActivity(calls, { kind: 'tick', now: start + 3_600_000 })[0]?.outcome.kind, 'lost');
  });

  test('activity - a call that was not heard of any more runs again when it tells its progress', () => {
    const lost = reduceActivity(after(started('a')), { kind: 'tick', now: start + 3_600_000 });
    assert.equal(reduceActivity(lost, progress('a'))[0]?.outcome.kind, 'running');
  });

  test('activity - a call that the agent does not have any more has ended, unheard', () => {
    const calls = reduceActivity(after(started('a')), { kind: 'gone', callId: 'a' });
    assert.equal(calls[0]?.outcome.kind, 'lost');
    const ended = after({ kind: 'finished', result: result('a') });
    assert.equal(reduceActivity(ended, { kind: 'gone', callId: 'a' }), ended);
  });

  test('activity - an end that is known is never replaced by one that is not, nor by a call that runs', () => {
    const ended = after({ kind: 'finished', result: result('a') });
    for (const event of [
      started('a'),
      { kind: 'finished', result: result('a', { ok: false, error: unknown }) },
    ] as const)
      assert.equal(reduceActivity(ended, event), ended);
    const open = after({ kind: 'finished', result: result('a', { ok: false, error: unknown }) });
    assert.equal(reduceActivity(open, started('a')), open);
    const told = reduceActivity(open, { kind: 'finished', result: result('a') });
    assert.equal(told[0]?.outcome.kind, 'ok', 'what the agent says later is the truth');
  });

  test('activity - a possible write that was cancelled may have been done, and its row says so', () => {
    const error = {
      code: 'cancelled',
      message: 'Cancelled.',
      retryable: false,
      action: 'Look whether it took effect.',
    };
    const rows = (['read', 'write'] as const).map((sideEffects) => {
      const running = { ...started('a'), call: { ...ofWindow('a'), sideEffects } } as const;
      const [call] = after(running, { kind: 'finished', result: result('a', { ok: false, error }) });
      assert.ok(call);
      assert.match(eventOfCall(call)?.error?.action ?? '', /took effect/);
      return callView(call, clock);
    });
    assert.match(rows[1]?.description ?? '', /cancelled, perhaps done/);
    assert.match(rows[1]?.tooltip ?? '', /took effect/);
    assert.doesNotMatch(rows[0]?.description ?? '', /perhaps/);
  });

  test('activity - of a read whose end was not heard it is not said that it may have changed something', () => {
    const running = { ...started('a'), call: { ...ofWindow('a'), sideEffects: 'read' } } as const;
    const [call] = after(running, { kind: 'gone', callId: 'a' });
    assert.ok(call);
    assert.equal(eventOfCall(call)?.error?.code, 'server_unavailable');
    const [other] = after(started('a'), { kind: 'gone', callId: 'a' });
    assert.ok(other);
    assert.equal(eventOfCall(other)?.error?.code, 'outcome_unknown');
  });

  test('activity - a call that failed in part is marked, and found among those that failed', () => {
    const error = { code: 'forbidden', message: 'No.', retryable: false };
    const answers = [200, 404, 200].map((statusCode) => ({ statusCode, data: { id: 'x' } }));
    const structuredContent = { results: answers };
    const calls = after(
      {
        kind: 'finished',
        result: result('part', { failures: [{ index: 1, error }], result: { content: [], structuredContent } }),
      },
      { kind: 'finished', result: result('unseen', { failures: [{ index: 1, error }] }) },
      { kind: 'finished', result: result('whole') },
    );
    const failed = filterCalls(calls, { text: '', outcome: 'failed' });
    assert.deepEqual(failed.map(({ callId }) => callId).toSorted(), ['part', 'unseen']);
    const part = calls.find(({ callId }) => callId === 'part');
    assert.ok(part);
    const view = callView(part, clock);
    assert.equal(view.icon, 'warning');
    assert.match(view.tooltip ?? '', /1 of 3 failed/);
  });

  test('activity - calls of one tool are told apart and found by what they were about', () => {
    const calls = after(started('a'), started('b', start + 1));
    const hints = new Map([['a', argumentHint({ entityUrls: ['/me/messages', '/me/events'], top: 5 })]]);
    const found = filterCalls(calls, { text: 'messages', outcome: 'all' }, hints);
    assert.deepEqual(
      found.map(({ callId }) => callId),
      ['a'],
    );
    assert.ok(calls[1]);
    assert.match(callView(calls[1], clock, hints.get('a')).description ?? '', /^\/me\/messages \+1 · /);
  });

  for (const [values, expected] of [
    [{ question: 'What is new?', path: '/me' }, '/me · What is new?'],
    [{ entityUrl: '/me/messages', body: { subject: 'x' } }, '/me/messages'],
    [{ password: 'hunter2', apiKey: 'k' }, ''],
    [{ top: 5 }, 'Top 5'],
    [{ text: `a\u202e${'b'.repeat(200)}` }, /^a.?b+…$/u],
    [{}, ''],
  ] as const)
    test(`activity - what a call is about: ${JSON.stringify(values).slice(0, 60)}`, () => {
      const hint = argumentHint(values);
      if (typeof expected === 'string') assert.equal(hint, expected);
      else assert.match(hint, expected);
      assert.ok(hint.length <= 130);
    });

  test('activity - clearing keeps what runs', () => {
    const calls = after({ kind: 'finished', result: result('a') }, started('b'), { kind: 'cleared' });
    assert.deepEqual(
      calls.map(({ callId }) => callId),
      ['b'],
    );
  });

  test('activity - a filter looks at tool, server, caller and code', () => {
    const error = { code: 'throttled', message: 'Too many.', retryable: true };
    const calls = after(
      { kind: 'finished', result: result('a', { tool: 'ask' }) },
      { kind: 'finished', result: result('b', { ok: false, error }) },
      { kind: 'finished', result: result('c', { ok: false, error: { ...error, code: 'cancelled' } }) },
    );
    const ids = (text: string, outcome: 'all' | 'failed' | 'running'): string[] =>
      filterCalls(calls, { text, outcome }).map(({ callId }) => callId);
    assert.deepEqual(
      [ids('ASK', 'all'), ids('thrott', 'all'), ids('too many', 'all'), ids('', 'failed'), ids('ask', 'failed')],
      [['a'], ['b'], ['b'], ['b'], []],
      'a call that somebody cancelled has not failed',
    );
  });

  test('activity - a row reads from what differs to what is mostly the same, in words, and days are told apart', () => {
    const error = { code: 'auth_required', message: 'Nobody is signed in.', retryable: false };
    const rows = after(
      { kind: 'finished', result: result('a', { caller: 'vscode' }) },
      { kind: 'finished', result: result('b', { ok: false, error }) },
    );
    const text = (at: string, more: Partial<typeof clock> = {}): (string | undefined)[] =>
      rows.map((call) => callView(call, { ...clock, now: Date.parse(at), ...more }).description);
    assert.deepEqual(
      text('2026-11-23T12:00:00Z'),
      ['10:00 \u00b7 12 ms \u00b7 workiq', '10:00 \u00b7 needs a sign-in \u00b7 workiq \u00b7 CLI'].toReversed(),
    );
    assert.match(text('2026-11-23T12:00:00Z', { locale: 'en-US' })[1] ?? '', /^10:00\sAM \u00b7 12 ms/);
    assert.match(text('2026-11-24T12:00:00Z')[1] ?? '', /^23 Nov \u00b7 12 ms/);
  });

  test('activity - a hostile name of a tool stays text', () => {
    const [call] = after({ kind: 'finished', result: result('a', { tool: '$(alert)\u202e[x](command:y)\n<b>' }) });
    assert.ok(call);
    const view = callView(call, clock);
    assert.doesNotMatch(view.label, /\u202e|\n/);
    assert.doesNotMatch(view.tooltip ?? '', /\(command:y\)|<b>|[^\\]\$\(/);
  });
});

describe('activity - what is kept', () => {
  test('[P6] activity - over a reload come the calls, without arguments and results', async () => {
    const stored = new Map<string, unknown>();
    const memory = new ActivityMemory({
      get: (key) => stored.get(key),
      update: (key, value) => Promise.resolve(void stored.set(key, value)),
    });
    memory.save('one', after({ kind: 'finished', result: result('a', { result: { content: 'a private mail' } }) }));
    await memory.flush();
    assert.doesNotMatch(JSON.stringify([...stored]), /private mail/);
    assert.deepEqual(
      memory.load('one').map(({ callId }) => callId),
      ['a'],
    );
    const [key = ''] = stored.keys();
    const kept = stored.get(key) as { agent: string; calls: unknown[] }[];
    stored.set(key, [{ agent: 'one', calls: [{ callId: 1 }, 'x', ...(kept[0]?.calls ?? [])] }]);
    assert.equal(memory.load('one').length, 1, 'what cannot be read is left out');
    stored.set(key, 'damaged');
    assert.deepEqual(memory.load('one'), []);
  });

  const shared = () => {
    const stored = new Map<string, unknown>();
    return {
      get: (key: string) => stored.get(key),
      update: (key: string, value: unknown) => Promise.resolve(void stored.set(key, value)),
    };
  };

  test('activity - what ran when it was kept was not heard of since, until it is', async () => {
    const memory = new ActivityMemory(shared());
    memory.save('one', after(started('a')));
    await memory.flush();
    assert.equal(memory.load('one')[0]?.outcome.kind, 'lost');
  });

  test('activity - a call that ends after its agent was left has that end when the agent is back', async () => {
    const memory = new ActivityMemory(shared());
    memory.save('one', after(started('a')));
    memory.save('two', after(started('b')));
    memory.end(result('a', { ok: false, error: unknown }));
    await memory.flush();
    assert.equal(memory.load('one')[0]?.outcome.kind, 'failed');
    assert.equal(memory.load('two')[0]?.callId, 'b');
    memory.end(result('nobody knows it'));
    assert.equal(memory.load('one').length, 1);
  });

  test('activity - two windows keep what each of them knows, an end before a call that runs or was not heard of', async () => {
    const store = shared();
    const [first, second] = [new ActivityMemory(store), new ActivityMemory(store)];
    first.save('one', after({ kind: 'finished', result: result('a', { ok: false, error: unknown }) }));
    await first.flush();
    second.save('one', reduceActivity(after(started('a')), { kind: 'tick', now: start + 3_600_000 }));
    await second.flush();
    assert.equal(first.load('one')[0]?.outcome.kind, 'failed');
    second.save('one', after(started('b')));
    await second.flush();
    assert.deepEqual(
      first
        .load('one')
        .map(({ callId }) => callId)
        .toSorted(),
      ['a', 'b'],
    );
    first.clear('one', start + 1);
    first.save('one', []);
    await first.flush();
    assert.deepEqual(first.load('one'), [], 'what was cleared does not come back');
  });

  test('activity - the calls of each agent are kept apart, of the last few', async () => {
    const stored = new Map<string, unknown>();
    const memory = new ActivityMemory({
      get: (key) => stored.get(key),
      update: (key, value) => Promise.resolve(void stored.set(key, value)),
    });
    const agents = ['a', 'b', 'c', 'd', 'e'];
    // Not flushed in between: who goes on to another agent at once loses nothing.
    for (const agent of agents) memory.save(agent, after({ kind: 'finished', result: result(`of-${agent}`) }));
    await memory.flush();
    assert.deepEqual(
      agents.map((agent) => memory.load(agent).map(({ callId }) => callId)),
      [[], ['of-b'], ['of-c'], ['of-d'], ['of-e']],
    );
  });

  test('results - bounded in bytes, the newest stays, and the whole one is not replaced by its short event', () => {
    const store = new ResultStore({ maxBytes: 5_000 });
    const big = (callId: string): ToolResultEvent => result(callId, { result: { text: 'x'.repeat(3_000) } });
    store.put(big('a'));
    store.put(result('a', { resultBytes: 3_000 }));
    assert.notEqual(store.get('a')?.result, undefined);
    store.put(big('b'));
    assert.deepEqual([store.get('a'), store.newest?.callId], [undefined, 'b']);
    store.put(result('huge', { result: 'x'.repeat(50_000) }));
    assert.deepEqual([store.get('b'), store.newest?.callId], [undefined, 'huge']);
  });

  test('results - bounded in number, however small they are', () => {
    const store = new ResultStore({ maxBytes: 100_000_000 });
    for (let index = 0; index < maxCalls * 3; index++) store.put(result(`c${index}`, { result: {} }));
    const kept = Array.from({ length: maxCalls * 3 }, (_, index) => store.get(`c${index}`)).filter(Boolean);
    assert.equal(kept.length, maxCalls);
  });
});
