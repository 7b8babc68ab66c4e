// What tools a server lists. Asked by a request of our own: the SDK's `listTools` compiles every output schema, and one that it
// cannot compile would cost all tools of the server.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { ToolSchema, type Tool } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import { plainLine } from '../../shared/plain-text.ts';
import { listPages } from './list-pages.ts';

export interface ListedTools {
  tools: Tool[];
  /** Names of tools that are not described as MCP wants it; empty where even the name is missing. */
  malformed: string[];
  /** The server has more than are listed here. */
  truncated: boolean;
}

const maxTools = 5_000;

/** Each tool is judged on its own. */
const pageSchema = z.looseObject({ tools: z.array(z.unknown()), nextCursor: z.string().nullish() });
const namedSchema = z.looseObject({ name: z.string() });

/** Throws what the transport or the SDK throws, and for an answer that is no list. */
export async function listTools(client: Client, signal: AbortSignal): Promise<ListedTools> {
  if (client.getServerCapabilities()?.tools === undefined) return { tools: [], malformed: [], truncated: false };
  const { items, truncated } = await listPages({ maxItems: maxTools }, async (params) => {
    const request = { method: 'tools/list', ...(params !== undefined && { params }) };
    const { tools, nextCursor } = await client.request(request, pageSchema, { signal });
    return { items: tools, nextCursor };
  });
  const tools: Tool[] = [];
  const malformed: string[] = [];
  for (const item of items) {
    const tool = ToolSchema.safeParse(item);
    if (tool.success) tools.push(tool.data);
    else malformed.push(plainLine(namedSchema.safeParse(item).data?.name ?? '', 128));
  }
  return { tools, malformed, truncated };
}
