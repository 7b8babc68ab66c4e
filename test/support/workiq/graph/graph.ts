// The simulated Graph: one function per verb, from URL and body to status and data. Knows no MCP and no Work IQ policy.
import type { Person } from '../tenant/people.ts';
import type { Tenant } from '../tenant/tenant.ts';
import { ACTIONS } from './actions.ts';
import { CREATES, DELETES, UPDATES } from './changes.ts';
import type { Entity } from './filter.ts';
import { hasRoute, route, type Effect, type GraphAnswer, type GraphCall, type RouteTable } from './graph-call.ts';
import { GraphError, unknownSegment } from './graph-error.ts';
import { parseGraphUrl, type GraphUrl } from './graph-url.ts';
import { FOREIGN_READS, READS } from './reads.ts';

export type Operation = 'fetch' | 'create' | 'update' | 'delete' | 'action' | 'function';

export type GraphRequest = {
  tenant: Tenant;
  me: Person;
  operation: Operation;
  url: string;
  body?: Entity;
  ifMatch?: string | undefined;
  record(effect: Effect): void;
};

const FUNCTION_PATTERNS = [
  'me/calendarView',
  'me/calendar/calendarView',
  'me/messages/delta',
  'me/drive/recent',
  'me/drive/root/search({q})',
  'drives/{drive-id}/root/search({q})',
];
const FUNCTIONS = pickRoutes(READS, FUNCTION_PATTERNS);
const FETCHES = pickRoutes(
  READS,
  Object.keys(READS).filter((pattern) => !pattern.endsWith('/delta') && !pattern.includes('({')),
);

const TABLES: Record<Operation, RouteTable> = {
  fetch: { ...FETCHES, ...FOREIGN_READS },
  function: FUNCTIONS,
  create: CREATES,
  update: UPDATES,
  delete: DELETES,
  action: ACTIONS,
};

/** Never throws for a bad request: a failure is an answer with its status and Graph's error body. */
export function graph(request: GraphRequest): GraphAnswer {
  try {
    const url = resolveDrivePath(request, parseGraphUrl(request.url));
    const call: GraphCall = { ...request, url, body: request.body ?? {} };
    const table = TABLES[request.operation];
    if (!hasRoute(table, call)) {
      const isKnown = Object.values(TABLES).some((other) => hasRoute(other, call));
      throw isKnown
        ? new GraphError(405, 'Request_BadRequest', 'Specified HTTP method is not allowed for the request target.')
        : unknownSegment(url.segments.at(-1) ?? '');
    }
    return route(table, call);
  } catch (error) {
    if (error instanceof GraphError) return { status: error.status, data: error.data };
    throw error;
  }
}

/** All path patterns with what can be done there, as search_paths shows them. */
export function knownPaths(): { path: string; operations: Operation[] }[] {
  const paths = new Map<string, Operation[]>();
  for (const [operation, table] of Object.entries({ ...TABLES, fetch: FETCHES }) as [Operation, RouteTable][]) {
    for (const pattern of Object.keys(table)) {
      const path = `/${pattern}`;
      paths.set(path, [...(paths.get(path) ?? []), operation]);
    }
  }
  return [...paths].map(([path, operations]) => ({ path, operations })).sort((a, b) => a.path.localeCompare(b.path));
}

/** `/me/drive/root:/Specs/Lockbox design.md:/children` addresses an item by its path. */
function resolveDrivePath(request: GraphRequest, url: GraphUrl): GraphUrl {
  const match = /^(.*\/root):\/(.+?)(?::(\/.*)?)?$/.exec(`/${url.segments.join('/')}`);
  if (!match) return url;
  const [, root = '', path = '', rest = ''] = match;
  const item = request.tenant.drives.get(request.me.id)?.byPath(path);
  if (!item) throw new GraphError(404, 'itemNotFound', 'The resource could not be found.');
  const segments = `${root.slice(0, -'/root'.length)}/items/${item.id}${rest}`.split('/').filter(Boolean);
  return { ...url, segments };
}

function pickRoutes(table: RouteTable, patterns: string[]): RouteTable {
  return Object.fromEntries(Object.entries(table).filter(([pattern]) => patterns.includes(pattern)));
}
