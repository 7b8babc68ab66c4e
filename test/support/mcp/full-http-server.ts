// The full MCP server over streamable HTTP with sessions, and over SSE; each session has a server of its own.
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { StreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { createFullServer, type FullServer } from './full-server.ts';

export interface FullHttpServer extends AsyncDisposable {
  url: string;
  sseUrl: string;
  /** One per session, the newest last. */
  servers: FullServer[];
  seen: { method: string; headers: IncomingHttpHeaders }[];
  /** Answers 404 to the sessions of now. */
  forgetSessions(): void;
}

export interface FullHttpServerOptions {
  /** Anything else is answered 401. */
  isAllowed?: (authorization: string | undefined) => boolean;
}

export async function startFullHttpServer({
  isAllowed = () => true,
}: FullHttpServerOptions = {}): Promise<FullHttpServer> {
  const sessions = new Map<string, StreamableHTTPServerTransport>();
  const streams = new Map<string, SSEServerTransport>();
  const servers: FullServer[] = [];
  const seen: FullHttpServer['seen'] = [];
  const connect = async (transport: Transport): Promise<void> => {
    const full = createFullServer();
    servers.push(full);
    await full.server.connect(transport);
  };
  const server = createServer((request, response) => {
    void (async () => {
      const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
      seen.push({ method: request.method ?? '', headers: request.headers });
      if (!isAllowed(request.headers.authorization)) {
        response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      } else if (pathname === '/sse') {
        const transport = new SSEServerTransport('/messages', response);
        streams.set(transport.sessionId, transport);
        await connect(transport);
      } else if (pathname === '/messages') {
        await streams.get(searchParams.get('sessionId') ?? '')?.handlePostMessage(request, response);
      } else {
        const id = request.headers['mcp-session-id'];
        let transport = typeof id === 'string' ? sessions.get(id) : undefined;
        if (transport === undefined && id !== undefined) {
          response.writeHead(404, { 'content-type': 'application/json' });
          response.end('{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}');
          return;
        }
        if (transport === undefined) {
          const made = new StreamableHTTPServerTransport({
            sessionIdGenerator: () => randomUUID(),
            onsessioninitialized: (session) => void sessions.set(session, made),
          });
          transport = made;
          await connect(made as Transport);
        }
        await transport.handleRequest(request, response);
      }
    })().catch(() => response.destroy());
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return {
    url: `${origin}/mcp`,
    sseUrl: `${origin}/sse`,
    servers,
    seen,
    forgetSessions() {
      sessions.clear();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
