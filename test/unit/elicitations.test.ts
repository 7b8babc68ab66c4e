import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallsInFlight, type Belonging } from '../../agent/bridge/calls-in-flight.ts';
import { Elicitations } from '../../agent/bridge/elicitations.ts';
import { readQuestion } from '../../agent/bridge/elicitation-request.ts';
import { ServerLog } from '../../agent/bridge/server-log.ts';
import { createLogger } from '../../agent/logger.ts';
import { systemClock } from '../../shared/clock.ts';
import { manualClock } from '../support/manual-clock.ts';
import type { ElicitationAsked } from '../../shared/contract/elicitation-messages.ts';

const silent = createLogger({ level: 'error', write: () => undefined });
const question = {
  message: 'Which city?',
  schema: { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] },
};
const nothing: Belonging = { origin: undefined, deadline: undefined, ended: undefined };
const never = new AbortController().signal;

interface Desk {
  elicitations: Elicitations;
  asked: ElicitationAsked[];
  closed: string[];
}

function desk(askMs?: number, now?: () => number): Desk {
  const at: Omit<Desk, 'elicitations'> = { asked: [], closed: [] };
  const elicitations = new Elicitations({
    ...(askMs !== undefined && { askMs }),
    clock: now === undefined ? systemClock : { ...systemClock, now },
    logger: silent,
    onAsked: (asked) => void at.asked.push(asked),
    onClosed: (_, outcome) => void at.closed.push(outcome),
  });
  return { ...at, elicitations };
}

describe('questions that wait', () => {
  test('elicitation - one that nobody answers is declined when its time is over', async () => {
    const { elicitations, closed } = desk(600);
    assert.deepEqual(await elicitations.ask('a', question, nothing, never), { action: 'decline' });
    assert.deepEqual(closed, ['expired']);
  });

  test('elicitation - it waits a minute, and never as long as its call', () => {
    const { elicitations, asked } = desk(undefined, () => 1_000_000);
    const secondsFor = (deadline: number | undefined): number => {
      void elicitations.ask('a', question, { ...nothing, deadline }, never);
      return (Date.parse(asked.at(-1)?.expiresAt ?? '') - 1_000_000) / 1_000;
    };
    assert.deepEqual([undefined, 1_300_000, 1_030_000, 1_005_000].map(secondsFor), [60, 60, 28, 4]);
    elicitations.close();
  });

  test('elicitation - without time left in the call nobody is asked', async () => {
    const { elicitations, asked } = desk(undefined, () => 1_000_000);
    const late = { ...nothing, deadline: 1_000_400 };
    assert.deepEqual(await elicitations.ask('a', question, late, never), { action: 'decline' });
    assert.deepEqual(asked, []);
  });

  test('elicitation - withdrawn by its server, or at the stop of the agent, it is cancelled', async () => {
    const { elicitations, closed } = desk();
    const withdrawn = new AbortController();
    const answers = [
      elicitations.ask('a', question, nothing, withdrawn.signal),
      elicitations.ask('b', question, nothing, never),
      elicitations.ask('c', question, nothing, AbortSignal.abort()),
    ];
    withdrawn.abort();
    elicitations.close();
    assert.deepEqual(
      await Promise.all(answers),
      answers.map(() => ({ action: 'cancel' })),
    );
    assert.deepEqual(closed, ['ended', 'ended', 'ended']);
  });

  test('elicitation - one that cannot be told to anybody is declined, and nothing waits for it', async () => {
    const clock = manualClock();
    const elicitations = new Elicitations({
      clock,
      logger: silent,
      onAsked: () => {
        throw new Error('no bus');
      },
      onClosed: () => undefined,
    });
    assert.deepEqual(await elicitations.ask('a', question, nothing, never), { action: 'decline' });
    assert.deepEqual(clock.sleeping, []);
  });

  test('elicitation - its time is that of the clock', async () => {
    const clock = manualClock();
    const elicitations = new Elicitations({
      clock,
      logger: silent,
      onAsked: () => undefined,
      onClosed: () => undefined,
    });
    const answer = elicitations.ask('a', question, nothing, never);
    assert.deepEqual(clock.sleeping, [60_000]);
    clock.advance(60_000);
    assert.deepEqual(await answer, { action: 'decline' });
  });

  test('elicitation - ten in a minute of one server, and ten again in the next', async () => {
    let now = 0;
    const { elicitations, asked } = desk(undefined, () => now);
    const ask = async (server: string): Promise<string> => {
      const answer = elicitations.ask(server, question, nothing, never);
      const { elicitationId } = asked.at(-1) ?? { elicitationId: '' };
      if (elicitations.serverOf(elicitationId) !== undefined) elicitations.answer(elicitationId, { action: 'cancel' });
      return (await answer).action;
    };
    const actions: string[] = [];
    for (let count = 0; count < 12; count++) actions.push(await ask('a'));
    assert.deepEqual(actions, [...Array<string>(10).fill('cancel'), 'decline', 'decline']);
    assert.equal(await ask('b'), 'cancel');
    now = 61_000;
    assert.equal(await ask('a'), 'cancel');
  });
});

