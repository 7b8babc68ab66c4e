// The things of Microsoft Graph that have a view of their own: what is read of each, and what tells it from the others.
import * as z from 'zod/mini';

/** An optional member of an unexpected type is left out, so that one odd field does not hide a whole list. */
function maybe<Schema extends z.core.SomeType>(schema: Schema) {
  // eslint-disable-next-line promise/valid-params
  return z.catch(z.nullish(schema), undefined);
}

const text = maybe(z.string());
const flag = maybe(z.boolean());
const amount = maybe(z.number());

const addressSchema = z.object({ name: text, address: text });
const recipientSchema = z.object({ emailAddress: addressSchema });
const bodySchema = z.object({ contentType: text, content: text });
const timeSchema = z.object({ dateTime: z.string(), timeZone: text });
const namedSchema = z.object({ displayName: text });

export const mailSchema = z.object({
  subject: z.nullable(z.string()),
  from: maybe(recipientSchema),
  toRecipients: maybe(z.array(recipientSchema)),
  ccRecipients: maybe(z.array(recipientSchema)),
  receivedDateTime: text,
  sentDateTime: text,
  isRead: flag,
  isDraft: flag,
  importance: text,
  hasAttachments: flag,
  bodyPreview: text,
  body: maybe(bodySchema),
  webLink: text,
});

export const eventSchema = z.object({
  subject: text,
  start: timeSchema,
  end: maybe(timeSchema),
  isAllDay: flag,
  isCancelled: flag,
  location: maybe(namedSchema),
  organizer: maybe(recipientSchema),
  attendees: maybe(z.array(recipientSchema)),
  onlineMeeting: maybe(z.object({ joinUrl: text })),
  onlineMeetingUrl: text,
  showAs: text,
  bodyPreview: text,
  body: maybe(bodySchema),
  webLink: text,
});

export const chatSchema = z.object({
  topic: text,
  chatType: z.string(),
  lastUpdatedDateTime: text,
  members: maybe(z.array(namedSchema)),
  webUrl: text,
});

export const messageSchema = z.object({
  createdDateTime: z.string(),
  chatId: text,
  messageType: text,
  deletedDateTime: text,
  importance: text,
  from: maybe(
    z.object({ user: maybe(namedSchema), application: maybe(namedSchema), emailAddress: maybe(addressSchema) }),
  ),
  body: maybe(bodySchema),
  summary: text,
  attachments: maybe(z.array(z.object({ name: text }))),
  webUrl: text,
});

export const fileSchema = z.object({
  name: z.string(),
  size: amount,
  lastModifiedDateTime: text,
  lastModifiedBy: maybe(z.object({ user: maybe(namedSchema) })),
  webUrl: text,
  file: maybe(z.object({ mimeType: text })),
  folder: maybe(z.object({ childCount: amount })),
  parentReference: maybe(z.object({ path: text })),
});

export const personSchema = z.object({
  displayName: z.nullable(z.string()),
  mail: text,
  userPrincipalName: text,
  jobTitle: text,
  department: text,
  officeLocation: text,
  businessPhones: maybe(z.array(z.string())),
  mobilePhone: text,
  scoredEmailAddresses: maybe(z.array(z.object({ address: z.string() }))),
});

export const agentSchema = z.object({ agentId: z.string(), name: z.string(), provider: text });

export type Mail = z.infer<typeof mailSchema>;
export type CalendarEvent = z.infer<typeof eventSchema>;
export type Chat = z.infer<typeof chatSchema>;
export type ChatMessage = z.infer<typeof messageSchema>;
export type DriveFile = z.infer<typeof fileSchema>;
export type Person = z.infer<typeof personSchema>;
export type CopilotAgent = z.infer<typeof agentSchema>;

export type GraphItems =
  | { kind: 'mails'; items: Mail[] }
  | { kind: 'events'; items: CalendarEvent[] }
  | { kind: 'chats'; items: Chat[] }
  | { kind: 'messages'; items: ChatMessage[] }
  | { kind: 'files'; items: DriveFile[] }
  | { kind: 'people'; items: Person[] }
  | { kind: 'agents'; items: CopilotAgent[] };

type Raw = Readonly<Record<string, unknown>>;

const hasAny =
  (...keys: string[]) =>
  (raw: Raw): boolean =>
    keys.some((key) => Object.hasOwn(raw, key));

const isMessage = (raw: Raw): boolean =>
  typeof raw['messageType'] === 'string' ||
  raw['@odata.type'] === '#microsoft.graph.chatMessage' ||
  (isObject(raw['from']) && 'user' in raw['from'] && isObject(raw['body']));

/** What all of the values are, when they are all of one kind that is known; undefined otherwise. */
export function graphItemsOf(values: readonly unknown[]): GraphItems | undefined {
  if (!values.every(isObject)) return undefined;
  // Mail last of those that may have a subject.
  return (
    all('events', eventSchema, hasAny('start'), values) ??
    all('messages', messageSchema, isMessage, values) ??
    all('mails', mailSchema, hasAny('from', 'receivedDateTime', 'toRecipients', 'isRead', 'bodyPreview'), values) ??
    all('chats', chatSchema, hasAny('chatType'), values) ??
    all('files', fileSchema, hasAny('file', 'folder', 'parentReference', 'webUrl'), values) ??
    all('people', personSchema, hasAny('mail', 'userPrincipalName', 'jobTitle', 'scoredEmailAddresses'), values) ??
    all('agents', agentSchema, hasAny('agentId'), values)
  );
}

function all<Kind extends string, Item>(
  kind: Kind,
  schema: z.ZodMiniType<Item>,
  isLikely: (raw: Raw) => boolean,
  values: readonly Raw[],
): { kind: Kind; items: Item[] } | undefined {
  const items: Item[] = [];
  for (const value of values) {
    const item = isLikely(value) ? schema.safeParse(value) : undefined;
    if (!item?.success) return undefined;
    items.push(item.data);
  }
  return { kind, items };
}

function isObject(value: unknown): value is Raw {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
