// An HTTP listener that a bearer must never reach: it keeps everything it is sent and plays a willing server.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface RecordedRequest {
  method: string;
  url: string;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HttpRecorder extends AsyncDisposable {
  port: number;
  /** With the address it listens on, `http://127.0.0.1:port` unless told otherwise. */
  origin: string;
  requests: RecordedRequest[];
}

export async function startHttpRecorder(host = '127.0.0.1'): Promise<HttpRecorder> {
  const requests: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    const recorded = { method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: '' };
    requests.push(recorded);
    request.setEncoding('utf8').on('data', (chunk: string) => (recorded.body += chunk));
    request.on('end', () => {
      const result = {
        protocolVersion: '2025-06-18',
        capabilities: { tools: {} },
        serverInfo: { name: 'x', version: '1' },
        tools: [],
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ jsonrpc: '2.0', id: idIn(recorded.body), result }));
    });
  }).listen(0, host);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    port,
    origin: `http://${host}:${port}`,
    requests,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

function idIn(body: string): unknown {
  try {
    return (JSON.parse(body) as { id?: unknown }).id ?? null;
  } catch {
    return null;
  }
}
