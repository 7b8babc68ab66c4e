// Serves MCP servers over streamable HTTP and over SSE; which server that is, and who may come in, is handed in.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';

export interface McpHttpHost extends AsyncDisposable {
  url: string;
  sseUrl: string;
  seen: { method: string; headers: IncomingHttpHeaders }[];
  /** Answers 404 to the sessions of now. */
  forgetSessions(): void;
}

export interface McpHttpHostOptions {
  /** Connects a server of its own to each transport. */
  connect: (transport: Transport) => Promise<void>;
  /** True when it has answered the request itself. */
  intercept: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Whether streamable HTTP has sessions, or a server for each request. */
  hasSessions: boolean;
}

export async function startMcpHttpHost({ connect, intercept, hasSessions }: McpHttpHostOptions): Promise<McpHttpHost> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const streams = new Map<string, SSEServerTransport>();
  const seen: McpHttpHost['seen'] = [];

  async function transportOf(id: string | undefined): Promise<StreamableHTTPServerTransport | undefined> {
    if (id !== undefined) return sessions.get(id);
    const made = new StreamableHTTPServerTransport({
      sessionIdGenerator: hasSessions ? () => randomUUID() : undefined,
      onsessioninitialized: (session) => void sessions.set(session, made),
    });
    // The SDK's own types disagree under exactOptionalPropertyTypes.
    await connect(made as Transport);
    return made;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    seen.push({ method: request.method ?? '', headers: request.headers });
    if (intercept(request, response)) return;
    if (pathname === '/sse') {
      const transport = new SSEServerTransport('/messages', response);
      streams.set(transport.sessionId, transport);
      await connect(transport);
      return;
    }
    if (pathname === '/messages') {
      await streams.get(searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      return;
    }
    const id = request.headers['mcp-session-id'];
    const transport = await transportOf(hasSessions && typeof id === 'string' ? id : undefined);
    if (transport !== undefined) {
      await transport.handleRequest(request, response);
      return;
    }
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
  }

  const server = createServer((request, response) => {
    void answer(request, response).catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    seen,
    forgetSessions: () => sessions.clear(),
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
