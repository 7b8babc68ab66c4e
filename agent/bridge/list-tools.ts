// What tools a server lists. Asked by a request of our own: the SDK's `listTools` compiles every output schema, and one that it
// cannot compile would cost all tools of the server.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ToolSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { plainLine } from '../../shared/plain-text.ts';
import { jsonLength, listPages } from './list-pages.ts';

export interface ListedTools {
  tools: Tool[];
  /** Names of tools that are not described as MCP wants it or are too large; empty where even the name is missing. */
  malformed: string[];
  /** The server has more than are listed here. */
  truncated: boolean;
}

const maxTools = 5_000;
/** Characters of JSON of all tools of a server: the list of 50 servers with that much still fits into one reply over the bus. */
const maxListLength = 1024 * 1024;
/** The same of one tool, how deep its parts may lie in it, and the characters of its name. */
const maxToolLength = 256 * 1024;
const maxToolDepth = 100;
const maxNameLength = 256;

/** Each tool is judged on its own. */
const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });
const namedSchema = z.looseObject({ name: z.string() });

/** Throws what the transport or the SDK throws, and for an answer that is no list. */
export async function listTools(client: Client, signal: AbortSignal): Promise<ListedTools> {
  if (client.getServerCapabilities()?.tools === undefined) return { tools: [], malformed: [], truncated: false };
  const { items, truncated } = await listPages({ maxItems: maxTools, maxLength: maxListLength }, async (params) => {
    const request = { method: 'tools/list', ...(params !== undefined && { params }) };
    const { tools, nextCursor } = await client.request(request, pageSchema, { signal });
    return { items: tools.map(judged), nextCursor };
  });
  const tools: Tool[] = [];
  const malformed: string[] = [];
  for (const { tool, name } of items) {
    if (tool === undefined) malformed.push(name);
    else tools.push(tool);
  }
  return { tools, malformed, truncated };
}

/** Without a tool where it cannot be used: of what is too large, too, nothing but the beginning of its name is kept. */
function judged(item: unknown): { name: string; tool?: Tool } {
  const name = namedSchema.safeParse(item).data?.name ?? '';
  const tool = name.length <= maxNameLength && isBounded(item) ? ToolSchema.safeParse(item).data : undefined;
  return tool === undefined ? { name: plainLine(name, 128) } : { name: '', tool };
}

/** Whoever lists, checks or passes on a tool must be able to do so; JSON itself can be read deeper than it can be written. */
function isBounded(item: unknown): boolean {
  const length = jsonLength(item);
  if (length === undefined || length > maxToolLength) return false;
  let level: unknown[] = [item];
  for (let depth = 0; depth <= maxToolDepth; depth++) {
    level = level.flatMap((part) => (typeof part === 'object' && part !== null ? Object.values(part) : []));
    if (level.length === 0) return true;
  }
  return false;
}
