// How much a server may be asked, and with what: turns, budgets, arguments against the schema, parts of a result that failed.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, afterEach, before, describe, test } from 'node:test';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { failureOf } from '../support/call-failure.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;

before(async () => {
  stack = await startStack({
    workiq: { mutations: 'allowed' },
    servers: ({ mcpUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return {
        workiq: entry,
        narrow: { ...entry, limits: { concurrent: 2, queued: 3 } },
        metered: { ...entry, limits: { callsPerDay: 5, callsPerDayPerCaller: 2 } },
        unchecked: { ...entry, checkArguments: false },
      };
    },
  });
  await stack.connect();
  for (const server of ['workiq', 'narrow', 'unchecked']) await stack.call('fetch', me, { server });
});

after(() => stack[Symbol.asyncDispose]());

afterEach(async () => {
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ latencyMs: 0 });
});

const me = { entityUrls: ['/me?$select=id'] };

async function listed(name: string): Promise<ListedServer> {
  const { servers } = await stack.ui.request('toolList', { server: name });
  const [server] = servers;
  assert.ok(server);
  return server;
}

async function sent(tool: string): Promise<number> {
  return (await stack.workiq.control.snapshot()).tools[tool] ?? 0;
}

describe('limits of a server', () => {
  test('limits - calls wait for their turn within the bound, and those beyond it are told to come back', async () => {
    await stack.workiq.control.set({ latencyMs: 700 });
    const calls = Promise.allSettled(Array.from({ length: 8 }, () => stack.call('fetch', me, { server: 'narrow' })));
    await until('the calls wait', async () => (await listed('narrow')).limits?.waiting === 3);
    assert.equal((await listed('narrow')).limits?.running, 2);
    const ends = await calls;
    const refused = ends.flatMap((end) => (end.status === 'rejected' ? [end.reason as unknown] : []));
    assert.equal(refused.length, 3);
    for (const error of refused) {
      assert.ok(error instanceof RockBotError);
      assert.equal(error.code, 'throttled');
      assert.ok(error.retryable && error.retryAfterMs !== undefined);
    }
    assert.equal((await listed('narrow')).limits?.running, 0);
  });

  test('limits - a call whose time is over before its turn was not sent, and says so also for a write [P10]', async () => {
    await stack.workiq.control.set({ latencyMs: 1_500 });
    const before = await sent('create_entity');
    const running = [1, 2].map(() => stack.call('fetch', me, { server: 'narrow' }));
    await until('both run', async () => (await listed('narrow')).limits?.running === 2);
    const write = { parentUrl: '/me/messages', jsonBody: '{"subject":"never"}' };
    const late = await failureOf(stack.call('create_entity', write, { server: 'narrow', timeoutMs: 300 }));
    assert.equal(late.code, 'timeout');
    assert.equal(late.retryable, false);
    await Promise.all(running);
    assert.equal(await sent('create_entity'), before);
  });

  test('limits - a thousand calls at once all end right', async () => {
    const calls = Array.from({ length: 1_000 }, (_, index) =>
      stack.call('fetch', { entityUrls: [`/me?$select=id&n=${index}`] }, { timeoutMs: 120_000 }),
    );
    const ends = await Promise.allSettled(calls);
    const failures = ends.flatMap((end) => (end.status === 'rejected' ? [String(end.reason)] : []));
    assert.deepEqual(failures, []);
  });

  test('limits - a slow server does not delay another', async () => {
    await stack.workiq.control.inject({ kind: 'hang', tool: 'search_paths', times: 'all' });
    const hanging = Array.from({ length: 3 }, () =>
      failureOf(stack.call('search_paths', { filter: 'me' }, { server: 'narrow', timeoutMs: 4_000 })),
    );
    await until('the slow server is full', async () => (await listed('narrow')).limits?.waiting === 1);
    for (let index = 0; index < 20; index++) await stack.call('fetch', me);
    // All of them ended while the other server still held its calls.
    assert.equal((await listed('narrow')).limits?.running, 2);
    for (const { code } of await Promise.all(hanging)) assert.equal(code, 'timeout');
  });

  test('budgets - the calls of a day are counted per caller and in all, are listed, and a restart renews none', async () => {
    const call = (): Promise<unknown> => stack.call('fetch', me, { server: 'metered' });
    await call();
    await call();
    const over = await failureOf(call());
    assert.equal(over.code, 'throttled');
    assert.equal(over.retryable, false);
    assert.match(over.message, /one caller/);
    assert.ok((over.retryAfterMs ?? 0) > 0);
    const { limits } = await listed('metered');
    assert.equal(limits?.callsToday, 2);
    assert.equal(limits?.callsPerDay, 5);
    assert.match(limits?.resetsAt ?? '', /T00:00:00.000Z$/);
    await stack.restartAgent();
    await until('the server is there', async () => (await listed('metered')).state === 'ready');
    assert.equal((await failureOf(call())).code, 'throttled');
    assert.equal((await listed('metered')).limits?.callsToday, 2);
  });
});

