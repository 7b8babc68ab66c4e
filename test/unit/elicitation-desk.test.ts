import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { ElicitationAsked } from '../../shared/contract/elicitation-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { questionForm, valueOf, type FormStep } from '../../extension/elicitation/form-steps.ts';
import { ConnectionSession } from '../../extension/connection/connection-session.ts';
import { createElicitationDesk, type ElicitationPorts } from '../../extension/elicitation/elicitation-desk.ts';
import { manualClock, type ManualClock } from '../support/manual-clock.ts';

const asked = Date.parse('2026-11-23T09:59:00.000Z');

const question = (elicitationId = 'e-1'): ElicitationAsked => ({
  elicitationId,
  server: 'weather',
  callId: 'call-1',
  message: 'Which city?',
  requestedSchema: { type: 'object', properties: { city: { type: 'string' } } },
  expiresAt: '2026-11-23T10:00:00.000Z',
});

interface Window {
  ports: ElicitationPorts;
  clock: ManualClock;
  answers: unknown[];
  told: string[];
  /** Choices and forms that wait for the person. */
  choose: ((choice: 'answer' | 'decline' | undefined) => void)[];
  fill: ((content: Record<string, string> | undefined) => void)[];
}

function window(overrides: Partial<ElicitationPorts> = {}): Window {
  const clock = manualClock(asked);
  const at: Window = { ports: undefined as never, clock, answers: [], told: [], choose: [], fill: [] };
  at.ports = {
    claim: async () => true,
    isOwnCall: () => true,
    notify: () => new Promise((resolve) => void at.choose.push(resolve)),
    fill: (_, signal) =>
      new Promise((resolve) => {
        at.fill.push(resolve);
        signal.addEventListener('abort', () => resolve(undefined));
      }),
    answer: async (answer) => {
      at.answers.push(answer);
      return { ok: true, elicitationId: answer.elicitationId, accepted: true };
    },
    tell: (text) => void at.told.push(text),
    clock,
    ...overrides,
  };
  return at;
}

const turns = () => new Promise((resolve) => setImmediate(resolve));

