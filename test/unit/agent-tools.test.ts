// Calls of a window: every end is one event, a cancelled one is cancelled on the agent too, progress reaches its own call.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createAgentTools, type AgentToolsOptions } from '../../extension/servers/agent-tools.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

type Request = AgentToolsOptions['bus']['request'];
const call = { callId: 'c1', server: 's', tool: 't', arguments: { a: 1 } };

function tools(answer: (signal: AbortSignal) => Promise<unknown>) {
  const cancelled: string[] = [];
  const finished: ToolResultEvent[] = [];
  const listeners = new Set<(progress: EventOf<'toolProgress'>) => void>();
  const request = (name: string, payload: { callId: string }, options: { signal?: AbortSignal } = {}) => {
    if (name !== 'toolCancel') return answer(options.signal ?? new AbortController().signal);
    cancelled.push(payload.callId);
    return Promise.resolve({ callId: payload.callId, cancelled: true });
  };
  const made = createAgentTools({
    bus: { request: request as unknown as Request },
    onProgress: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    onStarted: () => undefined,
    onFinished: (event) => finished.push(event),
  });
  return { made, cancelled, finished, listeners };
}

const never = (): void => undefined;

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

  test('[P10] tools - a cancelled call is cancelled on the agent, and is one event', async () => {
    const { made, cancelled, finished } = tools(
      (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason as Error))),
    );
    const ending = new AbortController();
    const running = made.call(call, { signal: ending.signal, onProgress: never });
    ending.abort();
    assert.equal((await running).error?.code, 'cancelled');
    assert.deepEqual([cancelled, finished.length], [['c1'], 1]);
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
