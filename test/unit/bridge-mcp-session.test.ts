// One MCP session with servers that do not keep to the protocol: what they list badly costs that alone, and one that never lets a
// session come about is given up.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { Agent } from 'undici';
import { AnswerMemory } from '../../agent/bridge/answer-memory.ts';
import { openMcpSession, type McpSession, type McpSessionOptions } from '../../agent/bridge/mcp-session.ts';
import { SentBearers } from '../../agent/bridge/sent-bearers.ts';
import { startScriptedServer } from '../support/mcp/scripted-http-server.ts';
import { until } from '../support/until.ts';

const dispatcher = new Agent();
after(() => dispatcher.destroy());

function open(url: string, options: Partial<McpSessionOptions> = {}): Promise<McpSession> {
  return openMcpSession({
    server: 'x',
    entry: { type: 'streamable-http', url: new URL(url), headers: {} },
    dispatcher,
    sent: new SentBearers(),
    answers: new AnswerMemory(),
    signal: new AbortController().signal,
    onToolsChanged: () => undefined,
    onQuestion: async () => ({ action: 'decline' }),
    onLog: () => undefined,
    logLevel: 'error',
    onClosed: () => undefined,
    ...options,
  });
}

const inputSchema = { type: 'object' };
const never = new AbortController().signal;

describe('mcp session - lists of tools', () => {
  test('mcp session - an output schema that cannot be compiled and a malformed tool cost no other tool', async () => {
    const tools = [
      { name: 'good', inputSchema },
      { name: 'odd', inputSchema, outputSchema: { type: 'object', properties: { a: { type: 'nonsense' } } } },
      { name: 'broken pattern', inputSchema, outputSchema: { type: 'object', properties: { a: { pattern: '(' } } } },
      { name: 'bare' },
      { name: 'wrong', inputSchema: { type: 'array' } },
      { inputSchema },
      'nothing',
      { name: 'last', inputSchema },
    ];
    await using server = await startScriptedServer(({ method }) => (method === 'tools/list' ? { tools } : undefined));
    const session = await open(server.url);
    const listed = await session.listTools(never);
    assert.deepEqual(
      listed.tools.map(({ name }) => name),
      ['good', 'odd', 'broken pattern', 'last'],
    );
    assert.deepEqual(listed.malformed, ['bare', 'wrong', '', '']);
    assert.equal(listed.truncated, false);
    await session.close();
  });

  for (const [what, perPage, expected] of [
    ['pages', 1, 50],
    ['tools', 400, 5_000],
  ] as const) {
    test(`mcp session - a server with too many ${what} is cut off, and that is told`, async () => {
      await using server = await startScriptedServer(({ method, count }) =>
        method === 'tools/list'
          ? {
              tools: Array.from({ length: perPage }, (_, index) => ({ name: `t${count}-${index}`, inputSchema })),
              nextCursor: 'more',
            }
          : undefined,
      );
      const session = await open(server.url);
      const { tools, truncated } = await session.listTools(never);
      assert.deepEqual([tools.length, truncated], [expected, true]);
      await session.close();
    });
  }
});

describe('mcp session - servers that never let it come about', () => {
  /** An SSE server that opens the stream and names no address to post to. */
  async function silent(): Promise<AsyncDisposable & { url: string; open: () => number }> {
    let streams = 0;
    const server = createServer((_request, response) => {
      streams++;
      response.on('close', () => streams--);
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.write(': nothing comes\n\n');
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
      open: () => streams,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }
  const entryOf = (url: string) => ({ type: 'sse', url: new URL(url), headers: {} }) as const;

  test('mcp session - is given up after its time, and leaves no stream open', async () => {
    await using server = await silent();
    const opening = open(server.url, { entry: entryOf(server.url), connectTimeoutMs: 300 });
    await assert.rejects(opening, McpError);
    await until('the stream is closed', () => server.open() === 0);
  });

  test('mcp session - is given up at once when nobody wants it any more, and leaves no stream open', async () => {
    await using server = await silent();
    const controller = new AbortController();
    const opening = open(server.url, { entry: entryOf(server.url), signal: controller.signal });
    await until('the stream is open', () => server.open() === 1);
    controller.abort(new Error('enough'));
    await assert.rejects(opening, /enough/);
    await until('the stream is closed', () => server.open() === 0);
  });
});