describe('questions in a window', () => {
  test('questions - the answer of the form, a refusal and a form that was closed reach the agent', async () => {
    for (const [choice, content, expected] of [
      ['answer', { city: 'Oslo' }, { elicitationId: 'e-1', action: 'accept', content: { city: 'Oslo' } }],
      ['answer', undefined, { elicitationId: 'e-1', action: 'cancel' }],
      ['decline', undefined, { elicitationId: 'e-1', action: 'decline' }],
      [undefined, undefined, { elicitationId: 'e-1', action: 'cancel' }],
    ] as const) {
      const at = window();
      const done = createElicitationDesk(at.ports).asked(question());
      await turns();
      at.choose[0]?.(choice);
      await turns();
      at.fill[0]?.(content);
      await done;
      assert.deepEqual(at.answers, [expected]);
    }
  });

  test('questions - a window that is not the one to ask shows nothing; the one with the call is ahead', async () => {
    const other = window({ claim: async () => false });
    await createElicitationDesk(other.ports).asked(question());
    assert.equal(other.choose.length, 0);
    let claims = 0;
    const late = window({ isOwnCall: () => false, claim: async () => (claims++, false) });
    const done = createElicitationDesk(late.ports).asked(question());
    await turns();
    assert.equal(claims, 0);
    late.clock.advance(1_000);
    await done;
    assert.equal(claims, 1);
  });

  for (const [outcome, word] of [
    ['expired', /time for the question of weather is over/],
    ['accepted', /answered elsewhere/],
    ['ended', /needs no answer any more/],
  ] as const) {
    test(`questions - one that ends as ${outcome} goes away with a word, from the notice and from the form`, async () => {
      for (const isInForm of [false, true]) {
        const at = window();
        const desk = createElicitationDesk(at.ports);
        const done = desk.asked(question());
        await turns();
        if (isInForm) {
          at.choose[0]?.('answer');
          await turns();
          assert.equal(at.fill.length, 1);
        }
        desk.closed({ elicitationId: 'e-1', outcome });
        await done;
        assert.match(at.told.join(), word);
        assert.deepEqual(at.answers, []);
      }
    });
  }

  test('questions - a notice that stays after its question is over sends no answer, and says why when it is pressed', async () => {
    const at = window();
    const desk = createElicitationDesk(at.ports);
    const done = desk.asked(question());
    await turns();
    desk.closed({ elicitationId: 'e-1', outcome: 'accepted' });
    await done;
    at.told.splice(0);
    at.choose[0]?.('answer');
    await turns();
    assert.match(at.told.join(), /^The question of weather was answered elsewhere\.$/);
    assert.deepEqual([at.fill, at.answers], [[], []]);
  });

  test('questions - a notice that is put away after its question is over says nothing', async () => {
    const at = window();
    const desk = createElicitationDesk(at.ports);
    const done = desk.asked(question());
    await turns();
    desk.closed({ elicitationId: 'e-1', outcome: 'ended' });
    await done;
    at.told.splice(0);
    at.choose[0]?.(undefined);
    await turns();
    assert.deepEqual([at.told, at.answers], [[], []]);
  });

  test('questions - one that ends while the windows settle who asks is shown to nobody', async () => {
    let claimed: (isOurs: boolean) => void = () => {};
    const at = window({ claim: () => new Promise((resolve) => (claimed = resolve)) });
    const desk = createElicitationDesk(at.ports);
    const done = desk.asked(question());
    await turns();
    desk.closed({ elicitationId: 'e-1', outcome: 'accepted' });
    claimed(true);
    await done;
    assert.deepEqual([at.choose, at.told, at.answers], [[], [], []]);
  });

  test('questions - one whose end was missed ends with its time, and holds up no later one', async () => {
    const at = window();
    const desk = createElicitationDesk(at.ports);
    const first = desk.asked(question('e-1'));
    const second = desk.asked({ ...question('e-2'), expiresAt: '2026-11-23T11:00:00.000Z' });
    await turns();
    for (const choose of at.choose) choose('answer');
    await turns();
    assert.equal(at.fill.length, 1);
    at.clock.advance(59_999);
    await turns();
    assert.deepEqual(at.told, []);
    at.clock.advance(1);
    await first;
    assert.match(at.told.join(), /time for the question of weather is over/);
    await turns();
    at.fill[1]?.({ city: 'Bergen' });
    await second;
    assert.deepEqual(
      at.answers.map((answer) => (answer as { elicitationId: string }).elicitationId),
      ['e-2'],
    );
    assert.deepEqual(at.clock.sleeping, []);
  });

  for (const expiresAt of ['2026-11-23T08:00:00.000Z', 'soon']) {
    test(`questions - by a clock that makes nothing of ${expiresAt} there is half a minute all the same`, async () => {
      const at = window();
      const done = createElicitationDesk(at.ports).asked({ ...question(), expiresAt });
      at.clock.advance(29_999);
      await turns();
      assert.deepEqual(at.told, []);
      at.clock.advance(1);
      await done;
      assert.equal(at.told.length, 1);
    });
  }

  test('questions - all of a bus that is left go away, and none is answered on the next one', async () => {
    const at = window();
    const desk = createElicitationDesk(at.ports);
    const all = [desk.asked(question('e-1')), desk.asked(question('e-2'))];
    await turns();
    at.choose[0]?.('answer');
    await turns();
    desk.endAll();
    await Promise.all(all);
    assert.equal(at.told.length, 2);
    assert.match(at.told.join(), /its bus was left/);
    assert.deepEqual(at.answers, []);
  });

  test('questions - a window that is told to go to another bus says so before it goes', async () => {
    const steps: string[] = [];
    const session = new ConnectionSession({
      openBus: ({ url }) => {
        steps.push(url);
        return new Promise(() => {});
      },
      onState: () => undefined,
      onToolResult: () => undefined,
      onToolProgress: () => undefined,
      onBusLeft: () => void steps.push('left'),
      log: { info: () => undefined, warn: () => undefined },
    });
    await session.configure({ url: 'ws://one', agentName: 'rockbot' });
    await session.configure({ url: 'ws://two', agentName: 'rockbot' });
    await session.close();
    assert.deepEqual(steps, ['left', 'ws://one', 'left', 'ws://two']);
  });

  test('questions - one form at a time', async () => {
    const at = window();
    const desk = createElicitationDesk(at.ports);
    const both = [desk.asked(question('e-1')), desk.asked(question('e-2'))];
    await turns();
    for (const choose of at.choose) choose('answer');
    await turns();
    assert.equal(at.fill.length, 1);
    at.fill[0]?.({ city: 'Oslo' });
    await both[0];
    await turns();
    at.fill[1]?.({ city: 'Bergen' });
    await both[1];
    assert.equal(at.answers.length, 2);
  });

  test('questions - an answer that the agent refuses is told', async () => {
    const error = new RockBotError({ code: 'invalid_request', message: 'The time for this question is over.' });
    const at = window({ answer: () => Promise.reject(error) });
    const done = createElicitationDesk(at.ports).asked(question());
    await turns();
    at.choose[0]?.('decline');
    await done;
    assert.deepEqual(at.told, ['The answer to weather was not taken: The time for this question is over.']);
  });
});

