// What a server's tools are to callers: which may be called, which are hidden and why, and which can change something.
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import type { HiddenTool, ListedTool } from '../../shared/contract/tool-messages.ts';
import { workIqReads } from './work-iq-reads.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';

export interface ToolCatalog {
  /** Callable tools by name. */
  tools: ReadonlyMap<string, ListedTool>;
  hidden: readonly HiddenTool[];
}

export const emptyCatalog: ToolCatalog = { tools: new Map(), hidden: [] };

export type ToolFilter = Pick<ServerEntry, 'allowedTools' | 'deniedTools'>;

/** `isWorkIq`: the server takes one of our bearers, so that tool names mean what Microsoft says they mean. */
export function createCatalog(
  tools: readonly Tool[],
  { filter, isWorkIq }: { filter: ToolFilter; isWorkIq: boolean },
): ToolCatalog {
  const callable = new Map<string, ListedTool>();
  const hidden: HiddenTool[] = [];
  for (const tool of tools) {
    const why = filterReason(tool.name, filter);
    if (why === undefined) callable.set(tool.name, listedTool(tool, isWorkIq));
    else hidden.push({ name: tool.name, ...why });
  }
  return { tools: callable, hidden };
}

/** Why the entry in mcp.json does not let the tool be called, if so. */
export function filterReason(
  name: string,
  { allowedTools, deniedTools }: ToolFilter,
): Pick<HiddenTool, 'code' | 'reason'> | undefined {
  if (deniedTools?.some((pattern) => matches(pattern, name)) === true)
    return { code: 'denied', reason: 'deniedTools in mcp.json names it' };
  if (allowedTools !== undefined && !allowedTools.some((pattern) => matches(pattern, name))) {
    return { code: 'not_allowed', reason: 'allowedTools in mcp.json does not name it' };
  }
  return undefined;
}

/** `*` stands for any characters; everything else is taken literally. No regular expression: both sides may be hostile. */
function matches(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return name === first;
  if (!name.startsWith(first)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.length - last.length >= at && name.endsWith(last);
}

function listedTool(
  { name, title, description, inputSchema, outputSchema, annotations }: Tool,
  isWorkIq: boolean,
): ListedTool {
  return {
    name,
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    inputSchema,
    ...(outputSchema !== undefined && { outputSchema }),
    ...(annotations !== undefined && { annotations }),
    sideEffects: sideEffectsOf(name, annotations, isWorkIq),
  };
}

/** Annotations first, then what is known of Work IQ, then caution: what is not known to be a read may write. */
function sideEffectsOf(name: string, annotations: Tool['annotations'], isWorkIq: boolean): 'read' | 'write' {
  if (annotations?.readOnlyHint !== undefined) return annotations.readOnlyHint ? 'read' : 'write';
  return isWorkIq && workIqReads.has(name) ? 'read' : 'write';
}
