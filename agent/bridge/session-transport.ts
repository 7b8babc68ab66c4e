// The SDK's transport for an entry of mcp.json. It knows no session.
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import * as z from 'zod';
import type { AnswerRoom } from './answer-memory.ts';
import { boundedFetch, maxMessageBytes } from './bounded-fetch.ts';
import { ReplyTooLargeError } from './http-exchange.ts';
import type { McpSessionOptions } from './mcp-session.ts';
import { parseJson } from './parse-json.ts';
import { replyTooLarge } from './read-error.ts';
import { spacedStreams } from './spaced-streams.ts';
import { createTransportFetch } from './transport-fetch.ts';

/** Messages that a server sends of its own accord. Over SSE the answers to calls come the same way, and nobody is to wait for them. */
const paces = {
  'streamable-http': { burst: 6_000, perSecond: 600 },
  sse: { burst: 30_000, perSecond: 15_000 },
} as const;

const requestSchema = z.looseObject({ id: z.union([z.string(), z.number()]) });

export async function createTransport({
  server,
  entry,
  tokens,
  dispatcher,
  sent,
  answers,
}: McpSessionOptions): Promise<Transport> {
  if (entry.type === 'stdio') {
    const { StdioTransport } = await import('./stdio-transport.ts');
    const { command, args, env } = entry;
    return new StdioTransport({ command, args, env, stderr: 'ignore', maxBufferSize: maxMessageBytes });
  }
  const authorised = createTransportFetch({ server, tokens, headers: entry.headers, dispatcher, sent });
  let transport: Transport | undefined;
  const onTooLarge = (requestBody: unknown): void => {
    const request = requestSchema.safeParse(parseJson(String(requestBody))).data;
    const error = { code: replyTooLarge, message: 'The reply is too large.' };
    if (request !== undefined) transport?.onmessage?.({ jsonrpc: '2.0', id: request.id, error });
  };
  // Whoever waits for an answer in that stream would wait for the rest of its time.
  const onStreamTooLarge = (): void => {
    transport?.onerror?.(new ReplyTooLargeError(maxMessageBytes));
    void transport?.close();
  };
  const openRoom = (): AnswerRoom => answers.open({ server });
  const fetch = spacedStreams(
    boundedFetch({ fetch: authorised, openRoom, onTooLarge, onStreamTooLarge, pace: paces[entry.type] }),
  );
  if (entry.type === 'sse') {
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    transport = new SSEClientTransport(entry.url, { fetch, eventSourceInit: { fetch } });
  } else transport = new StreamableHTTPClientTransport(entry.url, { fetch });
  return transport;
}
