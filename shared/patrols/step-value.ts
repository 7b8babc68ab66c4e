// What expressions see of a run: its steps, the value of a tool's result, the item of a forEach. It knows no run and no bus.
import type { JSONValue } from '@jmespath-community/jmespath';
import * as z from 'zod';

/** `steps.<id>` of expressions. */
export interface StepValue {
  ok: boolean;
  /** See `resultValue`. With forEach a list, one per item that was run and null for those that failed. */
  result: unknown;
  /** With forEach only, in the same order. */
  items?: readonly { ok: boolean; result: unknown; error?: { code: string; message: string } }[];
  error?: { code: string; message: string };
  /** True when it was not called. */
  skipped?: boolean;
}

/** The data that the expressions of one run read. */
export interface RunData {
  patrol: string;
  /** ISO 8601; `scheduledAt` is null for a run by hand, `lastOkAt` the start of the last run that saw everything. */
  run: { id: string; scheduledAt: string | null; startedAt: string; lastOkAt: string | null };
  account: { id: string; username: string; tenantId: string } | null;
  /** The steps so far. */
  steps: Readonly<Record<string, StepValue>>;
}

/** The cast: what `unknown` stands for comes from JSON.parse, and proving that of megabytes before each expression would find nothing. */
export function dataFor(run: RunData, item?: { as: string; value: unknown; index: number }): JSONValue {
  return { ...run, ...(item !== undefined && { [item.as]: item.value, index: item.index }) } as unknown as JSONValue;
}

const toolResultSchema = z.looseObject({
  structuredContent: z.unknown().optional(),
  content: z.array(z.looseObject({ type: z.string(), text: z.string().optional() })).default([]),
});

/** Some servers add it to their results as a text of its own. */
const correlationId = /^\s*CorrelationId:\s*\S+\s*$/i;

/**
 * The value of an MCP `CallToolResult`: its structured content, or the JSON in its texts (which may be cut in several), or the
 * text itself; null when there is none.
 */
export function resultValue(result: unknown): unknown {
  const parsed = toolResultSchema.safeParse(result);
  if (!parsed.success) return null;
  const { structuredContent, content } = parsed.data;
  if (structuredContent !== undefined && structuredContent !== null) return structuredContent;
  const texts = content.flatMap(({ type, text }) =>
    type === 'text' && text !== undefined && !correlationId.test(text) ? [text] : [],
  );
  if (texts.length === 0) return null;
  for (const joined of [texts.join(''), texts.join('\n')]) {
    const json = parseJson(joined);
    if (json !== undefined) return json;
  }
  return texts.join('\n');
}

/** Objects and lists only: a text such as "17" stays a text. */
function parseJson(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** How one call of a step ended: with an MCP `CallToolResult`, or with an error. */
export type CallEnd = { result: unknown } | { error: { code: string; message: string } };

/** The value of a step that was called. */
export function calledStepValue({ isForEach, ends }: { isForEach: boolean; ends: readonly CallEnd[] }): StepValue {
  const items = ends.map((end) =>
    'error' in end
      ? { ok: false, result: null, error: { code: end.error.code, message: end.error.message } }
      : { ok: true, result: resultValue(end.result) },
  );
  const failed = items.find(({ ok }) => !ok);
  const common = { ok: failed === undefined, ...(failed?.error !== undefined && { error: failed.error }) };
  if (isForEach) return { ...common, result: items.map(({ result }) => result), items };
  return { ...common, result: items[0]?.result ?? null };
}

/** The value of a step that was not called: its condition was false, or something could not be seen. */
export function uncalledStepValue(error?: { code: string; message: string }): StepValue {
  return { ok: false, result: null, skipped: true, ...(error !== undefined && { error }) };
}
