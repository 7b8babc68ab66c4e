// The simulator's public HTTP face: routes to the MCP endpoints and to the discovery documents. Knows no tool.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Grant } from './auth.ts';
import {
  INVALID_TENANT_ANSWER,
  isGuid,
  MISNAMED_SERVER,
  parseCataloguePath,
  type CatalogueServer,
} from './catalogue.ts';
import { BARE_PATH_ANSWER, catalogueMetadata, INVALID_AUDIENCE, unifiedMetadata, WELL_KNOWN } from './discovery.ts';
import type { ToolServer } from './tools/tool-call.ts';
import type { World } from './wire/endpoint.ts';
import { serveMcp } from './wire/mcp-endpoint.ts';

export const UNIFIED_GRANTS: readonly Grant[] = [
  { audience: 'api://workiq.svc.cloud.microsoft', scope: 'WorkIQAgent.Ask' },
  { audience: 'fdcc1f02-fc51-4226-8753-f668596af7f7', scope: 'WorkIQAgent.Ask' },
];

export type PublicFace = {
  unified: ToolServer;
  catalogue: ReadonlyMap<string, CatalogueServer>;
  authorizationServer: string;
};

export function createPublicServer(world: () => World, face: PublicFace): Server {
  const server = createServer((request, response) => {
    handle(world(), face, request, response).catch((error: unknown) => {
      if (world().closing.aborted || response.destroyed) return;
      const message = error instanceof Error ? error.message : String(error);
      if (!response.headersSent) response.writeHead(500, { 'content-type': 'text/plain' });
      response.end(`The Work IQ simulator failed: ${message}`);
    });
  });
  // As patient as the service; Node's five seconds would cut clients that pause.
  server.keepAliveTimeout = 65_000;
  return server;
}

async function handle(
  world: World,
  face: PublicFace,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', world.origin);
  if (pathname.startsWith(WELL_KNOWN)) return discover(world, face, pathname.slice(WELL_KNOWN.length), response);
  if (/^\/mcp\/?$/.test(pathname)) {
    return serveMcp(
      world,
      { id: 'mcp', kind: 'unified', path: '/mcp', grants: UNIFIED_GRANTS, server: face.unified },
      request,
      response,
    );
  }
  const place = parseCataloguePath(pathname);
  if (!place) return send(response, 404, '');
  if (place.tenantId !== undefined && !isGuid(place.tenantId)) return send(response, 400, INVALID_TENANT_ANSWER);
  if (place.serverId === MISNAMED_SERVER) return send(response, 401, '', { 'www-authenticate': INVALID_AUDIENCE });
  const entry = face.catalogue.get(place.serverId);
  if (!entry) return send(response, 404, '');
  return serveMcp(world, { ...entry, kind: 'catalogue', path: pathname.replace(/\/$/, '') }, request, response);
}

function discover(world: World, face: PublicFace, path: string, response: ServerResponse): void {
  const { origin } = world;
  if (path === '/mcp') return send(response, 200, unifiedMetadata(origin, face.authorizationServer));
  const place = parseCataloguePath(path);
  if (!place || !face.catalogue.has(place.serverId)) return send(response, 400, BARE_PATH_ANSWER);
  return send(response, 200, catalogueMetadata(origin, path.replace(/\/$/, ''), face.authorizationServer));
}

function send(
  response: ServerResponse,
  status: number,
  body: string | object,
  headers: Record<string, string> = {},
): void {
  const isText = typeof body === 'string';
  response.writeHead(status, {
    ...(body ? { 'content-type': isText ? 'text/plain' : 'application/json' } : {}),
    ...headers,
  });
  response.end(isText ? body : JSON.stringify(body));
}
