// One request to the simulated Graph: who calls, what URL, what body; and the table that finds its handler.
import type { Tenant } from '../tenant/tenant.ts';
import type { Person } from '../tenant/people.ts';
import type { Entity } from './filter.ts';
import { unknownSegment } from './graph-error.ts';
import type { GraphUrl } from './graph-url.ts';

export type EffectKind =
  | 'mail.sent'
  | 'mail.draftCreated'
  | 'mail.updated'
  | 'mail.moved'
  | 'mail.copied'
  | 'mail.deleted'
  | 'mail.attachmentAdded'
  | 'mail.attachmentRemoved'
  | 'mail.folderCreated'
  | 'event.created'
  | 'event.updated'
  | 'event.deleted'
  | 'event.answered'
  | 'event.forwarded'
  | 'chat.posted'
  | 'chat.created'
  | 'file.renamed';

/** Something that really changed in the tenant. */
export type Effect = { kind: EffectKind; id?: string; subject?: string; to?: string[] };

export type GraphCall = {
  tenant: Tenant;
  me: Person;
  url: GraphUrl;
  body: Entity;
  /** The If-Match header, when the caller sent one. */
  ifMatch?: string | undefined;
  record(effect: Effect): void;
};

export type GraphAnswer = { status: number; data?: unknown };

/** Gets the decoded values of the pattern's placeholders in order. */
export type GraphHandler = (call: GraphCall, ...parameters: string[]) => GraphAnswer;

/** Path pattern without the leading slash: `me/messages/{message-id}`. */
export type RouteTable = Record<string, GraphHandler>;

/** Throws a `GraphError` 400 when no pattern fits. */
export function route(table: RouteTable, call: GraphCall): GraphAnswer {
  const segments = homeSegments(call);
  for (const [pattern, handler] of Object.entries(table)) {
    const parameters = match(pattern.split('/'), segments);
    if (parameters) return handler(call, ...parameters);
  }
  throw unknownSegment(segments.at(-1) ?? '');
}

export function hasRoute(table: RouteTable, call: GraphCall): boolean {
  const segments = homeSegments(call);
  return Object.keys(table).some((pattern) => match(pattern.split('/'), segments));
}

/** `/users/{me}/messages` is `/me/messages`. */
function homeSegments(call: GraphCall): readonly string[] {
  const [first, second, ...rest] = call.url.segments;
  const isMine = first === 'users' && second !== undefined && call.tenant.directory.find(second)?.id === call.me.id;
  return isMine ? ['me', ...rest] : call.url.segments;
}

/** The placeholders' values, or undefined when the pattern does not fit. `search({q})` takes what is in the brackets. */
function match(pattern: string[], segments: readonly string[]): string[] | undefined {
  if (pattern.length !== segments.length) return undefined;
  const parameters: string[] = [];
  for (const [index, expected] of pattern.entries()) {
    const actual = segments[index] ?? '';
    if (expected.startsWith('{')) {
      parameters.push(actual);
    } else if (expected.includes('({')) {
      const name = expected.slice(0, expected.indexOf('('));
      if (!actual.startsWith(`${name}(`) || !actual.endsWith(')')) return undefined;
      parameters.push(actual.slice(name.length + 1, -1));
    } else if (expected.toLowerCase() !== actual.toLowerCase()) {
      return undefined;
    }
  }
  return parameters;
}
