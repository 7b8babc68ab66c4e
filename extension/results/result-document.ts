// Turns the event of a finished call into what a page shows of it: blocks in order, each of one kind; it draws nothing.
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { errorCard, type ErrorCard } from './error-card.ts';
import { statusMeaning } from './error-meaning.ts';
import type { GraphItems } from './graph-items.ts';
import { imageDataUrl } from './image-data.ts';
import type { OwnAdvice } from './next-step.ts';
import { readResult, type ResultPart } from './result-parts.ts';
import { shapeOf, type Citation } from './result-shape.ts';
import { tableOf, type TableModel } from './table-model.ts';

export type FileContent = { name: string; mimeType: string | undefined; bytes: number | undefined };

export type Block = { heading?: string } & (
  | (GraphItems & { more: boolean; single: boolean })
  | { kind: 'answer'; text: string; conversationId: string | undefined; citations: readonly Citation[] }
  | { kind: 'text'; text: string }
  | { kind: 'table'; table: TableModel; more: boolean }
  | { kind: 'fields'; value: Readonly<Record<string, unknown>> }
  | { kind: 'json'; value: unknown }
  | ({ kind: 'image'; dataUrl: string } & FileContent)
  /** A file that is named but not shown. */
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
  /** What the JSON view shows: the result as the server sent it, or the error. */
  raw: unknown;
}

export function resultDocument(event: ToolResultEvent, own?: OwnAdvice): ResultDocument {
  if (event.error !== undefined) return failedDocument(event.error, own);
  if (event.result === undefined || event.result === null) {
    const blocks: Block[] = [{ kind: 'absent', bytes: event.resultBytes }];
    return { blocks, failed: 0, requests: 0, correlationIds: [], raw: undefined };
  }
  return { ...contentDocument(event.result), raw: event.result };
}

function failedDocument(error: NonNullable<ToolResultEvent['error']>, own: OwnAdvice | undefined): ResultDocument {
  const card = errorCard(error, own);
  const said = error.result === undefined ? undefined : contentDocument(error.result);
  // The server's words are mostly the message already.
  const rest = (said?.blocks ?? []).filter(
    (block) =>
      block.kind !== 'empty' && block.kind !== 'done' && !(block.kind === 'text' && block.text.trim() === card.message),
  );
  const correlationIds = (said?.correlationIds ?? []).filter((id) => id !== card.requestId);
  return { blocks: [{ kind: 'error', card }, ...rest], failed: 0, requests: 0, correlationIds, raw: error };
}

function contentDocument(result: unknown): Omit<ResultDocument, 'raw'> {
  const { parts, correlationIds } = readResult(result);
  const requests = parts.filter((part) => 'position' in part && part.position !== undefined).length;
  const failed = parts.filter((part) => part.kind === 'failure').length;
  const blocks = parts.flatMap((part) => {
    const heading =
      'position' in part && part.position !== undefined ? `Request ${part.position} of ${requests}` : undefined;
    return blocksOf(part).map((block, index): Block =>
      heading === undefined || index > 0 ? block : { heading, ...block },
    );
  });
  return {
    blocks: blocks.length === 0 ? [{ kind: 'done', text: 'Done; the tool returned no content.' }] : blocks,
    failed,
    requests,
    correlationIds,
  };
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
      return [fileBlock(part, part.base64, part.uri)];
    case 'value':
      return [
        ...(part.status === 201 ? [{ kind: 'done' as const, text: doneText(part.status) }] : []),
        blockOf(part.value),
      ];
  }
}

function blockOf(value: unknown): Block {
  const shape = shapeOf(value);
  if (shape.kind === 'blob') return fileBlock(shape, shape.base64, undefined);
  if (shape.kind === 'other') return plainBlock(shape.value);
  return shape;
}

/** What has no view of its own: a table where there is one, fields of a flat object, and otherwise the tree. */
function plainBlock(value: unknown): Block {
  if (typeof value === 'string') return { kind: 'text', text: value };
  if (Array.isArray(value)) {
    const table = tableOf(value);
    return table === undefined ? { kind: 'json', value } : { kind: 'table', table, more: false };
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
    const more = typeof record['@odata.nextLink'] === 'string' || record['hasMoreResults'] === true;
    if (table !== undefined) return { kind: 'table', table, more };
  }
  const nested = members.filter(([, member]) => isNested(member)).length;
  if (members.length > 0 && members.length <= 40 && nested * 2 <= members.length)
    return { kind: 'fields', value: record };
  return { kind: 'json', value };
}

function fileBlock({ name, mimeType, bytes }: FileContent, base64: string | undefined, uri: string | undefined): Block {
  const dataUrl = imageDataUrl(base64, mimeType);
  return dataUrl === undefined
    ? { kind: 'attachment', name, mimeType, bytes, uri }
    : { kind: 'image', name, mimeType, bytes, dataUrl };
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
