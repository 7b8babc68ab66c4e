// Turns the event of a finished call into what a page shows of it: blocks in order, each of one kind; it draws nothing.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import type { Citation } from './citations.ts';
import { cleanLine } from './clean-text.ts';
import { errorCard, type ErrorCard } from './error-card.ts';
import { statusMeaning } from './error-meaning.ts';
import { parseExactJson } from './exact-json.ts';
import type { GraphItems } from './graph-items.ts';
import { imageDataUrl } from './image-data.ts';
import type { OwnAdvice } from './next-step.ts';
import { namesOf } from './request-names.ts';
import { readResult, type ResultPart } from './result-parts.ts';
import { pagedListOf } from './paged-list.ts';
import { shapeOf, type Following } from './result-shape.ts';
import { tableOf, type TableModel } from './table-model.ts';

export type FileContent = {
  name: string;
  mimeType: string | undefined;
  bytes: number | undefined;
  /** The content, where it came along. */
  base64: string | undefined;
};

/** What the window knows of a call beside its event. */
export interface CallContext {
  advice?: OwnAdvice | undefined;
  /** Lists of texts among its arguments, of which one may name its requests. */
  requests?: readonly (readonly string[])[] | undefined;
}

export type Block = { heading?: string } & (
  | (GraphItems & Following & { single: boolean })
  | { kind: 'answer'; text: string; conversationId: string | undefined; citations: readonly Citation[] }
  | { kind: 'text'; text: string }
  | ({ kind: 'table'; table: TableModel } & Following)
  | { kind: 'fields'; value: Readonly<Record<string, unknown>> }
  | { kind: 'json'; value: unknown }
  | ({ kind: 'image'; dataUrl: string } & FileContent)
  /** A file that is not shown, but named. */
  | ({ kind: 'attachment'; uri: string | undefined } & FileContent)
  | { kind: 'done'; text: string }
  | { kind: 'empty' }
  | { kind: 'error'; card: ErrorCard }
  /** One request of several that failed. */
  | { kind: 'failure'; title: string; message: string; meaning: string | undefined }
  /** The result is not here. */
  | { kind: 'absent'; bytes: number | undefined }
);

export interface ResultDocument {
  blocks: readonly Block[];
  /** How many requests inside the result failed, and of how many. */
  failed: number;
  requests: number;
  /** The far service's ids, worth showing when something failed. */
  correlationIds: readonly string[];
  /** What the JSON view shows: the content, or the error. */
  json: unknown;
  /** The result as the server sent it; undefined where that is what `json` is. */
  raw: unknown;
}

/** Where the items that follow those of a block are; undefined where they cannot be put after them. */
export function nextLinkOf({ blocks, raw }: ResultDocument, block: number): string | undefined {
  const shown = blocks[block];
  // Content that is no JSON, with text or files beside a list, cannot be written anew.
  return raw !== undefined && shown !== undefined && 'next' in shown ? shown.next : undefined;
}

export function resultDocument(event: ToolResultEvent, context: CallContext = {}): ResultDocument {
  if (event.error !== undefined) return failedDocument(event.error, context);
  if (event.result === undefined || event.result === null) {
    const blocks: Block[] = [{ kind: 'absent', bytes: event.resultBytes }];
    return { blocks, failed: 0, requests: 0, correlationIds: [], json: undefined, raw: undefined };
  }
  return contentDocument(event.result, context);
}

function failedDocument(error: NonNullable<ToolResultEvent['error']>, context: CallContext): ResultDocument {
  const card = errorCard(error, context.advice);
  const said = error.result === undefined ? undefined : contentDocument(error.result, context);
  // The server's words are mostly the message already.
  const rest = (said?.blocks ?? []).filter(
    (block) =>
      block.kind !== 'empty' && block.kind !== 'done' && !(block.kind === 'text' && block.text.trim() === card.message),
  );
  const correlationIds = (said?.correlationIds ?? []).filter((id) => id !== card.requestId);
  const blocks: Block[] = [{ kind: 'error', card }, ...rest];
  return { blocks, failed: 0, requests: 0, correlationIds, json: error, raw: undefined };
}

