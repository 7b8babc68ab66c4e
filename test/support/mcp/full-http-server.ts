// The full MCP server over streamable HTTP with sessions, and over SSE; each session has a server of its own.
import { createFullServer, type FullServer } from './full-server.ts';
import { startMcpHttpHost, type McpHttpHost } from './mcp-http-host.ts';

export interface FullHttpServer extends McpHttpHost {
  /** One per session, the newest last. */
  servers: FullServer[];
}

export interface FullHttpServerOptions {
  /** Anything else is answered 401. */
  isAllowed?: (authorization: string | undefined) => boolean;
}

export async function startFullHttpServer({
  isAllowed = () => true,
}: FullHttpServerOptions = {}): Promise<FullHttpServer> {
  const servers: FullServer[] = [];
  const host = await startMcpHttpHost({
    hasSessions: true,
    async connect(transport) {
      const full = createFullServer();
      servers.push(full);
      await full.server.connect(transport);
    },
    intercept(request, response) {
      if (isAllowed(request.headers.authorization)) return false;
      response.writeHead(401, { 'www-authenticate': 'Bearer error="invalid_token"' }).end();
      return true;
    },
  });
  return { ...host, servers };
}
