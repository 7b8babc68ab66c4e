// The sample MCP server over the older HTTP transport: an event stream that names the address to post to.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SSEServerTransport } from '@modelcontextprotocol/sdk/server/sse.js';
import { createSampleServer, type SampleServer } from './sample-server.ts';

export interface SseServer extends AsyncDisposable {
  url: string;
  /** Headers of every request. */
  seen: { path: string; method: string; headers: IncomingHttpHeaders }[];
  /** One sample server per open stream. */
  samples: SampleServer[];
  /** Breaks all streams. */
  cutStreams(): void;
}

export interface SseServerOptions {
  /** What the endpoint event names instead of this server's own address. */
  endpoint?: string;
  /** Anything else is answered 401. */
  isAllowed?: (authorization: string | undefined) => boolean;
}

export async function startSseServer({ endpoint, isAllowed = () => true }: SseServerOptions = {}): Promise<SseServer> {
  const transports = new Map<string, SSEServerTransport>();
  const seen: SseServer['seen'] = [];
  const samples: SampleServer[] = [];
  const streams = new Set<ServerResponse>();
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost');
    seen.push({ path: url.pathname, method: request.method ?? '', headers: request.headers });
    if (!isAllowed(request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
    } else if (request.method === 'GET') {
      streams.add(response);
      if (endpoint !== undefined) {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(`event: endpoint\ndata: ${endpoint}\n\n`);
        return;
      }
      const transport = new SSEServerTransport('/messages', response);
      transports.set(transport.sessionId, transport);
      response.on('close', () => transports.delete(transport.sessionId));
      const sample = createSampleServer();
      samples.push(sample);
      void sample.server.connect(transport);
    } else {
      const transport = transports.get(url.searchParams.get('sessionId') ?? '');
      if (transport === undefined) response.writeHead(404).end();
      else transport.handlePostMessage(request, response).catch(() => response.destroy());
    }
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cutStreams = (): void => {
    for (const stream of streams) stream.destroy();
    streams.clear();
  };
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/sse`,
    seen,
    samples,
    cutStreams,
    async [Symbol.asyncDispose]() {
      cutStreams();
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
