// Many large answers at once: all of them end, what the agent holds of them stays within its bound, and nothing is left over.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import { createInbox, headers as createHeaders } from 'nats.ws';
import { AnswerMemory } from '../../agent/bridge/answer-memory.ts';
import { CallBudget } from '../../agent/bridge/call-budget.ts';
import { runCall, type CompletedCall } from '../../agent/bridge/run-call.ts';
import { createLogger } from '../../agent/logger.ts';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { framings, startLargeAnswers, type Framing } from '../support/mcp/large-answers.ts';
import type { ScriptedServer } from '../support/mcp/scripted-http-server.ts';
import { testConnection } from '../support/server-connection.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { tapBus } from '../support/bus-tap.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const MB = 1024 * 1024;
const kept = { load: async () => undefined, saveSoon: () => {}, close: async () => {} };
const logger = createLogger({ level: 'error', write: () => undefined });
const never = new AbortController().signal;

let large: ScriptedServer;
before(async () => {
  large = await startLargeAnswers();
});
after(() => large[Symbol.asyncDispose]());

describe('large answers - in one process', () => {
  test('large answers - in every framing, given up or broken off, they end and what is held stays in its bound', async () => {
    const bound = { limitBytes: 24 * MB, reserveBytes: 16 * MB };
    const answers = new AnswerMemory(bound);
    let most = 0;
    const watched = watch(answers, (bytes) => (most = Math.max(most, bytes)));
    const budget = await CallBudget.open({ kept, clock: systemClock, onProblem: () => undefined });
    await using tested = testConnection({ url: large.url }, { answers: watched });
    tested.connection.start();
    const call = async (framing: Framing, index: number): Promise<string> => {
      const ends = new AbortController();
      const signal = index % 6 === 0 ? ends.signal : never;
      const bytes = MB + (index % 7) * MB;
      const running = runCall(
        { callId: crypto.randomUUID(), caller: 'c', tool: 'large', arguments: { bytes, framing } },
        {
          server: tested.connection,
          budget,
          answers: watched,
          clock: systemClock,
          logger,
          signal,
          deadline: Date.now() + 60_000,
        },
      );
      if (signal !== never) {
        // Given up at moments of their own, wherever the answer is by then.
        setTimeout(() => {
          ends.abort(new RockBotError({ code: 'cancelled', message: 'Enough.' }));
        }, index * 5);
      }
      try {
        const done: CompletedCall = await running;
        assert.ok(done.json.to - done.json.from > bytes);
        done.release();
        return 'ok';
      } catch (error) {
        assert.ok(error instanceof RockBotError, String(error));
        return error.code;
      }
    };
    const outcomes = await Promise.all(
      framings.flatMap((framing) => Array.from({ length: 12 }, (_, index) => call(framing, index + 1))),
    );
    assert.equal(outcomes.length, 48);
    assert.deepEqual(
      [...new Set(outcomes)].filter((outcome) => !['ok', 'cancelled', 'server_unavailable'].includes(outcome)),
      [],
    );
    // Of three framings that arrive, ten of twelve each are not given up.
    assert.ok(outcomes.filter((outcome) => outcome === 'ok').length >= 30, outcomes.join(' '));
    assert.ok(most > 0 && most <= bound.limitBytes, `${most} bytes were held`);
    assert.equal(answers.heldBytes, 0);
  });

  test('large answers - an answer that its caller does not let go of holds the next ones up, and they say so', async () => {
    const answers = new AnswerMemory({ limitBytes: 16 * MB, reserveBytes: 16 * MB });
    const budget = await CallBudget.open({ kept, clock: systemClock, onProblem: () => undefined });
    await using tested = testConnection({ url: large.url }, { answers });
    tested.connection.start();
    const told: (string | undefined)[] = [];
    const call = (bytes: number, signal = never): Promise<CompletedCall> =>
      runCall(
        {
          callId: crypto.randomUUID(),
          caller: 'c',
          tool: 'large',
          arguments: { bytes, framing: 'length' },
          onProgress: ({ message }) => told.push(message),
        },
        {
          server: tested.connection,
          budget,
          answers,
          clock: systemClock,
          logger,
          signal,
          deadline: Date.now() + 60_000,
        },
      );
    const first = await call(6 * MB);
    const second = call(5 * MB);
    await until('it waits', () => told.length > 0);
    assert.match(told[0] ?? '', /waits/);
    const ends = new AbortController();
    const third = call(5 * MB, ends.signal);
    await until('the third one waits as well', () => told.length > 1);
    ends.abort(new RockBotError({ code: 'timeout', message: 'Too late.' }));
    await assert.rejects(third, (error) => {
      assert.ok(error instanceof RockBotError);
      assert.equal(error.code, 'timeout');
      assert.match(error.message, /^Too late\. Its answer had begun to come; .* waited/);
      return true;
    });
    first.release();
    (await second).release();
    assert.equal(answers.heldBytes, 0);
  });
});

