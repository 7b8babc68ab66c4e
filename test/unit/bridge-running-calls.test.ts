// Calls by id: in time, cancelled, one at a time for each id; and which server a tool belongs to.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { findServer } from '../../agent/bridge/find-server.ts';
import { RunningCalls } from '../../agent/bridge/running-calls.ts';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { failureOf } from '../support/call-failure.ts';

/** Ends with its signal only. */
const untilAborted = ({ signal }: { signal: AbortSignal }): Promise<never> =>
  new Promise((_resolve, reject) => {
    signal.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
const options = { callId: 'a', tool: 'fetch', timeoutMs: 30_000 };

describe('running calls', () => {
  test('running calls - one ends in its time, and its id is free again', async () => {
    const calls = new RunningCalls(systemClock);
    assert.equal((await failureOf(calls.run({ ...options, timeoutMs: 20 }, untilAborted))).code, 'timeout');
    assert.equal(await calls.run(options, async () => 'done'), 'done');
  });

  test('running calls - large requests take so much memory together and no more; what ends makes room, small ones pass', async () => {
    const calls = new RunningCalls(systemClock);
    const large = { ...options, requestBytes: 8 * 1024 * 1024 };
    const running = Array.from({ length: 16 }, (_, index) =>
      failureOf(calls.run({ ...large, callId: `large-${index}` }, untilAborted)),
    );
    const refused = await failureOf(calls.run({ ...large, callId: 'one-more' }, untilAborted));
    assert.deepEqual([refused.code, refused.retryable, refused.retryAfterMs], ['throttled', false, 1_000]);
    assert.equal(await calls.run({ ...options, requestBytes: 8 * 1024 }, async () => 'small'), 'small');
    calls.cancel('large-0');
    await running[0];
    assert.equal(await calls.run({ ...large, callId: 'one-more' }, async () => 'room'), 'room');
    calls.cancelAll('Enough.');
    await Promise.all(running);
    assert.equal(
      await calls.run({ ...options, requestBytes: 128 * 1024 * 1024 }, async () => 'all of it'),
      'all of it',
    );
  });

  test('running calls - one is cancelled by its id, all of them by the agent, and one by its caller', async () => {
    const calls = new RunningCalls(systemClock);
    const ending = new AbortController();
    const failures = [
      failureOf(calls.run(options, untilAborted)),
      failureOf(calls.run({ ...options, callId: 'b', signal: ending.signal }, untilAborted)),
      failureOf(calls.run({ ...options, callId: 'c' }, untilAborted)),
    ];
    assert.equal(calls.cancel('a'), true);
    assert.equal(calls.cancel('nobody'), false);
    ending.abort(new RockBotError({ code: 'forbidden', message: 'The patrol is over.' }));
    calls.cancelAll('The agent is stopping.');
    const told = await Promise.all(failures);
    assert.deepEqual(
      told.map(({ code, message }) => [code, message]),
      [
        ['cancelled', 'The call was cancelled.'],
        ['forbidden', 'The patrol is over.'],
        ['cancelled', 'The agent is stopping.'],
      ],
    );
  });

  test('running calls - an id that is in use is refused, and the call that has it goes on', async () => {
    const calls = new RunningCalls(systemClock);
    const end = Promise.withResolvers<string>();
    const first = calls.run(options, () => end.promise);
    assert.equal((await failureOf(calls.run(options, async () => 'second'))).code, 'invalid_request');
    end.resolve('first');
    assert.equal(await first, 'first');
  });

  test('running calls - one whose caller has gone already is not begun', async () => {
    const calls = new RunningCalls(systemClock);
    let hasBegun = false;
    const gone = AbortSignal.abort(new RockBotError({ code: 'cancelled', message: 'gone' }));
    const begin = async (): Promise<void> => {
      hasBegun = true;
    };
    assert.equal((await failureOf(calls.run({ ...options, signal: gone }, begin))).message, 'gone');
    assert.equal(hasBegun, false);
  });
});

describe('find server', () => {
  const server = (name: string, ...tools: string[]) => ({
    name,
    catalog: { tools: new Map(tools.map((tool) => [tool, {} as never])) },
  });
  const failure = (tool: string, ...servers: ReturnType<typeof server>[]): RockBotError => {
    try {
      findServer(tool, servers);
    } catch (error) {
      assert.ok(error instanceof RockBotError);
      return error;
    }
    return assert.fail('one was found');
  };

  test('find server - the only one with the tool, or the only one there is', () => {
    assert.equal(findServer('b', [server('one', 'a'), server('two', 'b')]).name, 'two');
    assert.equal(findServer('new', [server('one', 'a')]).name, 'one');
  });

  test('find server - several or none are named', () => {
    assert.match(failure('a', server('one', 'a'), server('two', 'a')).action ?? '', /one, two/);
    const none = failure('c', server('one', 'a'), server('two', 'b'));
    assert.equal(none.code, 'tool_not_found');
    assert.match(none.action ?? '', /a, b/);
    assert.equal(failure('c').code, 'tool_not_found');
  });
});
