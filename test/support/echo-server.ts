// A lean MCP server for benchmarks: one tool that echoes text. So cheap that what is measured is the caller, not it.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';

export type EchoOptions = {
  /** Default json. */
  framing?: 'json' | 'sse' | undefined;
  /** When set, everything else is answered 401. */
  bearer?: string | undefined;
  /** The Entra simulator's introspection; it is asked once per bearer, and what is not active is answered 401. */
  introspect?: string | undefined;
  /** How many tools tools/list shows; the first is `echo`, the others are copies of it. Default 1. */
  tools?: number | undefined;
  port?: number | undefined;
};

export type EchoServer = AsyncDisposable & {
  url: string;
  /** Requests since the start or the last reset, by JSON-RPC method. */
  counts(): Readonly<Record<string, number>>;
  reset(): void;
  close(): Promise<void>;
};

type Message = {
  id?: string | number;
  method?: string;
  params?: { name?: string; protocolVersion?: string; arguments?: { payload?: unknown } };
};

export async function startEcho(options: EchoOptions = {}): Promise<EchoServer> {
  const { framing = 'json', bearer, introspect, tools = 1, port = 0 } = options;
  const isGuarded = bearer !== undefined || introspect !== undefined;
  const allowed = new Set(bearer === undefined ? [] : [`Bearer ${bearer}`]);
  const toolList = JSON.stringify({ tools: Array.from({ length: tools }, (_, index) => echoTool(index)) });
  let counts: Record<string, number> = {};

  const answer = (response: ServerResponse, id: string | number, member: string): void => {
    const json = `{${member},"id":${typeof id === 'number' ? id : JSON.stringify(id)},"jsonrpc":"2.0"}`;
    if (framing === 'sse') {
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      response.end(`event: message\ndata: ${json}\n\n`);
    } else {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(json) });
      response.end(json);
    }
  };

  const handle = (body: string, response: ServerResponse): void => {
    const message = JSON.parse(body) as Message;
    const { id, method = 'response' } = message;
    counts[method] = (counts[method] ?? 0) + 1;
    if (id === undefined) return void response.writeHead(202).end();
    switch (method) {
      case 'tools/call': {
        const text = JSON.stringify(String(message.params?.arguments?.payload ?? ''));
        return answer(response, id, `"result":{"content":[{"type":"text","text":${text}}],"isError":false}`);
      }
      case 'tools/list':
        return answer(response, id, `"result":${toolList}`);
      case 'initialize': {
        const version = message.params?.protocolVersion === '2025-03-26' ? '2025-03-26' : '2025-06-18';
        const serverInfo = '{"name":"echo","version":"1.0.0"}';
        return answer(
          response,
          id,
          `"result":{"protocolVersion":"${version}","capabilities":{"tools":{}},"serverInfo":${serverInfo}}`,
        );
      }
      case 'ping':
        return answer(response, id, '"result":{}');
      default:
        return answer(response, id, '"error":{"code":-32601,"message":"Method not found"}');
    }
  };

  const refuse = (request: IncomingMessage, response: ServerResponse): void => {
    counts['unauthorized'] = (counts['unauthorized'] ?? 0) + 1;
    request.resume();
    response.writeHead(401, { 'www-authenticate': 'Bearer' }).end();
  };

  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.method !== 'POST') return void response.writeHead(405, { allow: 'POST' }).end();
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      try {
        handle((chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)).toString(), response);
      } catch {
        response.writeHead(400).end();
      }
    });
  };

  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const { authorization = '' } = request.headers;
    if (!isGuarded || allowed.has(authorization)) return serve(request, response);
    if (introspect === undefined) return refuse(request, response);
    void isActive(introspect, authorization).then((active) => {
      if (!active) return refuse(request, response);
      allowed.add(authorization);
      serve(request, response);
    });
  });
  // Benchmarks hold connections for longer than Node's five seconds between calls.
  server.keepAliveTimeout = 120_000;
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', () => resolve()));
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/mcp`,
    counts: () => ({ ...counts }),
    reset: () => void (counts = {}),
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function isActive(introspect: string, authorization: string): Promise<boolean> {
  const token = /^Bearer (.+)$/.exec(authorization)?.[1];
  if (token === undefined) return false;
  try {
    const response = await fetch(introspect, { method: 'POST', body: JSON.stringify({ token }) });
    return ((await response.json()) as { active?: unknown }).active === true;
  } catch {
    return false;
  }
}

function echoTool(index: number): object {
  return {
    name: index === 0 ? 'echo' : `echo_${index}`,
    description: 'Gives the payload back.',
    inputSchema: { type: 'object', properties: { payload: { type: 'string' } }, required: ['payload'] },
  };
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      framing: { type: 'string' },
      bearer: { type: 'string' },
      introspect: { type: 'string' },
      tools: { type: 'string' },
      port: { type: 'string' },
    },
  });
  const echo = await startEcho({
    framing: values.framing === 'sse' ? 'sse' : 'json',
    bearer: values.bearer,
    introspect: values.introspect,
    tools: Number(values.tools ?? 1),
    port: Number(values.port ?? 0),
  });
  process.stdout.write(`${JSON.stringify({ url: echo.url })}\n`);
  for (const signal of ['SIGTERM', 'SIGINT'] as const)
    process.once(signal, () => void echo.close().then(() => process.exit(0)));
}
