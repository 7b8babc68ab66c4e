// An MCP server whose tool answers with as much text as it is asked for, framed in each way that HTTP has for it. It keeps one
// piece of the text and not the whole, so that many answers at once cost it nothing.
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import * as z from 'zod';
import { startScriptedServer, type ScriptedServer } from './scripted-http-server.ts';

export const framings = ['length', 'chunked', 'events', 'broken'] as const;

export type Framing = (typeof framings)[number];

/** `bytes` of text; `broken`: the connection ends half way. */
const argumentsSchema = z.object({
  name: z.string(),
  arguments: z.object({ bytes: z.number(), framing: z.enum(framings) }),
});

const piece = Buffer.alloc(256 * 1024, 'a');

export function startLargeAnswers(): Promise<ScriptedServer> {
  return startScriptedServer(({ method, params, id }, respond) => {
    if (method === 'tools/list')
      return { tools: [{ name: 'large', inputSchema: { type: 'object' }, annotations: { readOnlyHint: true } }] };
    if (method !== 'tools/call') return undefined;
    const { bytes, framing } = argumentsSchema.parse(params).arguments;
    respond((response) => void answer(response, { id, bytes, framing }));
    return undefined;
  });
}

async function answer(
  response: ServerResponse,
  { id, bytes, framing }: { id: unknown; bytes: number; framing: Framing },
): Promise<void> {
  const isStream = framing === 'events';
  const head = `${isStream ? 'data: ' : ''}{"jsonrpc":"2.0","id":${JSON.stringify(id)},"result":{"content":[{"type":"text","text":"`;
  const tail = `"}]}}${isStream ? '\n\n' : ''}`;
  response.writeHead(200, {
    'content-type': isStream ? 'text/event-stream' : 'application/json',
    ...((framing === 'length' || framing === 'broken') && { 'content-length': head.length + bytes + tail.length }),
  });
  response.write(head);
  const closed = once(response, 'close');
  for (let sent = 0; sent < bytes && !response.destroyed; sent += piece.length) {
    if (framing === 'broken' && sent > bytes / 2) response.destroy();
    else if (!response.write(piece.subarray(0, bytes - sent))) await Promise.race([once(response, 'drain'), closed]);
  }
  response.end(tail);
}
