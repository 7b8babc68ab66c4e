// An MCP server over streamable HTTP that answers each method as a test says; it knows no session and keeps no state of its own.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ScriptedRequest {
  method: string;
  params: Record<string, unknown> | undefined;
  headers: IncomingHttpHeaders;
  /** Of JSON-RPC. */
  id: unknown;
  /** From 1, of this method. */
  count: number;
}

/** The result; `undefined` never answers. Throw for a JSON-RPC error, call `respond` for an answer of another kind. */
export type Script = (
  request: ScriptedRequest,
  respond: (write: (response: ServerResponse) => void) => void,
) => unknown;

export interface ScriptedServer extends AsyncDisposable {
  url: string;
  /** Methods in the order in which they came. */
  seen: string[];
  /** How often a method came. */
  count(method: string): number;
}

/** `initialize` is answered with tools offered where the script says `undefined`. */
export async function startScriptedServer(script: Script): Promise<ScriptedServer> {
  const seen: string[] = [];
  const count = (method: string): number => seen.filter((other) => other === method).length;
  const server = createServer((request, response) => {
    if (request.method !== 'POST') {
      response.writeHead(405).end();
      return;
    }
    let body = '';
    request.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const { id, method, params } = JSON.parse(body) as {
        id?: unknown;
        method: string;
        params?: ScriptedRequest['params'];
      };
      seen.push(method);
      if (id === undefined) {
        response.writeHead(202).end();
        return;
      }
      const send = (message: object): void => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify({ jsonrpc: '2.0', id, ...message }));
      };
      let isAnswered = false;
      void (async () => {
        const asked = { method, params, headers: request.headers, id, count: count(method) };
        const result = await script(asked, (write) => {
          isAnswered = true;
          write(response);
        });
        if (isAnswered) return;
        if (result !== undefined) send({ result });
        else if (method === 'initialize') send({ result: initialized });
      })().catch((error: unknown) => {
        send({ error: { code: -32_603, message: String(error) } });
      });
    });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    seen,
    count,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

const initialized = {
  protocolVersion: '2025-06-18',
  capabilities: { tools: {} },
  serverInfo: { name: 'scripted', version: '1.0.0' },
};
