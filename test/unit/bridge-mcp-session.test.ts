// One MCP session with servers that do not keep to the protocol: what they list badly costs that alone, and one that never lets a
// session come about is given up.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, describe, test } from 'node:test';
import { McpError } from '@modelcontextprotocol/sdk/types.js';
import { Agent } from 'undici';
import { AnswerMemory } from '../../agent/bridge/answer-memory.ts';
import { ReplyTooLargeError } from '../../agent/bridge/http-exchange.ts';
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

describe('mcp session - servers that say more than anybody can take', () => {
  test('mcp session - tools that are too large, too deep or too long in name cost no other tool', async () => {
    const nested = (depth: number): string => `${'{"properties":{"a":'.repeat(depth)}{}${'}}'.repeat(depth)}`;
    const listed = [
      { name: 'first', inputSchema },
      { name: 'large', inputSchema, description: 'd'.repeat(300_000) },
      { name: 'deep', inputSchema: { type: 'object', $defs: JSON.parse(nested(60)) as object } },
      { name: 'n'.repeat(1_000), inputSchema },
      { name: 'last', inputSchema: { type: 'object', $defs: JSON.parse(nested(20)) as object } },
    ];
    await using server = await startScriptedServer(({ method, id }, respond) => {
      if (method !== 'tools/list') return undefined;
      // Deeper than JSON can be written.
      const abyss = `{"name":"abyss","inputSchema":{"type":"object","$defs":${nested(20_000)}}}`;
      const tools = [...listed.map((one) => JSON.stringify(one)), abyss].join(',');
      respond((response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(`{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"tools":[${tools}]}}`);
      });
      return undefined;
    });
    const session = await open(server.url);
    const { tools, malformed, truncated } = await session.listTools(never);
    assert.deepEqual([tools.map(({ name }) => name), truncated], [['first', 'last'], false]);
    assert.deepEqual(malformed, ['large', 'deep', 'n'.repeat(128), 'abyss']);
    assert.ok(JSON.stringify(tools).length < 10_000);
    await session.close();
  });

  test('mcp session - a list that is too large is cut off, and no further pages of it are asked for', async () => {
    await using server = await startScriptedServer(({ method, count }) =>
      method === 'tools/list'
        ? {
            tools: Array.from({ length: 4 }, (_, at) => ({
              name: `t${count}-${at}`,
              inputSchema,
              description: 'd'.repeat(200_000),
            })),
            nextCursor: 'more',
          }
        : undefined,
    );
    const session = await open(server.url);
    const { tools, truncated } = await session.listTools(never);
    assert.deepEqual([tools.length, truncated, server.count('tools/list')], [5, true, 2]);
    await session.close();
  });

  test('mcp session - a refusal without an end is read no further than anybody would', async () => {
    let given = 0;
    await using server = await startScriptedServer(({ method }, respond) => {
      if (method === 'initialize')
        respond((response) => {
          response.writeHead(500, { 'content-type': 'text/plain' });
          const piece = Buffer.alloc(64 * 1024, 'a');
          const pour = (): void => {
            while (!response.destroyed && response.write(piece)) given += piece.length;
          };
          response.on('drain', pour);
          pour();
        });
      return undefined;
    });
    await assert.rejects(open(server.url), /HTTP 500|aaa/);
    // What the connection itself takes is beyond anybody's bound.
    assert.ok(given < 32 * 1024 * 1024, `${given} bytes`);
  });

  /** Offers one tool over SSE; each call is answered with as many bytes as it asks for, in one event. */
  async function pouring(): Promise<AsyncDisposable & { url: string }> {
    let stream: ServerResponse | undefined;
    const server = createServer((request, response) => {
      if (request.method === 'GET') {
        stream = response;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write('event: endpoint\ndata: /post\n\n');
        return;
      }
      let body = '';
      request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      request.on('end', () => {
        response.writeHead(202).end();
        const { id, method, params } = JSON.parse(body) as {
          id?: unknown;
          method: string;
          params?: { arguments: { bytes: number } };
        };
        if (id === undefined) return;
        const text = 'a'.repeat(params?.arguments?.bytes ?? 0);
        const result =
          method === 'initialize'
            ? { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }
            : { content: [{ type: 'text', text }] };
        stream?.write(`data: ${JSON.stringify({ jsonrpc: '2.0', id, result })}\n\n`);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return {
      url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
      async [Symbol.asyncDispose]() {
        server.closeAllConnections();
        server.close();
        await once(server, 'close');
      },
    };
  }

  test('mcp session - an answer that is too large for the stream of all calls ends it, and its call is told why', async () => {
    await using server = await pouring();
    let closed = 0;
    const session = await open(server.url, {
      entry: { type: 'sse', url: new URL(server.url), headers: {} },
      onClosed: () => closed++,
    });
    const call = (bytes: number) =>
      session.call({ tool: 't', arguments: { bytes }, argumentsJson: '', signal: AbortSignal.timeout(60_000) });
    assert.ok((await call(15_000_000)).json.to > 15_000_000);
    await assert.rejects(call(20_000_000), (error) => {
      assert.ok(error instanceof ReplyTooLargeError, String(error));
      assert.equal(error.maxBytes, 16 * 1024 * 1024);
      return true;
    });
    assert.equal(closed, 1);
    await session.close();
  });

  test('mcp session - the same over stdio, whose server is ended', async () => {
    const program = `
      let rest = '';
      process.stdin.setEncoding('utf8').on('data', (chunk) => {
        const lines = (rest + chunk).split('\\n');
        rest = lines.pop();
        for (const line of lines) {
          const { id, method, params } = JSON.parse(line);
          if (id === undefined) continue;
          const result = method === 'initialize'
            ? { protocolVersion: '2025-06-18', capabilities: { tools: {} }, serverInfo: { name: 's', version: '1' } }
            : { content: [{ type: 'text', text: 'a'.repeat(params.arguments.bytes) }] };
          process.stdout.write(JSON.stringify({ jsonrpc: '2.0', id, result }) + '\\n');
        }
      });`;
    const session = await open('http://unused.invalid', {
      entry: { type: 'stdio', command: process.execPath, args: ['-e', program], env: {} },
    });
    const call = (bytes: number) =>
      session.call({ tool: 't', arguments: { bytes }, argumentsJson: '', signal: AbortSignal.timeout(60_000) });
    assert.ok((await call(12_000_000)).json.to > 12_000_000);
    await assert.rejects(call(20_000_000), ReplyTooLargeError);
    await session.close();
  });
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
