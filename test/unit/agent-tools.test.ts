// Calls of a window: every end is one event, a cancelled one is cancelled on the agent too, progress reaches its own call.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { agentGone, busLeft } from '../../extension/bus/timed-out.ts';
import { createAgentTools, type AgentToolsOptions } from '../../extension/servers/agent-tools.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

type Request = AgentToolsOptions['bus']['request'];
const call = { callId: 'c1', server: 's', tool: 't', arguments: { a: 1 }, sideEffects: 'write' } as const;
const reading = { ...call, sideEffects: 'read' } as const;

interface Invocation {
  signal: AbortSignal;
  /** What a window may tell the agent of a call. */
  payload: object;
}

function tools(answer: (invocation: Invocation) => Promise<unknown>, onCancel: () => boolean = () => true) {
  const cancelled: string[] = [];
  const finished: ToolResultEvent[] = [];
  const listeners = new Set<(progress: EventOf<'toolProgress'>) => void>();
  const request = (name: string, payload: { callId: string }, options: { signal?: AbortSignal } = {}) => {
    if (name !== 'toolCancel') return answer({ signal: options.signal ?? new AbortController().signal, payload });
    cancelled.push(payload.callId);
    return Promise.resolve({ callId: payload.callId, cancelled: onCancel() });
  };
  const made = createAgentTools({
    bus: { request: request as unknown as Request },
    onProgress: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onStarted: () => undefined,
    onFinished: (event) => finished.push(event),
    // Nobody waits in these tests.
    clock: {
      now: () => 0,
      sleep: (_, signal) => (signal?.aborted ? Promise.reject(signal.reason) : Promise.resolve()),
    },
  });
  return { made, cancelled, finished, listeners };
}

const never = (): void => undefined;
const silence = ({ signal }: Invocation): Promise<never> =>
  new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error)));

describe('tools - one call', () => {
  test('tools - a success is an event with the result', async () => {
    const { made, finished } = tools(() => Promise.resolve({ durationMs: 7, result: { content: [] } }));
    const event = await made.call(call, { signal: new AbortController().signal, onProgress: never });
    assert.partialDeepStrictEqual(event, {
      callId: 'c1',
      ok: true,
      durationMs: 7,
      caller: 'vscode',
      result: { content: [] },
    });
    assert.deepEqual(finished, [event]);
  });

  test('tools - a refusal keeps code and words, a defect tells nothing', async () => {
    const refused = tools(() =>
      Promise.reject(new RockBotError({ code: 'throttled', message: 'Slow down.', retryAfterMs: 5 })),
    );
    const event = await refused.made.call(call, { signal: new AbortController().signal, onProgress: never });
    assert.partialDeepStrictEqual(event, {
      ok: false,
      error: { code: 'throttled', message: 'Slow down.', retryAfterMs: 5 },
    });
    const broken = tools(() => Promise.reject(new TypeError('inner detail')));
    const defect = await broken.made.call(call, { signal: new AbortController().signal, onProgress: never });
    assert.equal(defect.error?.code, 'internal');
    assert.doesNotMatch(JSON.stringify(defect), /inner detail/);
  });

  for (const [what, of, advice] of [
    ['write warns that it may have been done', call, /^Check whether the tool has done its work already/],
    ['read warns of nothing', reading, undefined],
  ] as const)
    test(`[P10] tools - cancelled on the agent too, which says nothing of it, a possible ${what}`, async () => {
      const { made, cancelled, finished } = tools(silence);
      const ending = new AbortController();
      const running = made.call(of, { signal: ending.signal, onProgress: never });
      ending.abort();
      const { error } = await running;
      assert.equal(error?.code, 'cancelled');
      if (advice === undefined) assert.equal(error.action, undefined);
      else assert.match(error.action ?? '', advice);
      assert.deepEqual([cancelled, finished.length], [['c1'], 1]);
    });

  test("[P10] tools - of a cancelled call the agent's own end is told: its words about a write, or the result", async () => {
    const words = { code: 'cancelled', message: 'It was cancelled.', action: 'Look whether it took effect.' } as const;
    for (const end of ['refused', 'done'] as const) {
      let answered = never;
      const { made, finished } = tools(
        () =>
          new Promise((resolve, reject) => {
            answered = () =>
              end === 'done' ? resolve({ durationMs: 1, result: { content: [] } }) : reject(new RockBotError(words));
          }),
        () => {
          answered();
          return true;
        },
      );
      const ending = new AbortController();
      const running = made.call(call, { signal: ending.signal, onProgress: never });
      ending.abort();
      const { ok, error } = await running;
      assert.equal(ok, end === 'done');
      assert.equal(error?.action, end === 'done' ? undefined : words.action);
      assert.equal(finished.length, 1);
    }
  });

  test('tools - cancelled before it began it is never sent, and nobody is warned', async () => {
    let sent = 0;
    const { made, cancelled } = tools(() => Promise.resolve(void sent++));
    const event = await made.call(call, { signal: AbortSignal.abort(), onProgress: never });
    assert.deepEqual([event.error?.code, event.error?.action, sent, cancelled], ['cancelled', undefined, 0, []]);
  });

  for (const [what, lost] of [
    ['the agent is gone', agentGone('rockbot')],
    ['the bus was left', busLeft({ name: 'toolInvoke', agent: 'rockbot', url: 'ws://x', isSent: true })],
  ] as const)
    test(`[P10] tools - ${what}: a possible write is of unknown outcome, a read may be made again`, async () => {
      const { made } = tools(() => Promise.reject(lost));
      const watch = { signal: new AbortController().signal, onProgress: never };
      const [write, read] = [await made.call(call, watch), await made.call(reading, watch)];
      assert.partialDeepStrictEqual(write.error, { code: 'outcome_unknown', retryable: false });
      assert.match(write.error?.action ?? '', /Look at the data/);
      assert.partialDeepStrictEqual(read.error, { code: 'server_unavailable', retryable: true });
      assert.match(read.error?.action ?? '', /again/);
      assert.doesNotMatch(JSON.stringify(read), /not known|unknown|Look at the data/);
    });

  test('tools - what a window knows of a tool stays in the window', async () => {
    const told: object[] = [];
    const { made } = tools(({ payload }) => {
      told.push(payload);
      return Promise.resolve({ durationMs: 1, result: {} });
    });
    await made.call(call, { signal: new AbortController().signal, onProgress: never });
    assert.deepEqual(told, [{ callId: 'c1', server: 's', tool: 't', arguments: { a: 1 } }]);
  });

  test('tools - progress of other calls stays theirs, and nobody listens after the end', async () => {
    const heard: string[] = [];
    let end = never;
    const { made, listeners } = tools(
      () => new Promise((resolve) => (end = () => resolve({ durationMs: 1, result: {} }))),
    );
    const running = made.call(call, {
      signal: new AbortController().signal,
      onProgress: ({ message = '' }) => heard.push(message),
    });
    for (const listener of listeners) {
      listener({ callId: 'other', progress: 1, message: 'theirs' });
      listener({ callId: 'c1', progress: 1, message: 'mine' });
    }
    end();
    await running;
    assert.deepEqual([heard, listeners.size], [['mine'], 0]);
  });
});
