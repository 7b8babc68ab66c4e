// The result of a patrol's step as the event of a finished call, so that what shows results of calls shows it, too.
import type { PatrolRun, StepRecord } from '../../shared/contract/patrol-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';

/** MCP `CallToolResult`; undefined when the record has none. A step with forEach has several: their contents, one after another. */
export function stepResultOf({ result }: Pick<StepRecord, 'result'>): object | undefined {
  if (result === undefined || result === null) return undefined;
  if (isToolResult(result)) return result;
  if (Array.isArray(result) && result.length > 0 && result.every((item) => item === null || isToolResult(item)))
    return { content: result.flatMap(contentOf) };
  return { content: [{ type: 'text', text: typeof result === 'string' ? result : JSON.stringify(result) }] };
}

/** Undefined for a step that was not called and did not fail: its reason stands in the record, and there is no result. */
export function stepEvent(
  run: Pick<PatrolRun, 'runId' | 'patrol' | 'startedAt'>,
  step: StepRecord,
): ToolResultEvent | undefined {
  const { server, tool, error, resultBytes } = step;
  const result = stepResultOf(step);
  const facts = {
    callId: `${run.runId}.${step.id}`,
    server,
    tool,
    caller: `patrol/${run.patrol}`,
    startedAt: step.startedAt ?? run.startedAt ?? new Date(0).toISOString(),
    durationMs: step.durationMs ?? 0,
  };
  if (result !== undefined) return { ...facts, ok: true, result };
  if (error !== undefined) return { ...facts, ok: false, error };
  if (resultBytes !== undefined) return { ...facts, ok: true, resultBytes };
  return step.calls > 0 ? { ...facts, ok: true } : undefined;
}

function isToolResult(value: unknown): value is { content?: unknown; structuredContent?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    (('content' in value && Array.isArray(value.content)) || 'structuredContent' in value)
  );
}

function contentOf(result: { content?: unknown; structuredContent?: unknown } | null): unknown[] {
  if (result === null) return [];
  const { content, structuredContent } = result;
  if (structuredContent !== undefined && structuredContent !== null)
    return [{ type: 'text', text: JSON.stringify(structuredContent) }];
  return Array.isArray(content) ? content : [];
}
