// An MCP server that repeats every Authorization header it was ever sent wherever it can say something, and the `_meta` of a call, over
// streamable HTTP and SSE. The server itself knows no transport.
import { Server } from '@modelcontextprotocol/sdk/server/index.js';
import {
  CallToolRequestSchema,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js';
import { startMcpHttpHost, type McpHttpHost } from './mcp-http-host.ts';

export interface RepeatingServer extends Omit<McpHttpHost, 'forgetSessions'> {
  /** Headers that came, without `Bearer `. */
  bearers: Set<string>;
  /** Answers the next so many requests 401, and repeats the bearer in the challenge. */
  refuse(times: number): void;
  /** Answers the next POST with this status, and repeats the bearer in body and headers. */
  fail(status: number): void;
}

export async function startRepeatingServer(): Promise<RepeatingServer> {
  const bearers = new Set<string>();
  let refusals = 0;
  let failure: number | undefined;
  const {
    url,
    sseUrl,
    seen,
    [Symbol.asyncDispose]: end,
  } = await startMcpHttpHost({
    hasSessions: false,
    connect: (transport) => repeating(bearers).connect(transport),
    intercept(request, response) {
      const said = request.headers.authorization ?? '';
      bearers.add(said.replace('Bearer ', ''));
      if (refusals > 0) {
        refusals--;
        const challenge = `Bearer error="invalid_token", error_description="not ${[...bearers].join(' nor ')}"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return true;
      }
      if (failure === undefined || request.method !== 'POST') return false;
      response
        .writeHead(failure, { 'x-request-id': said, 'content-type': 'text/plain' })
        .end(`I do not like ${[...bearers].join(' nor ')}`);
      failure = undefined;
      return true;
    },
  });
  return {
    url,
    sseUrl,
    seen,
    bearers,
    refuse: (times) => void (refusals = times),
    fail: (status) => void (failure = status),
    [Symbol.asyncDispose]: end,
  };
}

type Extra = { requestInfo?: { headers: Record<string, string | string[] | undefined> } | undefined };

/** `seen`: told as well. `repeat` tells the Authorization header, `complain` fails with it, `meta` tells its own `_meta`. */
export function repeating(seen: ReadonlySet<string> = new Set()): Server {
  const server = new Server(
    { name: 'repeating', version: '1.0.0' },
    { capabilities: { tools: {}, resources: {}, prompts: {}, logging: {} } },
  );
  const said = ({ requestInfo }: Extra): string =>
    `You sent ${[String(requestInfo?.headers['authorization']), ...seen].join(', and ')}!`;
  const inputSchema = { type: 'object' as const };
  const annotations = { readOnlyHint: true };
  server.setRequestHandler(ListToolsRequestSchema, (_request, extra) => ({
    tools: ['repeat', 'complain', 'meta'].map((name) => ({ name, description: said(extra), inputSchema, annotations })),
  }));
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, extra) => {
    if (params.name === 'meta') return { content: [{ type: 'text', text: JSON.stringify(params._meta ?? {}) }] };
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
