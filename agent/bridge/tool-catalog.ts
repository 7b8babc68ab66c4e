// What a server's tools are to callers: which may be called, which are hidden and why, and which can change something.
import type { Tool } from '@modelcontextprotocol/sdk/types.js';
import type { HiddenTool, ListedTool } from '../../shared/contract/tool-messages.ts';
import { catalogueWriter } from '../../shared/guards/catalogue-writers.ts';
import { isGenericWriter } from '../../shared/guards/work-iq-tools.ts';
import { matchesWildcards } from '../../shared/matches-wildcards.ts';
import type { ListedTools } from './list-tools.ts';
import type { ServerGuards } from './server-guards.ts';
import { workIqReads } from './work-iq-reads.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';

export interface ToolCatalog {
  /** Callable tools by name. */
  tools: ReadonlyMap<string, ListedTool>;
  hidden: readonly HiddenTool[];
  /** Those of the hidden tools that guards hide: a call of one is told which guard it was. */
  guarded: ReadonlyMap<string, ListedTool>;
}

export const emptyCatalog: ToolCatalog = { tools: new Map(), hidden: [], guarded: new Map() };

export type ToolFilter = Pick<ServerEntry, 'allowedTools' | 'deniedTools'>;

export interface CatalogOptions {
  filter: ToolFilter;
  /** The server takes one of our bearers, so that tool names mean what Microsoft says they mean. */
  isWorkIq: boolean;
  guards: Pick<ServerGuards, 'hides'>;
}

export function createCatalog(
  { tools: listed, malformed, truncated }: ListedTools,
  { filter, isWorkIq, guards }: CatalogOptions,
): ToolCatalog {
  const tools = new Map<string, ListedTool>();
  const guarded = new Map<string, ListedTool>();
  const hidden: HiddenTool[] = [];
  for (const raw of listed) {
    const filtered = filterReason(raw.name, filter);
    const tool = listedTool(raw, isWorkIq);
    const why = filtered ?? guards.hides(tool);
    if (why === undefined) tools.set(tool.name, tool);
    else hidden.push({ name: tool.name, ...why });
    if (why !== undefined && filtered === undefined) guarded.set(tool.name, tool);
  }
  for (const name of malformed)
    hidden.push({
      ...(name !== '' && { name }),
      code: 'invalid',
      reason: 'the server describes it not as MCP wants it, or in too many words',
    });
  if (truncated)
    hidden.push({ name: '(more tools)', code: 'unavailable', reason: 'the server has more tools than are listed' });
  return { tools, hidden, guarded };
}

/** Why the entry in mcp.json does not let the tool be called, if so. */
export function filterReason(
  name: string,
  { allowedTools, deniedTools }: ToolFilter,
): Pick<HiddenTool, 'code' | 'reason'> | undefined {
  if (deniedTools?.some((pattern) => matchesWildcards(pattern, name)) === true)
    return { code: 'denied', reason: 'deniedTools in mcp.json names it' };
  if (allowedTools !== undefined && !allowedTools.some((pattern) => matchesWildcards(pattern, name))) {
    return { code: 'not_allowed', reason: 'allowedTools in mcp.json does not name it' };
  }
  return undefined;
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

/**
 * Annotations first, then what is known of Work IQ, then caution: what is not known to be a read may write. A known writer stays one,
 * whatever its annotations say: reads are sent again (promise P10).
 */
function sideEffectsOf(name: string, annotations: Tool['annotations'], isWorkIq: boolean): 'read' | 'write' {
  if (isWorkIq && (isGenericWriter(name) || catalogueWriter(name) !== undefined)) return 'write';
  if (annotations?.readOnlyHint !== undefined) return annotations.readOnlyHint ? 'read' : 'write';
  return isWorkIq && workIqReads.has(name) ? 'read' : 'write';
}
