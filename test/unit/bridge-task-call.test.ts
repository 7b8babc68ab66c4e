// Tools that run only as a task, against a real MCP server in memory: every end of a task, and what it means to the caller.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { InMemoryTransport } from '@modelcontextprotocol/sdk/inMemory.js';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js';
import { AnswerLostError, JsonRpcError } from '../../agent/bridge/call-errors.ts';
import type { CallResult } from '../../agent/bridge/call-result.ts';
import type { ToolCall } from '../../agent/bridge/http-tool-call.ts';
import { callAsTask, needsTask } from '../../agent/bridge/task-call.ts';
import { until } from '../support/until.ts';

interface Play {
  /** What `tools/call` answers; a task when left out. */
  start?: () => object;
  /** Status at each `tasks/get`; the last one stays. */
  statuses?: readonly string[];
  result?: () => object;
}

interface Scene extends AsyncDisposable {
  client: Client;
  server: Server;
  /** Methods that the server was sent, with a task's id where there is one. */
  seen: string[];
  call(options?: Partial<ToolCall>): Promise<CallResult>;
}

const taskAs = (status: string): object => ({
  taskId: 't1',
  status,
  statusMessage: `it is ${status}`,
  ttl: null,
  createdAt: '2026-01-01T00:00:00Z',
  lastUpdatedAt: '2026-01-01T00:00:00Z',
  pollInterval: 1,
});

async function play({ start, statuses = ['completed'], result }: Play = {}): Promise<Scene> {
  const seen: string[] = [];
  const left = [...statuses];
  const server = new Server(
    { name: 'x', version: '1' },
    { capabilities: { tools: {}, tasks: { requests: { tools: { call: {} } } } } },
  );
  server.fallbackRequestHandler = async ({ method, params }) => {
    seen.push(`${method} ${String(params?.['taskId'] ?? '')}`.trim());
    if (method === 'tools/call') return { ...(start?.() ?? { task: taskAs('working') }) };
    if (method === 'tasks/result')
      return { ...(result?.() ?? { content: [{ type: 'text', text: 'done' }], isError: false }) };
    const status = left.length > 1 ? left.shift() : left[0];
    return { ...taskAs(method === 'tasks/cancel' ? 'cancelled' : (status ?? 'completed')) };
  };
  const client = new Client({ name: 'rockbot-agent', version: '1' });
  const [here, there] = InMemoryTransport.createLinkedPair();
  await Promise.all([server.connect(there), client.connect(here)]);
  return {
    client,
    server,
    seen,
    call: (options) =>
      callAsTask(client, {
        tool: 'slow',
        arguments: { a: 1 },
        argumentsJson: '{"a":1}',
        signal: AbortSignal.timeout(10_000),
        ...options,
      }),
    async [Symbol.asyncDispose]() {
      await client.close();
      await server.close();
    },
  };
}

const refuse = (code: number) => () => {
  throw new McpError(code, 'no');
};

describe('task call - ends', () => {
  test('task call - a task is started once, asked after until it has ended, and its result fetched [P10]', async () => {
    await using scene = await play({ statuses: ['working', 'working', 'completed'] });
    const told: unknown[] = [];
    const { parsed } = await scene.call({ onProgress: ({ message }) => told.push(message) });
    assert.deepEqual(parsed?.content, [{ type: 'text', text: 'done' }]);
    assert.deepEqual(scene.seen, ['tools/call', 'tasks/get t1', 'tasks/get t1', 'tasks/get t1', 'tasks/result t1']);
    assert.deepEqual(told, ['it is working'], 'only what is new');
  });

  test('task call - one that waits for a person is not asked after any more: the question comes with the result', async () => {
    await using scene = await play({ statuses: ['input_required'] });
    await scene.call();
    assert.deepEqual(scene.seen, ['tools/call', 'tasks/get t1', 'tasks/result t1']);
  });

  test('task call - a server that answers at once is taken at its word', async () => {
    await using scene = await play({ start: () => ({ content: [], isError: true }) });
    assert.equal((await scene.call()).parsed?.isError, true);
    assert.deepEqual(scene.seen, ['tools/call']);
  });

  for (const [what, scenePlay, kind] of [
    ['a start that is refused is an answer', { start: refuse(ErrorCode.InvalidParams) }, JsonRpcError],
    ['a failed task without a result is an answer', { statuses: ['failed'], result: refuse(-32_603) }, JsonRpcError],
    [
      'a result that is refused leaves the outcome unknown',
      { result: refuse(ErrorCode.InvalidParams) },
      AnswerLostError,
    ],
  ] as const) {
    test(`task call - ${what} [P10]`, async () => {
      await using scene = await play(scenePlay);
      await assert.rejects(scene.call(), kind);
    });
  }

  test('task call - a connection that ends meanwhile leaves the outcome unknown [P10]', async () => {
    await using scene = await play({ statuses: ['working'] });
    const call = scene.call();
    await until('it is asked after', () => scene.seen.includes('tasks/get t1'));
    await scene.server.close();
    await assert.rejects(call, AnswerLostError);
    assert.equal(scene.seen.filter((method) => method === 'tools/call').length, 1);
  });

  test('task call - an error of the server with the code of a lost connection is an answer all the same', async () => {
    await using scene = await play({ start: refuse(ErrorCode.ConnectionClosed) });
    await assert.rejects(scene.call(), (error) => error instanceof JsonRpcError && error.message === 'no');
  });

  test('task call - a cancelled call ends at once and cancels the task', async () => {
    await using scene = await play({ statuses: ['working'] });
    const controller = new AbortController();
    const call = scene.call({ signal: controller.signal });
    await until('it is asked after', () => scene.seen.includes('tasks/get t1'));
    controller.abort(new Error('enough'));
    await assert.rejects(call, /enough/);
    await until('the server was told', () => scene.seen.includes('tasks/cancel t1'));
  });
});

describe('task call - which tools', () => {
  for (const [taskSupport, needed] of [
    ['required', true],
    ['optional', false],
    ['forbidden', false],
    [undefined, false],
  ] as const) {
    test(`task call - support that is ${taskSupport ?? 'not named'} makes it ${needed ? 'a task' : 'a plain call'}`, async () => {
      await using scene = await play();
      const tool = { name: 'x', inputSchema: { type: 'object' as const } };
      assert.equal(
        needsTask(scene.client, taskSupport === undefined ? tool : { ...tool, execution: { taskSupport } }),
        needed,
      );
    });
  }
});
