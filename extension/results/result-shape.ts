// Recognises what a value of a tool result is about (mail, events, people, …) by its members; it draws nothing.
import { z } from 'zod';

const addressSchema = z.looseObject({ name: z.string().nullish(), address: z.string().nullish() });
const recipientSchema = z.looseObject({ emailAddress: addressSchema });
const bodySchema = z.looseObject({ contentType: z.string().nullish(), content: z.string().nullish() });
const timeSchema = z.looseObject({ dateTime: z.string(), timeZone: z.string().nullish() });

export const mailSchema = z
  .looseObject({
    subject: z.string().nullable(),
    from: recipientSchema.nullish(),
    toRecipients: z.array(recipientSchema).nullish(),
    ccRecipients: z.array(recipientSchema).nullish(),
    receivedDateTime: z.string().nullish(),
    sentDateTime: z.string().nullish(),
    isRead: z.boolean().nullish(),
    isDraft: z.boolean().nullish(),
    importance: z.string().nullish(),
    hasAttachments: z.boolean().nullish(),
    bodyPreview: z.string().nullish(),
    body: bodySchema.nullish(),
  })
  .refine((mail) => ['from', 'receivedDateTime', 'toRecipients', 'isRead', 'bodyPreview'].some((key) => key in mail));

export const eventSchema = z.looseObject({
  subject: z.string().nullish(),
  start: timeSchema,
  end: timeSchema.nullish(),
  isAllDay: z.boolean().nullish(),
  isCancelled: z.boolean().nullish(),
  location: z.looseObject({ displayName: z.string().nullish() }).nullish(),
  organizer: recipientSchema.nullish(),
  attendees: z.array(recipientSchema).nullish(),
  onlineMeeting: z.looseObject({ joinUrl: z.string().nullish() }).nullish(),
  bodyPreview: z.string().nullish(),
  body: bodySchema.nullish(),
});

export const chatSchema = z.looseObject({
  topic: z.string().nullish(),
  chatType: z.string(),
  lastUpdatedDateTime: z.string().nullish(),
  members: z.array(z.looseObject({ displayName: z.string().nullish() })).nullish(),
});

export const messageSchema = z
  .looseObject({
    createdDateTime: z.string(),
    chatId: z.string().nullish(),
    messageType: z.string().nullish(),
    from: z
      .looseObject({
        user: z.looseObject({ displayName: z.string().nullish() }).nullish(),
        application: z.looseObject({ displayName: z.string().nullish() }).nullish(),
        emailAddress: addressSchema.nullish(),
      })
      .nullish(),
    body: bodySchema.nullish(),
    summary: z.string().nullish(),
    '@odata.type': z.string().nullish(),
  })
  .refine(
    (message) =>
      typeof message.messageType === 'string' ||
      message['@odata.type'] === '#microsoft.graph.chatMessage' ||
      (message.from?.user !== undefined && message.body !== undefined),
  );

export const fileSchema = z
  .looseObject({
    name: z.string(),
    size: z.number().nullish(),
    lastModifiedDateTime: z.string().nullish(),
    webUrl: z.string().nullish(),
    file: z.looseObject({ mimeType: z.string().nullish() }).nullish(),
    folder: z.looseObject({ childCount: z.number().nullish() }).nullish(),
    parentReference: z.looseObject({ path: z.string().nullish() }).nullish(),
  })
  .refine((item) => ['file', 'folder', 'parentReference', 'webUrl'].some((key) => key in item));

export const personSchema = z
  .looseObject({
    displayName: z.string().nullable(),
    mail: z.string().nullish(),
    userPrincipalName: z.string().nullish(),
    jobTitle: z.string().nullish(),
    department: z.string().nullish(),
    officeLocation: z.string().nullish(),
    businessPhones: z.array(z.string()).nullish(),
    scoredEmailAddresses: z.array(z.looseObject({ address: z.string() })).nullish(),
  })
  .refine((person) => ['mail', 'userPrincipalName', 'jobTitle', 'scoredEmailAddresses'].some((key) => key in person));

export const agentSchema = z.looseObject({ agentId: z.string(), name: z.string(), provider: z.string().nullish() });

export const blobSchema = z.looseObject({
  blobName: z.string().nullish(),
  contentType: z.string().nullish(),
  sizeBytes: z.number().nullish(),
  base64Content: z.string(),
});

const unifiedAnswerSchema = z.looseObject({ response: z.string(), conversationId: z.string().nullish() });
const catalogueAnswerSchema = z.looseObject({
  reply: z.string(),
  conversationId: z.string().nullish(),
  rawResponse: z.string().nullish(),
});
const conversationSchema = z.looseObject({
  messages: z.array(
    z.looseObject({
      attributions: z
        .array(z.looseObject({ providerDisplayName: z.string().nullish(), seeMoreWebUrl: z.string().nullish() }))
        .nullish(),
    }),
  ),
});
const hitsSchema = z.looseObject({
  hitsContainers: z.array(
    z.looseObject({
      hits: z.array(z.looseObject({ resource: z.looseObject({}), summary: z.string().nullish() })).nullish(),
      moreResultsAvailable: z.boolean().nullish(),
    }),
  ),
});

