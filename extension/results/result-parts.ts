// Takes an MCP tool result apart into what there is to show: values, failures beside them, texts, files; by form and never
// by tool name, since names and servers change.
import * as z from 'zod/mini';
import { jsonText } from './json-text.ts';
import { readJsonTexts, type ParseJson } from './json-texts.ts';

export type ResultPart =
  /** `position` counts from 1 where one call made several requests, of which some may have failed. */
  | { kind: 'value'; value: unknown; status: number | undefined; position?: number | undefined }
  | {
      kind: 'failure';
      status: number | undefined;
      code: string | undefined;
      message: string;
      position: number | undefined;
    }
  | { kind: 'text'; text: string }
  | { kind: 'done'; status: number; position?: number | undefined }
  | {
      kind: 'file';
      name: string;
      mimeType: string | undefined;
      bytes: number | undefined;
      uri: string | undefined;
      /** The content, where it came along. */
      base64: string | undefined;
    };

export interface ResultContent {
  isError: boolean;
  parts: ResultPart[];
  /** The content as one JSON value; undefined where text or files are part of it. */
  json: unknown;
  /** The far service's ids of this exchange, for its support. */
  correlationIds: string[];
}

const words = z.optional(z.string());

const resultSchema = z.looseObject({
  content: z._default(z.array(z.looseObject({ type: z.string() })), []),
  structuredContent: z.optional(z.unknown()),
  isError: z._default(z.boolean(), false),
  _meta: z.optional(z.looseObject({ requestId: words })),
});

const textSchema = z.object({ type: z.literal('text'), text: z.string() });
const binarySchema = z.object({ type: z.enum(['image', 'audio']), data: z.string(), mimeType: words });
const linkSchema = z.object({
  type: z.literal('resource_link'),
  uri: z.string(),
  name: words,
  mimeType: words,
  size: z.optional(z.number()),
});
const resourceSchema = z.object({
  type: z.literal('resource'),
  resource: z.object({ uri: z.string(), mimeType: words, text: words, blob: words }),
});

const answerSchema = z.looseObject({ data: z.optional(z.unknown()), statusCode: z.optional(z.number()) });
const batchSchema = z.looseObject({ results: z.array(answerSchema).check(z.minLength(1)) });
const singleSchema = z.looseObject({ statusCode: z.number(), data: z.optional(z.unknown()) });
const wrappedSchema = z.strictObject({ data: z.custom<object>((data) => typeof data === 'object' && data !== null) });
const graphErrorSchema = z.object({
  error: z.union([z.string(), z.object({ code: words, message: words })]),
  message: words,
});

/** `parse` reads text that is JSON; it throws for what is none. */
export function readResult(result: unknown, { parse }: { parse?: ParseJson } = {}): ResultContent {
  const parsed = resultSchema.safeParse(result);
  if (!parsed.success)
    return {
      isError: false,
      parts: [{ kind: 'value', value: result, status: undefined }],
      json: undefined,
      correlationIds: [],
    };
  const { content, structuredContent, isError, _meta } = parsed.data;
  const correlationIds = _meta?.requestId === undefined ? [] : [_meta.requestId];
  const texts: string[] = [];
  /** Places of the texts among the blocks. */
  const places: number[] = [];
  const placed: { at: number; parts: ResultPart[] }[] = [];
  let firstFile = content.length;
  for (const [at, block] of content.entries()) {
    const text = textSchema.safeParse(block).data?.text;
    const correlationId = /^\s*CorrelationId:\s*(\S+)\s*$/i.exec(text ?? '')?.[1];
    if (correlationId !== undefined) correlationIds.push(correlationId);
    else if (text === undefined) {
      placed.push({ at, parts: readFileBlock(block) });
      firstFile = Math.min(firstFile, at);
    } else if (text.trim() !== '') {
      texts.push(text);
      places.push(at);
    }
  }
  const { values, plain } = readJsonTexts(texts, parse);
  const hasStructure = structuredContent !== undefined && structuredContent !== null;
  // Text that is JSON repeats the structured content (MCP 2025-06-18, "Structured Content"), and stands in its place.
  const structureAt = places[values[0]?.at ?? -1] ?? firstFile - 0.5;
  const documents = hasStructure
    ? [{ value: exactOf(structuredContent, texts, parse), at: structureAt }]
    : values.map(({ value, at }) => ({ value, at: places[at] ?? 0 }));
  for (const { value, at } of documents) placed.push({ at, parts: readValue(value) });
  for (const { text, at } of plain) placed.push({ at: places[at] ?? 0, parts: [{ kind: 'text', text }] });
  const isJson = firstFile === content.length && documents.length > 0 && (hasStructure || plain.length === 0);
  const [first] = documents;
  return {
    isError,
    correlationIds,
    json: isJson ? (documents.length === 1 ? first?.value : documents.map(({ value }) => value)) : undefined,
    parts: placed.toSorted((left, right) => left.at - right.at).flatMap(({ parts }) => parts),
  };
}

