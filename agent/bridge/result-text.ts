// The words of a tool result: its text blocks put together, without the block that only names the request.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';

export interface ResultText {
  /** JSON that was split over several blocks stands together again. */
  text: string;
  /** The server's own id of the request, from a block of its own or from `_meta`. */
  requestId: string | undefined;
}

/** How the Agent 365 catalogue's servers end their results. */
const correlation = /^\s*correlation-?id:\s*([\w.:-]{1,128})\s*$/i;
const metaSchema = z.looseObject({ requestId: z.string().max(128) });

export function resultText({ content, _meta }: CallToolResult): ResultText {
  let requestId = metaSchema.safeParse(_meta).data?.requestId;
  const texts: string[] = [];
  for (const block of content) {
    if (block.type !== 'text') continue;
    const found = correlation.exec(block.text)?.[1];
    if (found === undefined) texts.push(block.text);
    else requestId ??= found;
  }
  // A block that opens JSON and does not close it goes on in the next one.
  const isSplit = texts.length > 1 && /^\s*[[{]/.test(texts[0] ?? '');
  return { text: texts.join(isSplit ? '' : '\n').trim(), requestId };
}
