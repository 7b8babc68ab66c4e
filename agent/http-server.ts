// The operator's HTTP endpoints: /livez, /readyz, /metrics. It knows no state of its own.
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface HttpServerOptions {
  host: string;
  port: number;
  /** Undefined when ready, else why not. */
  notReady: () => string | undefined;
  /** Prometheus text format. */
  metrics: () => Promise<string>;
}

export interface HttpServer {
  port: number;
  close(): Promise<void>;
}

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const path = (request.url ?? '/').split('?', 1)[0];
    const answer = (status: number, body: string, type = 'text/plain; charset=utf-8'): void => {
      response.writeHead(status, { 'content-type': type, 'cache-control': 'no-store' }).end(body);
    };
    if (request.method !== 'GET' && request.method !== 'HEAD') answer(405, 'Use GET.\n');
    else if (path === '/livez') answer(200, 'ok\n');
    else if (path === '/readyz') {
      const why = options.notReady();
      answer(why === undefined ? 200 : 503, `${why ?? 'ok'}\n`);
    } else if (path === '/metrics') {
      options.metrics().then(
        (text) => {
          answer(200, text, 'text/plain; version=0.0.4; charset=utf-8');
        },
        () => {
          answer(500, 'The metrics could not be collected.\n');
        },
      );
    } else answer(404, 'There are /livez, /readyz and /metrics.\n');
  });
  server.requestTimeout = 10_000;
  await listen(server, options);
  // A failure of one connection is that connection's own.
  server.on('error', () => undefined);
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
