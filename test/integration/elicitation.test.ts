// Questions that real MCP servers ask while they work: told on the bus, answered by a person, or declined when nobody does.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { ElicitationAsked, ElicitationContent } from '../../shared/contract/elicitation-messages.ts';
import { tapBus, type BusTap } from '../support/bus-tap.ts';
import { failureOf } from '../support/call-failure.ts';
import { startFullHttpServer, type FullHttpServer } from '../support/mcp/full-http-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const stdioServer = new URL('../support/mcp/full-stdio-server.ts', import.meta.url).pathname;
const transports = ['http', 'sse', 'stdio'] as const;

let full: FullHttpServer;
let stack: Stack;
let tap: BusTap;

before(async () => {
  full = await startFullHttpServer();
  stack = await startStack({
    agentEnv: { LOG_WORD: 'hunter2hunter2' },
    servers: () => ({
      http: { url: full.url, headers: { 'X-Key': '${LOG_WORD}' } },
      // Each has questions of its own to ask in a minute.
      other: { url: full.url },
      eager: { url: full.url },
      sse: { type: 'sse', url: full.sseUrl },
      stdio: { command: process.execPath, args: [stdioServer] },
    }),
  });
  tap = await tapBus(stack.nats.url);
  await until('the servers are ready', async () =>
    (await stack.ui.request('toolList', {})).servers.every(({ state }) => state === 'ready'),
  );
});

after(async () => {
  // A stack that could not be started must not keep the servers.
  await tap?.[Symbol.asyncDispose]();
  await stack?.[Symbol.asyncDispose]();
  await full[Symbol.asyncDispose]();
});

interface RunningCall {
  callId: string;
  /** What the tool says in the end, parsed. */
  told: Promise<unknown>;
}

function call(server: string, tool: string, args: object = {}, timeoutMs = 30_000): RunningCall {
  const callId = crypto.randomUUID();
  const answer = stack.ui.request(
    'toolInvoke',
    { callId, server, tool, arguments: { ...args }, timeoutMs },
    { timeoutMs: timeoutMs + 5_000 },
  );
  const told = answer.then(({ result }) => {
    const { content } = result as unknown as { content: { text: string }[] };
    return JSON.parse(content[0]?.text ?? 'null') as unknown;
  });
  told.catch(() => undefined);
  return { callId, told };
}

const asked = (callId: string): ElicitationAsked[] =>
  (tap.on('elicitation.asked.rockbot') as unknown as ElicitationAsked[]).filter((event) => event.callId === callId);
const nextAsked = (callId: string, count = 1): Promise<ElicitationAsked> =>
  until(`question ${count} is told`, () => asked(callId)[count - 1]);
const outcomeOf = (elicitationId: string): Promise<unknown> =>
  until(
    'the end is told',
    () => tap.on('elicitation.closed.rockbot').find((event) => event['elicitationId'] === elicitationId)?.['outcome'],
  );
const accept = (elicitationId: string, content: ElicitationContent) =>
  stack.ui.request('elicitationAnswer', { elicitationId, action: 'accept', content });

