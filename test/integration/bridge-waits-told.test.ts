// What the caller of a call hears while the agent itself waits: for a server that is throttled, and for a turn.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import type { EventOf } from '../../shared/contract/contract.ts';
import { runningView } from '../../extension/tool-form/run-view.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
const told: EventOf<'toolProgress'>[] = [];

before(async () => {
  stack = await startStack({
    servers: ({ mcpUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return { workiq: entry, narrow: { ...entry, limits: { concurrent: 1 } } };
    },
  });
  stack.ui.subscribe('toolProgress', (event) => void told.push(event), { callId: '*' });
  await stack.connect();
  for (const server of ['workiq', 'narrow']) await stack.call('fetch', me, { server });
});

after(() => stack[Symbol.asyncDispose]());

afterEach(async () => {
  told.length = 0;
  await stack.workiq.control.clearFaults();
  await stack.workiq.control.set({ latencyMs: 0 });
});

const me = { entityUrls: ['/me?$select=id'] };

const messages = (): (string | undefined)[] => told.map(({ message }) => message);

/** What the form of a tool shows of it. */
function shown({ progress, total, message }: EventOf<'toolProgress'>) {
  const startedAt = Date.now();
  return runningView({ progress: { progress, total, message }, isCancelling: false, startedAt }, startedAt);
}

test('waits told - a throttled call says that and for how long it waits, shows no progress for it, and takes it back', async () => {
  await stack.workiq.control.inject({ kind: 'throttled', seconds: 2 });
  await stack.call('fetch', me);
  await until('all is told', () => messages().includes(undefined));
  const [waiting, after] = told;
  assert.ok(waiting);
  assert.match(waiting.message ?? '', /^Throttled by the server; trying again in 2 s$/);
  assert.deepEqual([waiting.progress, waiting.total], [0, undefined]);
  assert.deepEqual(shown(waiting), { kind: 'running', isCancelling: false, message: waiting.message });
  assert.equal(after?.message, undefined);
});

test('waits told - a server that is down for a named time is told by its name', async () => {
  const headers = { 'retry-after': '1' };
  await stack.workiq.control.inject({ kind: 'http', status: 503, headers });
  await stack.call('fetch', me);
  await until('it is told', () => messages().includes('The server "workiq" is not available; trying again in 1 s'));
});

test('waits told - a call that waits for its turn says so when that takes long', async () => {
  await stack.workiq.control.set({ latencyMs: 1_500 });
  const first = stack.call('fetch', me, { server: 'narrow' });
  const second = stack.call('fetch', me, { server: 'narrow' });
  await until('it is told', () => messages().some((message) => /"narrow".*turn/.test(message ?? '')));
  await Promise.all([first, second]);
});