function readValue(value: unknown): ResultPart[] {
  const batch = batchSchema.safeParse(value).data;
  if (batch?.results.every((item) => item.data !== undefined || item.statusCode !== undefined)) {
    const { results, ...others } = batch;
    const parts = results.flatMap((item, index) => readAnswer(item, results.length > 1 ? index + 1 : undefined));
    return Object.keys(others).length === 0 ? parts : [...parts, readOne(others, undefined)];
  }
  const single = singleSchema.safeParse(value).data;
  if (single !== undefined) return readAnswer(single);
  const wrapped = wrappedSchema.safeParse(value).data;
  return [readOne(wrapped === undefined ? value : wrapped.data, undefined)];
}

/** What stands beside the status is the content where there is no other, and shown after it where there is. */
function readAnswer({ data, statusCode, ...others }: z.infer<typeof answerSchema>, position?: number): ResultPart[] {
  const hasData = data !== undefined && data !== null;
  if (Object.keys(others).length === 0) return [readOne(data, statusCode, position)];
  const part = readOne(hasData ? data : others, statusCode, position);
  // A failure has said what it knows.
  const isSaid = !hasData && (part.kind !== 'failure' || graphErrorSchema.safeParse(others).success);
  return isSaid ? [part] : [part, { kind: 'value', value: others, status: undefined, position }];
}

function readOne(data: unknown, status: number | undefined, position?: number): ResultPart {
  const failure = graphErrorSchema.safeParse(data).data;
  if (failure !== undefined || (status !== undefined && status >= 400)) {
    const detail = typeof failure?.error === 'object' ? failure.error : undefined;
    const name = typeof failure?.error === 'string' ? failure.error : undefined;
    return {
      kind: 'failure',
      status,
      code: detail?.code ?? name,
      message: detail?.message ?? failure?.message ?? 'The service gave no reason.',
      position,
    };
  }
  if (data === undefined || data === null) return { kind: 'done', status: status ?? 200, position };
  return { kind: 'value', value: data, status, position };
}

function readFileBlock(block: unknown): ResultPart[] {
  const binary = binarySchema.safeParse(block).data;
  if (binary !== undefined) {
    const bytes = Math.floor((binary.data.length * 3) / 4);
    return [{ kind: 'file', name: binary.type, mimeType: binary.mimeType, bytes, uri: undefined, base64: binary.data }];
  }
  const link = linkSchema.safeParse(block).data;
  if (link !== undefined) {
    const { name = link.uri, mimeType, size: bytes, uri } = link;
    return [{ kind: 'file', name, mimeType, bytes, uri, base64: undefined }];
  }
  const resource = resourceSchema.safeParse(block).data?.resource;
  if (resource === undefined) return [{ kind: 'value', value: block, status: undefined }];
  if (resource.text !== undefined) return [{ kind: 'text', text: resource.text }];
  const { uri, mimeType, blob: base64 } = resource;
  const bytes = base64 === undefined ? undefined : Math.floor((base64.length * 3) / 4);
  return [{ kind: 'file', name: uri, mimeType, bytes, uri, base64 }];
}

/** The text beside a value holds its large integers as the server wrote them. */
function exactOf(value: unknown, texts: readonly string[], parse: ParseJson | undefined): unknown {
  const text = texts.join('');
  if (parse === undefined || !/\d{16}/.test(text)) return value;
  try {
    return jsonText(JSON.parse(text)) === jsonText(value) ? parse(text) : value;
  } catch {
    return value;
  }
}
