// Recognises what a value of a tool result is about (mail, an answer, a file, …) by its members; it draws nothing.
import * as z from 'zod/mini';
import { citationsIn, type Citation } from './citations.ts';
import { graphItemsOf, type GraphItems } from './graph-items.ts';
import { listKeys, pagedListOf, type PagedList } from './paged-list.ts';

export type { CalendarEvent, Chat, ChatMessage, CopilotAgent, DriveFile, Mail, Person } from './graph-items.ts';

const text = z.nullish(z.string());

const blobSchema = z.object({
  blobName: text,
  contentType: text,
  sizeBytes: z.nullish(z.number()),
  base64Content: z.string(),
});
/** What cites stands beside the answer, or in the conversation that it is part of. */
const unifiedAnswerSchema = z.object({
  response: z.string(),
  conversationId: text,
  attributions: z.optional(z.unknown()),
  rawResponse: text,
});
const catalogueAnswerSchema = z.object({ reply: z.string(), conversationId: text, rawResponse: text });
/** Of Graph's Copilot chat. */
const conversationSchema = z.object({
  '@odata.type': z.literal('#microsoft.graph.copilotConversation'),
  id: text,
  messages: z.array(z.object({ text: z.string() })),
});
const hitsSchema = z.object({
  hitsContainers: z.array(
    z.object({
      hits: z.nullish(z.array(z.object({ resource: z.looseObject({}), summary: text }))),
      moreResultsAvailable: z.nullish(z.boolean()),
    }),
  ),
});

/** `more` is true when the server has further ones; `next` is where they are, as it wrote it. */
export type Following = Pick<PagedList, 'more' | 'next'>;

export type ResultShape =
  /** `single` when the value itself was the item. */
  | (GraphItems & Following & { single: boolean })
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
    return single === undefined ? { kind: 'other', value } : { ...single, more: false, next: undefined, single: true };
  }
  if (list.items.length === 0) return { kind: 'empty' };
  const items = graphItemsOf(list.items);
  return items === undefined ? { kind: 'other', value } : { ...items, more: list.more, next: list.next, single: false };
}

function listOf(value: unknown): (Following & { items: readonly unknown[] }) | undefined {
  if (Array.isArray(value)) return { items: value, more: false, next: undefined };
  const list = typeof value === 'object' && value !== null ? pagedListOf(value) : undefined;
  // A wrapper of another name may hold anything.
  if (list === undefined || !listKeys.includes(list.key)) return undefined;
  const hits = z.array(hitsSchema).check(z.minLength(1)).safeParse(list.items).data;
  return hits === undefined ? list : searchHits(hits);
}

function searchHits(answers: z.infer<typeof hitsSchema>[]): Following & { items: readonly unknown[] } {
  const containers = answers.flatMap((answer) => answer.hitsContainers);
  return {
    items: containers.flatMap((container) =>
      (container.hits ?? []).map(({ resource, summary }) => ({
        ...resource,
        ...(typeof summary === 'string' && { summary: summary.replace(/<\/?c0>/g, '').replaceAll('<ddd/>', '…') }),
      })),
    ),
    more: containers.some((container) => container.moreResultsAvailable === true),
    next: undefined,
  };
}

function answerOf(value: unknown): ResultShape | undefined {
  const unified = unifiedAnswerSchema.safeParse(value).data;
  if (unified !== undefined) {
    return {
      kind: 'answer',
      text: unified.response,
      conversationId: unified.conversationId ?? undefined,
      citations: citationsIn(unified.attributions ?? unified.rawResponse),
    };
  }
  const conversation = conversationSchema.safeParse(value).data;
  const last = conversation?.messages.at(-1);
  if (last !== undefined)
    return {
      kind: 'answer',
      text: last.text,
      conversationId: conversation?.id ?? undefined,
      citations: citationsIn(value),
    };
  const reply = catalogueAnswerSchema.safeParse(value).data;
  if (reply === undefined) return undefined;
  return {
    kind: 'answer',
    text: reply.reply,
    conversationId: reply.conversationId ?? undefined,
    citations: citationsIn(reply.rawResponse),
  };
}