describe('the form of a question', () => {
  const form = questionForm({
    type: 'object',
    properties: {
      name: { type: 'string', title: 'Na\u202eme', minLength: 2 },
      mail: { type: 'string', format: 'email' },
      kind: { type: 'string', enum: ['a', '2'], enumNames: ['First', 'Second'] },
      count: { type: 'integer', minimum: 1 },
      sure: { type: 'boolean', default: true },
      several: { type: 'array', items: { type: 'string', enum: ['x', 'y'] }, minItems: 1 },
    },
    required: ['name'],
  });
  const step = (name: string): FormStep => {
    const found = form?.steps.find((candidate) => candidate.name === name);
    assert.ok(found);
    return found;
  };

  test('the form of a question - kinds, labels and choices', () => {
    assert.deepEqual(
      form?.steps.map(({ kind, label }) => `${kind} ${label}`),
      ['text Name', 'text mail', 'one kind', 'number count', 'yesNo sure', 'several several'],
    );
    assert.deepEqual(step('kind').choices, [
      { value: 'a', title: 'First' },
      { value: '2', title: 'Second' },
    ]);
    assert.equal(step('sure').preset, true);
    assert.equal(questionForm({ type: 'object', properties: { deep: { type: 'object' } } }), undefined);
  });

  test('the form of a question - what was typed becomes a value, and what is wrong with it is said', () => {
    const problem = (name: string, entered: string): string | undefined =>
      form?.problem(step(name), entered === '' ? undefined : valueOf(entered, step(name)), {});
    assert.equal(problem('name', ''), 'This is required.');
    assert.match(problem('name', 'x') ?? '', /at least 2 characters/);
    assert.match(problem('mail', 'nobody') ?? '', /e-mail address/);
    assert.equal(problem('mail', ''), undefined);
    assert.match(problem('count', 'many') ?? '', /whole number/);
    assert.equal(problem('count', '3'), undefined);
    // A value that is a number is not taken for the number of a choice.
    assert.equal(valueOf('2', step('kind')), '2');
    assert.equal(valueOf('1', step('kind')), 'a');
    assert.equal(valueOf('Second', step('kind')), '2');
    assert.deepEqual(valueOf('1, y', step('several')), ['x', 'y']);
    assert.match(problem('several', 'z') ?? '', /Choose one of|x, y/);
  });
});
