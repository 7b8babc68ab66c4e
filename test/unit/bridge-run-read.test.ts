// Reads of resources pass guards, wait for their turn and are paid for as calls of tools are.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CallBudget } from '../../agent/bridge/call-budget.ts';
import { runRead } from '../../agent/bridge/run-read.ts';
import type { ServerConnection } from '../../agent/bridge/server-connection.ts';
import { systemClock } from '../../shared/clock.ts';
import { failureOf } from '../support/call-failure.ts';
import { startScriptedServer } from '../support/mcp/scripted-http-server.ts';
import { testConnection } from '../support/server-connection.ts';
import { until } from '../support/until.ts';

const kept = { load: async () => undefined, saveSoon: () => {}, close: async () => {} };
const budget = await CallBudget.open({ kept, clock: systemClock, onProblem: () => undefined });
const never = new AbortController().signal;

const initialized = {
  protocolVersion: '2025-06-18',
  capabilities: { resources: {} },
  serverInfo: { name: 'x', version: '1' },
};

function read(server: ServerConnection, uri: string): Promise<unknown> {
  return runRead(
    {
      caller: 'c',
      tool: 'resources/read',
      guarded: { uri },
      what: `resource "${uri}"`,
      read: (content, signal) => content.readResource(uri, signal),
    },
    { server, budget, signal: never },
  );
}

test('read - is charged to the budget of its server, and not sent beyond it', async () => {
  await using server = await startScriptedServer(({ method, params }) =>
    method === 'initialize' ? initialized : { contents: [{ uri: params?.['uri'], text: 'x' }] },
  );
  await using tested = testConnection({ url: server.url, limits: { callsPerDay: 2 } }, { name: 'charged' });
  tested.connection.start();
  await read(tested.connection, 'sample://1');
  await read(tested.connection, 'sample://2');
  const { code, message } = await failureOf(read(tested.connection, 'sample://3'));
  assert.equal(code, 'throttled');
  assert.match(message, /used up/);
  assert.equal(server.count('resources/read'), 2);
});

test('read - waits for its turn', async () => {
  const first = Promise.withResolvers<void>();
  await using server = await startScriptedServer(async ({ method, params, count }) => {
    if (method === 'initialize') return initialized;
    if (count === 1) await first.promise;
    return { contents: [{ uri: params?.['uri'], text: 'x' }] };
  });
  await using tested = testConnection({ url: server.url, limits: { concurrent: 1 } }, { name: 'queued' });
  tested.connection.start();
  const reads = [read(tested.connection, 'sample://1'), read(tested.connection, 'sample://2')];
  await until('the first is asked for', () => server.count('resources/read') === 1);
  assert.deepEqual([tested.connection.queue.running, tested.connection.queue.waiting], [1, 1]);
  first.resolve();
  await Promise.all(reads);
});
