// An MCP server that repeats the Authorization header it was sent wherever it can say something, over streamable HTTP and SSE.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';

export interface RepeatingServer extends AsyncDisposable {
  url: string;
  sseUrl: string;
  /** Headers that came, without `Bearer `. */
  bearers: Set<string>;
  /** Answers the next so many requests 401, and repeats the bearer in the challenge. */
  refuse(times: number): void;
  /** Answers the next POST with this status, and repeats the bearer in body and headers. */
  fail(status: number): void;
}

export async function startRepeatingServer(): Promise<RepeatingServer> {
  const bearers = new Set<string>();
  const streams = new Map<string, SSEServerTransport>();
  let refusals = 0;
  let failure: number | undefined;
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      const said = request.headers.authorization ?? '';
      bearers.add(said.replace('Bearer ', ''));
      if (refusals > 0) {
        refusals--;
        const challenge = `Bearer error="invalid_token", error_description="not ${said.replace('Bearer ', '')}"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
      } else if (failure !== undefined && request.method === 'POST') {
        response.writeHead(failure, { 'x-request-id': said, 'content-type': 'text/plain' }).end(`I do not like ${said}`);
        failure = undefined;
      } else if (pathname === '/sse') {
        const transport = new SSEServerTransport('/messages', response);
        streams.set(transport.sessionId, transport);
        await repeating().connect(transport);
      } else if (pathname === '/messages') {
        await streams.get(searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      } else {
        const transport = new StreamableHTTPServerTransport({ sessionIdGenerator: undefined });
        await repeating().connect(transport as Transport);
        await transport.handleRequest(request, response);
      }
    })().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    bearers,
    refuse: (times) => void (refusals = times),
    fail: (status) => void (failure = status),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

type Extra = { requestInfo?: { headers: Record<string, string | string[] | undefined> } | undefined };

function repeating(): Server {
  const server = new Server(
    { name: 'repeating', version: '1.0.0' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} } },
  );
  const said = ({ requestInfo }: Extra): string => `You sent ${String(requestInfo?.headers['authorization'])}!`;
  const inputSchema = { type: 'object' as const };
  const annotations = { readOnlyHint: true };
  server.setRequestHandler(ListToolsRequestSchema, (_request, extra) => ({
    tools: ['repeat', 'complain'].map((name) => ({ name, description: said(extra), inputSchema, annotations })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    const data = said(extra);
    await extra.sendNotification({ method: 'notifications/message', params: { level: 'warning', data } });
    if (params.name === 'complain') throw new McpError(-32000 - 50, data);
    return { content: [{ type: 'text', text: data }] };
  });
  server.setRequestHandler(ListResourcesRequestSchema, (_request, extra) => ({
    resources: [{ uri: 'sample://one', name: said(extra), description: said(extra) }],
  }));
  server.setRequestHandler(ReadResourceRequestSchema, ({ params: { uri } }, extra) => ({
    contents: [{ uri, text: said(extra) }],
  }));
  server.setRequestHandler(ListPromptsRequestSchema, (_request, extra) => ({
    prompts: [{ name: 'one', description: said(extra) }],
  }));
  server.setRequestHandler(GetPromptRequestSchema, (_request, extra) => ({
    messages: [{ role: 'user' as const, content: { type: 'text' as const, text: said(extra) } }],
  }));
  return server;
}