export type Mail = z.infer<typeof mailSchema>;
export type CalendarEvent = z.infer<typeof eventSchema>;
export type Chat = z.infer<typeof chatSchema>;
export type ChatMessage = z.infer<typeof messageSchema>;
export type DriveFile = z.infer<typeof fileSchema>;
export type Person = z.infer<typeof personSchema>;
export type CopilotAgent = z.infer<typeof agentSchema>;

export interface Citation {
  title: string;
  url: string | undefined;
}

type Items =
  | { kind: 'mails'; items: Mail[] }
  | { kind: 'events'; items: CalendarEvent[] }
  | { kind: 'chats'; items: Chat[] }
  | { kind: 'messages'; items: ChatMessage[] }
  | { kind: 'files'; items: DriveFile[] }
  | { kind: 'people'; items: Person[] }
  | { kind: 'agents'; items: CopilotAgent[] };

export type ResultShape =
  /** `more` is true when the server has further ones; `single` when the value itself was the item. */
  | (Items & { more: boolean; single: boolean })
  | { kind: 'empty' }
  | { kind: 'answer'; text: string; conversationId: string | undefined; citations: Citation[] }
  | { kind: 'blob'; name: string; mimeType: string | undefined; bytes: number }
  | { kind: 'other'; value: unknown };

export function shapeOf(value: unknown): ResultShape {
  const answer = answerOf(value);
  if (answer !== undefined) return answer;
  const blob = blobSchema.safeParse(value).data;
  if (blob !== undefined) {
    return {
      kind: 'blob',
      name: blob.blobName ?? 'file',
      mimeType: blob.contentType ?? undefined,
      bytes: blob.sizeBytes ?? Math.floor((blob.base64Content.length * 3) / 4),
    };
  }
  const list = listOf(value);
  if (list === undefined) {
    const single = itemsOf([value]);
    return single === undefined ? { kind: 'other', value } : { ...single, more: false, single: true };
  }
  if (list.items.length === 0) return { kind: 'empty' };
  const items = itemsOf(list.items);
  return items === undefined ? { kind: 'other', value } : { ...items, more: list.more, single: false };
}

function itemsOf(values: readonly unknown[]): Items | undefined {
  // Mail last of those that may have a subject.
  return (
    all('events', eventSchema, values) ??
    all('messages', messageSchema, values) ??
    all('mails', mailSchema, values) ??
    all('chats', chatSchema, values) ??
    all('files', fileSchema, values) ??
    all('people', personSchema, values) ??
    all('agents', agentSchema, values)
  );
}

function all<Kind extends string, Item>(
  kind: Kind,
  schema: z.ZodType<Item>,
  values: readonly unknown[],
): { kind: Kind; items: Item[] } | undefined {
  const items: Item[] = [];
  for (const value of values) {
    const item = schema.safeParse(value);
    if (!item.success) return undefined;
    items.push(item.data);
  }
  return { kind, items };
}

/** The wrapper's key differs between servers. */
const listKeys = ['value', 'messages', 'chats', 'events', 'files', 'people', 'users', 'items'];

function listOf(value: unknown): { items: unknown[]; more: boolean } | undefined {
  if (Array.isArray(value)) return { items: value, more: false };
  if (typeof value !== 'object' || value === null) return undefined;
  const object = value as Record<string, unknown>;
  const items = listKeys.map((key) => object[key]).find((candidate) => Array.isArray(candidate));
  if (items === undefined) return undefined;
  const hits = z.array(hitsSchema).min(1).safeParse(items).data;
  if (hits !== undefined) return searchHits(hits);
  const more = typeof object['@odata.nextLink'] === 'string' || object['hasMoreResults'] === true;
  return { items: items as unknown[], more };
}

function searchHits(answers: z.infer<typeof hitsSchema>[]): { items: unknown[]; more: boolean } {
  const containers = answers.flatMap((answer) => answer.hitsContainers);
  return {
    items: containers.flatMap((container) =>
      (container.hits ?? []).map(({ resource, summary }) => ({
        ...resource,
        ...(typeof summary === 'string' && { summary: summary.replace(/<\/?c0>/g, '').replaceAll('<ddd/>', '…') }),
      })),
    ),
    more: containers.some((container) => container.moreResultsAvailable === true),
  };
}

function answerOf(value: unknown): ResultShape | undefined {
  const unified = unifiedAnswerSchema.safeParse(value).data;
  if (unified !== undefined) {
    return {
      kind: 'answer',
      text: unified.response,
      conversationId: unified.conversationId ?? undefined,
      citations: [],
    };
  }
  const reply = catalogueAnswerSchema.safeParse(value).data;
  if (reply === undefined) return undefined;
  return {
    kind: 'answer',
    text: reply.reply,
    conversationId: reply.conversationId ?? undefined,
    citations: citationsOf(reply.rawResponse),
  };
}

function citationsOf(rawResponse: string | null | undefined): Citation[] {
  if (!rawResponse) return [];
  try {
    const { messages } = conversationSchema.parse(JSON.parse(rawResponse));
    // The first message repeats the question.
    return messages
      .slice(1)
      .flatMap((message) =>
        (message.attributions ?? []).flatMap(({ providerDisplayName: title, seeMoreWebUrl: url }) =>
          title ? [{ title, url: url ?? undefined }] : [],
        ),
      );
  } catch {
    return [];
  }
}