describe('calls in flight', () => {
  const origin = (callId: string, deadline: number) => ({ callId, deadline });

  test('calls in flight - a question outside of any stream belongs to the only call, or to all of several', async () => {
    const calls = new CallsInFlight();
    assert.deepEqual(calls.belonging(), nothing);
    const ends: (() => void)[] = [];
    const run = (callId: string, deadline: number) =>
      calls.run(origin(callId, deadline), () => new Promise<void>((resolve) => void ends.push(resolve)));
    const first = run('one', 10);
    assert.equal(calls.belonging().origin?.callId, 'one');
    const second = run('two', 20);
    const both = calls.belonging();
    assert.deepEqual([both.origin, both.deadline, both.ended?.aborted], [undefined, 20, false]);
    ends[1]?.();
    await second;
    assert.equal(both.ended?.aborted, false);
    ends[0]?.();
    await first;
    assert.equal(both.ended?.aborted, true);
    assert.deepEqual(calls.belonging(), nothing);
  });
});

describe('questions as they come', () => {
  const mask = (text: string): string => text;
  const read = (properties: object, message = 'Please fill in') =>
    readQuestion({ message, requestedSchema: { type: 'object', properties } }, mask);

  for (const [what, properties] of [
    ['nested fields', { home: { type: 'object', properties: { street: { type: 'string' } } } }],
    ['a name that cannot be shown', { 'a\u0000b': { type: 'string' } }],
    ['a number with choices', { pin: { type: 'integer', enum: [1, 2] } }],
    ['an option that cannot be shown', { kind: { type: 'string', enum: ['a\u202eb'] } }],
    ['too many options', { kind: { type: 'string', enum: Array.from({ length: 300 }, (_, index) => `o${index}`) } }],
  ] as const) {
    test(`elicitation - ${what} cannot be asked`, () => {
      assert.notEqual(read(properties).kind, 'question');
    });
  }

  test('elicitation - a form that is too large is not looked through at all', () => {
    const fields = Array.from({ length: 2_000 }, (_, index) => [
      `field${index}`,
      { type: 'string', title: 'Password' },
    ]);
    assert.deepEqual(read(Object.fromEntries(fields) as object), {
      kind: 'invalid',
      problem: 'requestedSchema is too large',
    });
  });

  test('elicitation - unknown keywords and formats are left out, what is known stays', () => {
    const found = read({
      mail: { type: 'string', format: 'email', pattern: '.+', readOnly: true },
      phone: { type: 'string', format: 'phone', default: 'x' },
      kinds: { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] }, maxItems: 2 },
    });
    assert.equal(found.kind, 'question');
    assert.deepEqual(found.kind === 'question' && found.question.schema.properties, {
      mail: { type: 'string', format: 'email', pattern: '.+' },
      phone: { type: 'string', default: 'x' },
      kinds: { type: 'array', items: { anyOf: [{ const: 'a', title: 'A' }] }, maxItems: 2 },
    });
  });
});

describe('server log', () => {
  test('server log - a hundred lines in ten seconds; the rest is counted and told with the next line', () => {
    let now = 100_000;
    const lines: Record<string, unknown>[] = [];
    const logger = createLogger({
      level: 'debug',
      write: (line) => void lines.push(JSON.parse(line) as Record<string, unknown>),
    });
    const log = new ServerLog({
      server: 's',
      logger,
      clock: { ...systemClock, now: () => now },
      mask: (text) => text.replaceAll('hunter2', '…'),
    });
    for (let count = 0; count < 150; count++) log.heard({ level: 'info', data: `line ${count} hunter2` });
    assert.equal(lines.length, 100);
    now += 10_000;
    log.heard({ level: 'error', data: { a: 1 } });
    assert.partialDeepStrictEqual(lines.slice(100), [
      { level: 'warn', server: 's', dropped: 50 },
      { level: 'error', said: '{"a":1}' },
    ]);
    assert.equal(lines[0]?.['said'], 'line 0 …');
    for (const params of [undefined, {}, { level: 'nothing', data: 1 }, { data: 'x' }]) log.heard(params);
    assert.equal(lines.length, 102);
    log.close();
  });
});