describe('elicitation', () => {
  for (const server of transports) {
    test(`elicitation - a question over ${server} is told with its form, and the answer reaches the server`, async () => {
      const { callId, told } = call(server, 'ask');
      const question = await nextAsked(callId);
      assert.partialDeepStrictEqual(question, {
        server,
        callId,
        caller: 'test',
        message: 'Which city is it about?',
        requestedSchema: {
          type: 'object',
          properties: {
            city: { type: 'string', title: 'City', minLength: 2 },
            units: { type: 'string', oneOf: [{ const: 'metric', title: 'Metric' }, { const: 'imperial' }] },
          },
          required: ['city'],
        },
      });
      assert.ok(Date.parse(question.expiresAt) > Date.now());
      const reply = await accept(question.elicitationId, { city: 'Oslo', units: 'metric' });
      assert.deepEqual(reply, { ok: true, elicitationId: question.elicitationId, accepted: true });
      assert.deepEqual(await told, { action: 'accept', content: { city: 'Oslo', units: 'metric' } });
      assert.equal(await outcomeOf(question.elicitationId), 'accepted');
    });
  }

  test('elicitation - outside of the stream of a call it belongs to the only call that runs', async () => {
    const { callId, told } = call('http', 'ask_aside');
    const { elicitationId } = await nextAsked(callId);
    await stack.ui.request('elicitationAnswer', { elicitationId, action: 'decline' });
    assert.deepEqual(await told, { action: 'decline' });
    assert.equal(await outcomeOf(elicitationId), 'declined');
  });

  test('elicitation - an answer that does not fit is refused with what is wrong, and the question stays open', async () => {
    const { callId, told } = call('http', 'ask');
    const { elicitationId } = await nextAsked(callId);
    for (const [content, what] of [
      [{}, /city: This is required/],
      [{ city: 'x' }, /city: Enter at least 2 characters/],
      [{ city: 5 }, /city: This has to be text/],
      [{ city: 'Oslo', units: 'nautical' }, /units: /],
      [{ city: 'Oslo', more: 'x' }, /more: /],
    ] as const) {
      const error = await failureOf(accept(elicitationId, content));
      assert.equal(error.code, 'invalid_arguments');
      assert.match(error.message, what);
    }
    await accept(elicitationId, { city: 'Oslo' });
    assert.deepEqual(await told, { action: 'accept', content: { city: 'Oslo' } });
  });

  test('elicitation - the first answer counts, a later one and one to nothing are errors', async () => {
    const { callId, told } = call('http', 'ask');
    const { elicitationId } = await nextAsked(callId);
    await stack.ui.request('elicitationAnswer', { elicitationId, action: 'cancel' });
    const late = await failureOf(accept(elicitationId, { city: 'Oslo' }));
    assert.deepEqual([late.code, late.message], ['invalid_request', 'This question was answered already.']);
    assert.equal((await failureOf(accept('nothing', {}))).code, 'invalid_request');
    assert.deepEqual(await told, { action: 'cancel' });
  });

  test('elicitation - a tool may ask twice', async () => {
    const { callId, told } = call('other', 'ask_twice');
    await accept((await nextAsked(callId)).elicitationId, { city: 'Oslo' });
    const second = await nextAsked(callId, 2);
    assert.equal(second.message, 'And another one?');
    await accept(second.elicitationId, { city: 'Bergen' });
    assert.deepEqual(await told, [
      { action: 'accept', content: { city: 'Oslo' } },
      { action: 'accept', content: { city: 'Bergen' } },
    ]);
  });

  test('elicitation - when nobody answers it is declined before the time of the call is over, and the call goes on', async () => {
    const { callId, told } = call('other', 'ask', {}, 2_500);
    const { elicitationId, expiresAt } = await nextAsked(callId);
    assert.deepEqual(await told, { action: 'decline' });
    assert.equal(await outcomeOf(elicitationId), 'expired');
    assert.ok(Date.parse(expiresAt) <= Date.now());
    assert.equal(
      (await failureOf(accept(elicitationId, { city: 'Oslo' }))).message,
      'The time for this question is over.',
    );
  });

  for (const server of transports) {
    test(`elicitation - it ends with its call over ${server}`, async () => {
      const { callId, told } = call(server, 'ask');
      const { elicitationId } = await nextAsked(callId);
      await stack.ui.request('toolCancel', { callId });
      assert.equal(await outcomeOf(elicitationId), 'ended');
      assert.equal((await failureOf(told)).code, 'cancelled');
    });
  }

  test('elicitation - a server that asks for ever is declined without anybody being asked, and its call ends in time', async () => {
    const { callId, told } = call('eager', 'ask_for_ever', {}, 4_000);
    const answering = (async () => {
      for (let count = 1; count <= 10; count++)
        await stack.ui
          .request('elicitationAnswer', {
            elicitationId: (await nextAsked(callId, count)).elicitationId,
            action: 'cancel',
          })
          .catch(() => undefined);
    })();
    assert.equal((await failureOf(told)).code, 'timeout');
    await answering;
    assert.equal(asked(callId).length, 10);
    assert.match(
      stack.output(),
      /"A question of a server was declined without asking anybody\.".*"it asked 10 times in a minute"/,
    );
  });

  test('elicitation - only so many questions of a server are open at a time', async () => {
    const { callId, told } = call('other', 'ask_together');
    await nextAsked(callId, 4);
    for (const { elicitationId } of asked(callId)) await accept(elicitationId, { city: 'Oslo' });
    const actions = (await told) as { action: string }[];
    assert.deepEqual(actions.map(({ action }) => action).sort(), [
      ...Array<string>(4).fill('accept'),
      'decline',
      'decline',
    ]);
    assert.equal(asked(callId).length, 4);
  });

  test('elicitation - a question for a credential is declined at once and shown to nobody [P6]', async () => {
    const heard = tap.messages.length;
    const { callId, told } = call('http', 'ask_password');
    assert.deepEqual(await told, { action: 'decline' });
    const inWords = call('http', 'ask_with', {
      params: {
        message: 'Please enter your Microsoft 365 password to go on.',
        requestedSchema: { type: 'object', properties: { value: { type: 'string' } } },
      },
    });
    assert.deepEqual(await inWords.told, { action: 'decline' });
    const byFormat = call('http', 'ask_with', {
      params: {
        message: 'One more thing',
        requestedSchema: { type: 'object', properties: { value: { type: 'string', format: 'password' } } },
      },
    });
    assert.deepEqual(await byFormat.told, { action: 'decline' });
    assert.deepEqual(
      tap.messages.slice(heard).filter(({ subject }) => subject.startsWith('elicitation.')),
      [],
    );
    assert.match(stack.output(), new RegExp(`"A server asks for a credential.*"callId":"${callId}"`));
  });

  test('elicitation - what cannot be shown as a flat form is refused, and so is a page to go to', async () => {
    const nested = { type: 'object', properties: { home: { type: 'object', properties: {} } } };
    for (const params of [
      { message: 'Nested', requestedSchema: nested },
      { message: 'None at all' },
      { mode: 'url', message: 'Go there', elicitationId: '1', url: 'https://elsewhere.example/sign-in' },
      { message: 'Hidden', requestedSchema: { type: 'object', properties: { 'a\u202eb': { type: 'string' } } } },
      {
        message: 'Many',
        requestedSchema: {
          type: 'object',
          properties: Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`f${index}`, { type: 'string' }])),
        },
      },
    ]) {
      const { callId, told } = call('stdio', 'ask_with', { params });
      assert.deepEqual(await told, { error: -32602 }, params.message);
      assert.deepEqual(asked(callId), []);
    }
  });

  test('elicitation - words of the server are cleaned, bounded and repeat no secret [P6]', async () => {
    const message = `Key hunter2hunter2 \u001b[2J\u202eevil ${'x'.repeat(9_000)}`;
    const properties = { a: { type: 'string', title: 'T\u0007', description: 'Bearer abcdefghijklmnop' } };
    const { callId, told } = call('sse', 'ask_with', {
      params: { message, requestedSchema: { type: 'object', properties } },
    });
    const question = await nextAsked(callId);
    assert.ok(question.message.length <= 2_000);
    // eslint-disable-next-line no-control-regex
    assert.doesNotMatch(JSON.stringify(question), /[\u0000-\u001f]|\\u00|\u202e|abcdefghijklmnop/);
    await stack.ui.request('elicitationAnswer', { elicitationId: question.elicitationId, action: 'decline' });
    await told;
    const keyed = call('http', 'ask_with', {
      params: { message: 'Is it hunter2hunter2?', requestedSchema: { type: 'object', properties: {} } },
    });
    const { message: masked, elicitationId } = await nextAsked(keyed.callId);
    assert.equal(masked, 'Is it [redacted]?');
    await accept(elicitationId, {});
    assert.deepEqual(await keyed.told, { action: 'accept', content: {} });
  });

  test('elicitation - who answered is in the audit log, what was answered nowhere [P6]', async () => {
    const { callId, told } = call('stdio', 'ask');
    const { elicitationId } = await nextAsked(callId);
    await accept(elicitationId, { city: 'Atlantis' });
    await told;
    const line = await until('the line is written', async () => {
      const text = await readFile(join(stack.agent.dataDir, 'audit', 'audit.jsonl'), 'utf8');
      assert.doesNotMatch(text, /Atlantis/);
      return text.split('\n').find((found) => found.includes(elicitationId));
    });
    assert.partialDeepStrictEqual(JSON.parse(line), {
      callId: elicitationId,
      caller: 'test',
      server: 'stdio',
      tool: 'elicitation/accept',
      outcome: 'ok',
    });
    assert.doesNotMatch(stack.output(), /Atlantis/);
  });
});
