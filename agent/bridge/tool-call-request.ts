// What a `tools/call` over HTTP sends: its body, its headers, those that take its stream up again, and the notice that nobody waits for
// it any more.
import { sendWithBearer } from './bearer.ts';
import { httpExchange, replyHead, type ExchangeReply } from './http-exchange.ts';
import type { HttpSession, HttpToolCallOptions, ToolCall } from './http-tool-call.ts';

export function requestHeaders(options: HttpToolCallOptions, session: HttpSession): Record<string, string> {
  return {
    ...options.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(session.sessionId !== undefined && { 'mcp-session-id': session.sessionId }),
    ...(session.protocolVersion !== undefined && { 'mcp-protocol-version': session.protocolVersion }),
  };
}

export function streamHeaders(headers: Record<string, string>, lastEventId: string): Record<string, string> {
  const { 'content-type': _none, ...rest } = headers;
  return { ...rest, accept: 'text/event-stream', 'last-event-id': lastEventId };
}

export function requestBody(id: string, { tool, argumentsJson, onProgress }: ToolCall): string | Uint8Array {
  const meta = onProgress === undefined ? '' : `"_meta":{"progressToken":"${id}"},`;
  const head = `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":{"name":${JSON.stringify(tool)},${meta}"arguments":`;
  if (typeof argumentsJson === 'string') return `${head}${argumentsJson}}}`;
  return Buffer.concat([Buffer.from(head), argumentsJson, Buffer.from('}}')]);
}

/** Tells the server that nobody waits any more; MCP 2025-06-18, basic/utilities/cancellation. */
export async function announceCancel(options: HttpToolCallOptions, session: HttpSession, id: string): Promise<void> {
  const signal = AbortSignal.timeout(5_000);
  await sendWithBearer<ExchangeReply>({
    server: options.server,
    tokens: options.tokens,
    sent: options.sent,
    url: options.url,
    signal,
    send: (authorization) =>
      httpExchange({
        dispatcher: options.dispatcher,
        url: options.url,
        headers: { ...requestHeaders(options, session), ...authorization },
        body: JSON.stringify({
          jsonrpc: '2.0',
          method: 'notifications/cancelled',
          params: { requestId: id, reason: 'The caller cancelled or ran out of time.' },
        }),
        signal,
        maxBytes: 65_536,
        onEvent: () => false,
      }),
    head: replyHead,
  }).catch(() => undefined);
}