function contentDocument(result: unknown, { requests: lists = [] }: CallContext): ResultDocument {
  const { parts, correlationIds, json } = readResult(result, { parse: parseExactJson });
  const { requests, failed } = requestCounts(parts);
  const names = namesOf(lists, requests);
  let last: number | undefined;
  const blocks = parts.flatMap((part) => {
    const position = positionOf(part);
    // What stands beside an answer is of the same request.
    const isNext = position !== undefined && position !== last;
    last = position;
    const name = isNext ? names?.[position - 1] : undefined;
    const heading = isNext && `Request ${position} of ${requests}${name === undefined ? '' : `: ${cleanLine(name)}`}`;
    return blocksOf(part).map((block, index): Block => (heading && index === 0 ? { heading, ...block } : block));
  });
  return {
    blocks: blocks.length === 0 ? [{ kind: 'done', text: 'Done; the tool returned no content.' }] : blocks,
    failed,
    requests,
    correlationIds,
    json: json ?? result,
    raw: json === undefined ? undefined : result,
  };
}

/** How many requests one call made, where they were several, and how many of them failed. */
export function requestCounts(parts: readonly ResultPart[]): { requests: number; failed: number } {
  return {
    requests: new Set(parts.map(positionOf).filter((position) => position !== undefined)).size,
    failed: parts.filter(({ kind }) => kind === 'failure').length,
  };
}

function positionOf(part: ResultPart): number | undefined {
  return 'position' in part ? part.position : undefined;
}

function blocksOf(part: ResultPart): Block[] {
  switch (part.kind) {
    case 'text':
      return [{ kind: 'text', text: part.text }];
    case 'done':
      return [{ kind: 'done', text: doneText(part.status) }];
    case 'failure': {
      const title = ['Failed', part.status, part.code].filter((item) => item !== undefined).join(' · ');
      return [{ kind: 'failure', title, message: part.message, meaning: statusMeaning(part.status) }];
    }
    case 'file':
      return [fileBlock(part, part.uri)];
    case 'value':
      return [
        ...(part.status === 201 ? [{ kind: 'done' as const, text: doneText(part.status) }] : []),
        blockOf(part.value),
      ];
  }
}

function blockOf(value: unknown): Block {
  const shape = shapeOf(value);
  if (shape.kind === 'blob') return fileBlock(shape, undefined);
  if (shape.kind === 'other') return plainBlock(shape.value);
  return shape;
}

/** What has no view of its own: a table where there is one, fields of a flat object, and otherwise the tree. */
function plainBlock(value: unknown): Block {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (Array.isArray(value)) {
    const table = tableOf(value);
    return table === undefined ? { kind: 'json', value } : { kind: 'table', table, more: false, next: undefined };
  }
  if (typeof value !== 'object' || value === null) return { kind: 'json', value };
  const record = value as Record<string, unknown>;
  const members = Object.entries(record).filter(([key]) => !key.startsWith('@odata.'));
  const lists = members.filter(([, member]) => Array.isArray(member));
  const [, list] = lists[0] ?? [];
  // A list in its wrapper.
  if (
    lists.length === 1 &&
    Array.isArray(list) &&
    members.every(([, member]) => member === list || !isNested(member))
  ) {
    const table = tableOf(list);
    const paged = pagedListOf(record);
    if (table !== undefined) return { kind: 'table', table, more: paged?.more ?? false, next: paged?.next };
  }
  const nested = members.filter(([, member]) => isNested(member)).length;
  if (members.length > 0 && members.length <= 40 && nested * 2 <= members.length)
    return { kind: 'fields', value: record };
  return { kind: 'json', value };
}

function fileBlock({ name, mimeType, bytes, base64 }: FileContent, uri: string | undefined): Block {
  const dataUrl = imageDataUrl(base64, mimeType);
  return dataUrl === undefined
    ? { kind: 'attachment', name, mimeType, bytes, base64, uri }
    : { kind: 'image', name, mimeType, bytes, base64, dataUrl };
}

function isNested(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

function doneText(status: number): string {
  if (status === 201) return 'Created.';
  if (status === 202) return 'Accepted.';
  if (status === 204) return 'Done; nothing to return.';
  return `Done (${status}).`;
}
