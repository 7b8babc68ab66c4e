// Recognises what a value of a tool result is about (mail, an answer, a file, …) by its members; it draws nothing.
import * as z from 'zod/mini';
import { graphItemsOf, type GraphItems } from './graph-items.ts';

export type { CalendarEvent, Chat, ChatMessage, CopilotAgent, DriveFile, Mail, Person } from './graph-items.ts';

const text = z.nullish(z.string());

const blobSchema = z.object({
  blobName: text,
  contentType: text,
  sizeBytes: z.nullish(z.number()),
  base64Content: z.string(),
});
const unifiedAnswerSchema = z.object({ response: z.string(), conversationId: text });
const catalogueAnswerSchema = z.object({ reply: z.string(), conversationId: text, rawResponse: text });
const attributionSchema = z.object({ providerDisplayName: text, seeMoreWebUrl: text });
const conversationSchema = z.object({
  messages: z.array(z.object({ attributions: z.nullish(z.array(attributionSchema)) })),
});
const hitsSchema = z.object({
  hitsContainers: z.array(
    z.object({
      hits: z.nullish(z.array(z.object({ resource: z.looseObject({}), summary: text }))),
      moreResultsAvailable: z.nullish(z.boolean()),
    }),
  ),
});

export interface Citation {
  title: string;
  url: string | undefined;
}

export type ResultShape =
  /** `more` is true when the server has further ones; `single` when the value itself was the item. */
  | (GraphItems & { more: boolean; single: boolean })
  | { kind: 'empty' }
  | { kind: 'answer'; text: string; conversationId: string | undefined; citations: Citation[] }
  | { kind: 'blob'; name: string; mimeType: string | undefined; bytes: number; base64: string }
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
      base64: blob.base64Content,
    };
  }
  const list = listOf(value);
  if (list === undefined) {
    const single = graphItemsOf([value]);
    return single === undefined ? { kind: 'other', value } : { ...single, more: false, single: true };
  }
  if (list.items.length === 0) return { kind: 'empty' };
  const items = graphItemsOf(list.items);
  return items === undefined ? { kind: 'other', value } : { ...items, more: list.more, single: false };
}

/** The wrapper's key differs between servers. */
const listKeys = ['value', 'messages', 'chats', 'events', 'files', 'people', 'users', 'items'];

function listOf(value: unknown): { items: unknown[]; more: boolean } | undefined {
  if (Array.isArray(value)) return { items: value, more: false };
  if (typeof value !== 'object' || value === null) return undefined;
  const object = value as Record<string, unknown>;
  const items = listKeys.map((key) => object[key]).find((candidate) => Array.isArray(candidate));
  if (items === undefined) return undefined;
  const hits = z.array(hitsSchema).check(z.minLength(1)).safeParse(items).data;
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