describe('large answers - over the bus', () => {
  test('large answers - a flood of them through a real agent all arrive, and it stays far smaller than their sum', async (t) => {
    const count = 40;
    const megabytes = 24;
    await using nats = await startTestNats();
    const entry = { type: 'http', url: large.url };
    await using agent = await startAgentProcess({
      busUrl: nats.url,
      mcpConfig: { mcpServers: { a: entry, b: entry } },
      env: {
        WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
        WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
      },
    });
    await using tap = await tapBus(nats.url, { subjects: [] });
    const inbox = createInbox();
    /** Parts are counted and dropped: the requester is not what is measured. */
    const parts = new Map<string, number>();
    const whole = new Set<string>();
    const failed: string[] = [];
    tap.connection.subscribe(`${inbox}.*`, {
      callback: (_error, { subject, headers, data }) => {
        const [, total] = (headers?.get('rb-chunk') ?? '').split('/');
        const have = (parts.get(subject) ?? 0) + 1;
        parts.set(subject, have);
        if (total === undefined) failed.push(Buffer.from(data).toString('utf8').slice(0, 300));
        else if (have === Number(total)) whole.add(subject);
      },
    });
    for (let index = 0; index < count; index++) {
      const headers = createHeaders();
      headers.set('rb-v', '1');
      headers.set('rb-accept-chunks', '1');
      const args = { bytes: megabytes * MB, framing: framings[index % 3] };
      const request = {
        callId: crypto.randomUUID(),
        server: index % 2 === 0 ? 'a' : 'b',
        tool: 'large',
        arguments: args,
      };
      tap.connection.publish(
        'tool.invoke.mcp.rockbot',
        Buffer.from(JSON.stringify({ ...request, timeoutMs: 240_000 })),
        {
          reply: `${inbox}.${index}`,
          headers,
        },
      );
    }
    await until(
      () => `all have come: ${whole.size} of ${count}`,
      () => whole.size + failed.length === count,
      {
        timeoutMs: 240_000,
        everyMs: 100,
      },
    );
    assert.deepEqual(failed, []);
    if (process.platform !== 'linux') return;
    const [, peak] = /VmHWM:\s+(\d+)/.exec(await readFile(`/proc/${agent.child.pid}/status`, 'utf8')) ?? [];
    const peakMegabytes = Number(peak) / 1024;
    t.diagnostic(`${count * megabytes} MB of answers, ${Math.round(peakMegabytes)} MB resident at most`);
    assert.ok(peakMegabytes < count * megabytes, `${Math.round(peakMegabytes)} MB`);
  });
});

/** Tells what is held after each step that may have changed it. */
function watch(answers: AnswerMemory, onHeld: (bytes: number) => void): AnswerMemory {
  const open = answers.open.bind(answers);
  answers.open = (options) => {
    const room = open(options);
    const noting = <Result>(result: Result): Result => {
      onHeld(answers.heldBytes);
      return result;
    };
    return {
      reserve: (bytes) => noting(room.reserve(bytes))?.then(noting),
      settle: (bytes) => noting(room.settle(bytes)),
      release: () => noting(room.release()),
    };
  };
  return answers;
}
