// How tools are called in an open session: over HTTP by requests of our own, over other transports by the SDK.
import type { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import { CallToolResultSchema, McpError, type CallToolResult } from '@modelcontextprotocol/sdk/types.js';
import { AnswerLostError } from './call-errors.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import type { CallsInFlight } from './calls-in-flight.ts';
import type { ReplyTooLargeError } from './http-exchange.ts';
import { callOverHttp } from './http-tool-call.ts';
import type { McpSession, McpSessionOptions, SessionCall } from './mcp-session.ts';
import { answeredError } from './sdk-errors.ts';
import { withRequestContext } from './sdk-request-context.ts';
import { noTimeout } from './sdk-timeout.ts';
import type { CameWith } from './server-questions.ts';

export function createCaller(
  { server, entry, tokens, dispatcher, sent }: McpSessionOptions,
  parts: {
    client: Client;
    transport: Transport;
    inFlight: CallsInFlight;
    cameWith: CameWith;
    /** Of the answer that ended the stream, because it was too large for it. */
    tooLarge: () => ReplyTooLargeError | undefined;
  },
): McpSession['call'] {
  const { client, transport, inFlight, cameWith, tooLarge } = parts;
  if (entry.type === 'streamable-http' && transport instanceof StreamableHTTPClientTransport) {
    const http = { server, url: entry.url, headers: entry.headers, tokens, dispatcher, sent };
    return (call) =>
      inFlight.run(call.origin, (running) =>
        callOverHttp(
          http,
          {
            sessionId: transport.sessionId,
            protocolVersion: transport.protocolVersion,
            deliver(message) {
              cameWith(message, running);
              transport.onmessage?.(message);
            },
          },
          call,
        ),
      );
  }
  return (call) =>
    inFlight.run(call.origin, () =>
      callOverSdk(client, call).catch((error: unknown) => {
        throw error instanceof AnswerLostError ? (tooLarge() ?? error) : error;
      }),
    );
}

/** The trace stands in `_meta`, which every transport carries (MCP, SEP-414), and in the headers of a POST where there is one. */
async function callOverSdk(
  client: Client,
  { tool, arguments: args, signal, onProgress, trace, mayRefresh }: SessionCall,
): Promise<CallResult> {
  try {
    const result: CallToolResult = await withRequestContext({ traceHeaders: trace, mayRefresh }, () =>
      client.request(
        {
          method: 'tools/call',
          params: { name: tool, arguments: args, ...(trace !== undefined && { _meta: { ...trace } }) },
        },
        CallToolResultSchema,
        {
          signal,
          timeout: noTimeout,
          ...(onProgress !== undefined && { onprogress: onProgress }),
        },
      ),
    );
    return { json: resultBytesOf(result), parsed: result };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    const answered = answeredError(error);
    if (answered !== undefined) throw answered;
    throw error instanceof McpError ? new AnswerLostError(error.message, { cause: error }) : error;
  }
}
