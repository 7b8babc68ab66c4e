// Microsoft Graph over HTTP, from the directory of a test's tenant; for scripts that call it themselves.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { answerGraph } from './graph-directory.ts';
import type { TestTenant } from './tenant.ts';

export interface GraphServer extends AsyncDisposable {
  readonly url: string;
}

export async function startGraphServer(tenant: TestTenant): Promise<GraphServer> {
  const server = createServer((request, response) => {
    void (async () => {
      const body = await text(request);
      let answer = { status: 500, body: {} as unknown };
      await tenant.directory((directory) => {
        answer = {
          body: undefined,
          ...answerGraph(directory, {
            method: request.method ?? '',
            path: (request.url ?? '').replace(/^\/v1\.0/, ''),
            ...(body !== '' && { body: JSON.parse(body) as unknown }),
          }),
        };
      });
      response.writeHead(answer.status, { 'content-type': 'application/json' });
      response.end(answer.body === undefined ? '' : JSON.stringify(answer.body));
    })();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
