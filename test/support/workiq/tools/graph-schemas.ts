// The schemas behind get_schema: short but true to what the simulated Graph takes and gives.
import { knownPaths, type Operation } from '../graph/graph.ts';
import type { JsonSchema } from './tool.ts';

type Shape = Record<string, JsonSchema & { format?: string; $ref?: string }>;

const string = { type: 'string' };
const boolean = { type: 'boolean' };
const time = { type: 'string', format: 'date-time' };
const recipients = { type: 'array', items: { type: 'object', description: '{emailAddress:{name,address}}' } };
const eventTime = { type: 'object', properties: { dateTime: string, timeZone: string } };
const body = {
  type: 'object',
  properties: { contentType: { type: 'string', enum: ['text', 'html'] }, content: string },
};

const SHAPES: Record<string, Shape> = {
  message: {
    id: string,
    subject: string,
    body,
    from: { type: 'object' },
    toRecipients: recipients,
    ccRecipients: recipients,
    receivedDateTime: time,
    isRead: boolean,
    isDraft: boolean,
    importance: { type: 'string', enum: ['low', 'normal', 'high'] },
    hasAttachments: boolean,
  },
  event: {
    id: string,
    subject: string,
    body,
    start: eventTime,
    end: eventTime,
    location: { type: 'object' },
    attendees: recipients,
    organizer: { type: 'object' },
    isAllDay: boolean,
    isOnlineMeeting: boolean,
  },
  user: {
    id: string,
    displayName: string,
    mail: string,
    userPrincipalName: string,
    jobTitle: string,
    officeLocation: string,
  },
  chat: {
    id: string,
    topic: string,
    chatType: { type: 'string', enum: ['oneOnOne', 'group', 'meeting'] },
    lastUpdatedDateTime: time,
  },
  chatMessage: { id: string, body, from: { type: 'object' }, createdDateTime: time },
  mailFolder: {
    id: string,
    displayName: string,
    totalItemCount: { type: 'integer' },
    unreadItemCount: { type: 'integer' },
  },
  driveItem: { id: string, name: string, size: { type: 'integer' }, webUrl: string, lastModifiedDateTime: time },
  attachment: { id: string, name: string, contentType: string, size: { type: 'integer' }, contentBytes: string },
  action: { comment: string, message: { type: 'object' }, toRecipients: recipients, destinationId: string },
  entity: { id: string },
};

/** The schema as text, or undefined when the path has no such operation. */
export function schemaText(path: string, operation: string, format: string): string | undefined {
  const pattern = `/${path.replace(/^\//, '').split('?')[0]}`;
  const known = knownPaths().find((candidate) => fits(candidate.path, pattern));
  if (!known || !known.operations.includes(operation as Operation)) return undefined;
  const name = operation === 'action' ? 'action' : shapeOf(known.path);
  const shape = SHAPES[name] ?? {};
  if (format === 'typescript') return typescript(name, shape);
  if (format === 'cddl') return cddl(name, shape);
  const type = `microsoft.graph.${name}`;
  const isCollection =
    operation === 'fetch' &&
    !known.path.endsWith('}') &&
    !['me', 'manager'].includes(known.path.split('/').at(-1) ?? '');
  const entity = { type: 'object', properties: shape };
  const schema = isCollection
    ? {
        title: `${type}CollectionResponse`,
        type: 'object',
        properties: { value: { type: 'array', items: { $ref: `#/$defs/${type}` } } },
        $defs: { [type]: entity },
      }
    : { title: type, ...entity };
  return JSON.stringify({ $schema: 'https://json-schema.org/draft/2020-12/schema', ...schema });
}

function fits(pattern: string, path: string): boolean {
  const [expected, actual] = [pattern.split('/'), path.split('/')];
  return (
    expected.length === actual.length &&
    expected.every(
      (segment, index) => segment.startsWith('{') || segment.toLowerCase() === actual[index]?.toLowerCase(),
    )
  );
}

function shapeOf(path: string): string {
  const last =
    path
      .split('/')
      .filter((segment) => !segment.startsWith('{'))
      .at(-1) ?? '';
  if (last === 'messages' || last === 'delta') return path.includes('chats') ? 'chatMessage' : 'message';
  if (['events', 'calendarView', 'instances'].includes(last)) return 'event';
  if (['me', 'users', 'manager', 'directReports', 'people'].includes(last)) return 'user';
  if (['children', 'items', 'recent', 'drive', 'root'].includes(last) || last.startsWith('search(')) return 'driveItem';
  return { chats: 'chat', mailFolders: 'mailFolder', attachments: 'attachment' }[last] ?? 'entity';
}

function typescript(name: string, shape: Shape): string {
  const types: Record<string, string> = { integer: 'number', array: 'unknown[]', object: 'object' };
  const lines = Object.entries(shape).map(([key, schema]) => `  ${key}?: ${types[schema.type ?? ''] ?? schema.type};`);
  return `interface ${name} {\n${lines.join('\n')}\n}`;
}

function cddl(name: string, shape: Shape): string {
  const types: Record<string, string> = {
    string: 'tstr',
    boolean: 'bool',
    integer: 'int',
    array: '[* any]',
    object: '{* tstr => any}',
  };
  return `${name} = {\n${Object.entries(shape)
    .map(([key, schema]) => `  ? ${key}: ${types[schema.type ?? 'string']}`)
    .join(',\n')}\n}`;
}