describe('arguments of a call', () => {
  const wrong: [what: string, tool: string, args: object, problems: RegExp][] = [
    ['what is missing', 'fetch', {}, /entityUrls: This is required/],
    ['what has the wrong type', 'fetch', { entityUrls: '/me' }, /entityUrls: This has to be a list/],
    ['what is wrong inside a list', 'fetch', { entityUrls: ['/me', 7] }, /entityUrls 2: This has to be text/],
    [
      'several mistakes at once',
      'create_entity',
      { parentUrl: 7 },
      /jsonBody: This is required.* parentUrl: This has to be text/,
    ],
  ];
  for (const [what, tool, args, problems] of wrong) {
    test(`arguments - ${what} is said with the tool's schema, and nothing is sent`, async () => {
      const before = await sent(tool);
      const error = await failureOf(stack.call(tool, args));
      assert.equal(error.code, 'invalid_arguments');
      assert.equal(error.retryable, false);
      assert.match(error.problems?.join(' ') ?? '', problems);
      assert.match(error.message, problems);
      assert.ok(error.inputSchema?.['properties']);
      assert.equal(await sent(tool), before);
    });
  }

  test('arguments - a server that is to judge for itself gets them as they are', async () => {
    const before = await sent('fetch');
    const error = await failureOf(stack.call('fetch', { entityUrls: '/me' }, { server: 'unchecked' }));
    assert.equal(error.code, 'invalid_arguments');
    assert.ok(error.inputSchema, 'the schema comes with whoever refuses');
    assert.equal(await sent('fetch'), before + 1);
  });
});

describe('parts of a result', () => {
  test('parts - what failed is told beside what succeeded: to the caller, to the others and in the audit log', async () => {
    const events: EventOf<'toolResult'>[] = [];
    stack.ui.subscribe('toolResult', (event) => events.push(event));
    const reply = await stack.call('fetch', { entityUrls: ['/me?$select=id', '/me/messages/nope'] });
    assert.deepEqual(
      reply.failures?.map(({ index, error }) => [index, error.code]),
      [[1, 'execution_failed']],
    );
    await until('the others hear of it', () => events.some(({ callId }) => callId === reply.callId));
    assert.equal(events.find(({ callId }) => callId === reply.callId)?.failures?.length, 1);
    const audit = join(stack.agent.dataDir, 'audit', 'audit.jsonl');
    await until('the audit log has it', async () =>
      (await readFile(audit, 'utf8')).includes(`"callId":"${reply.callId}"`),
    );
    const line = (await readFile(audit, 'utf8')).split('\n').find((text) => text.includes(reply.callId)) ?? '';
    assert.match(line, /"outcome":"partial"/);
  });

  test('parts - when the only part failed the call failed, and the result stays attached', async () => {
    const error = await failureOf(stack.call('fetch', { entityUrls: ['/me/messages/nope'] }));
    assert.equal(error.code, 'execution_failed');
    assert.match(error.message, /^Not found/);
    assert.ok(error.result);
  });
});
