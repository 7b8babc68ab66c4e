// `tools/call` over streamable HTTP in a session that the SDK's client has opened: ends the HTTP request with the call, passes
// large results on unparsed, and says whether the server may have run the call. Source: MCP 2025-06-18, basic/transports.
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import type { Dispatcher } from 'undici';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { AnswerRoom } from './answer-memory.ts';
import { sendWithBearer } from './bearer.ts';
import { AnswerLostError } from './call-errors.ts';
import type { CallObserver } from './call-observer.ts';
import type { Progress } from './call-progress.ts';
import type { CallResult } from './call-result.ts';
import {
  headRoom,
  httpExchange,
  replyHead,
  type ExchangeOptions,
  type ExchangeReply,
  type StreamPosition,
} from './http-exchange.ts';
import { refusedStatus } from './refused-status.ts';
import { resumeStream } from './resume-stream.ts';
import type { SentBearers } from './sent-bearers.ts';
import { readReply, readUnusualReply, resultOf, type Answer } from './tool-call-answer.ts';
import { readEvent } from './tool-call-event.ts';
import { announceCancel, requestBody, requestHeaders, streamHeaders } from './tool-call-request.ts';
import { transportError } from './transport-error.ts';

export interface HttpSession {
  sessionId: string | undefined;
  protocolVersion: string | undefined;
  /** Hands a message of the server that is not the reply to the SDK's client (requests, notifications). */
  deliver: (message: JSONRPCMessage) => void;
}

export interface HttpToolCallOptions {
  server: string;
  url: URL;
  headers: Readonly<Record<string, string>>;
  tokens?: TokenProvider | undefined;
  dispatcher: Dispatcher;
  /** What the server was sent in all requests, of other calls, too. */
  sent: SentBearers;
}

export interface ToolCall {
  tool: string;
  /** JSON text of the arguments. */
  argumentsJson: string | Uint8Array;
  /** For the answer. */
  room?: AnswerRoom | undefined;
  /** Is told of each request, and gives its trace headers. */
  observer?: CallObserver | undefined;
  signal: AbortSignal;
  onProgress?: ((progress: Progress) => void) | undefined;
  /** False when a 401 is the last word on it. */
  mayRefresh?: boolean | undefined;
}

const maxReplyBytes = 64 * 1024 * 1024;

let lastId = 0;

/**
 * Throws RockBotError (no bearer, RefusedBearerError, redirect), HttpStatusError, JsonRpcError, SessionLostError, NotSentError,
 * AnswerLostError, or the signal's reason.
 */
export async function callOverHttp(
  options: HttpToolCallOptions,
  session: HttpSession,
  call: ToolCall,
): Promise<CallResult> {
  const id = `rb-${++lastId}`;
  const { sent } = options;
  let streamed: Answer | undefined;
  let lastSent: object | undefined;
  const position: StreamPosition = {};
  const exchange = (request: Pick<ExchangeOptions, 'method' | 'headers' | 'body'>): Promise<ExchangeReply> =>
    sendWithBearer<ExchangeReply>({
      server: options.server,
      tokens: options.tokens,
      sent,
      url: options.url,
      mayRefresh: call.mayRefresh,
      signal: call.signal,
      send: (authorization) => {
        if (lastSent === request) call.observer?.retried('unauthorized');
        lastSent = request;
        const sending = call.observer?.sending({ url: options.url, method: request.method ?? 'POST' });
        return httpExchange({
          dispatcher: options.dispatcher,
          url: options.url,
          ...request,
          headers: { ...request.headers, ...sending?.headers, ...authorization },
          signal: call.signal,
          maxBytes: maxReplyBytes,
          room: call.room,
          position,
          onEvent: (data) => {
            streamed = readEvent(sent.mask(data), id, session, call);
            return streamed !== undefined;
          },
        }).then(
          (answer) => {
            sending?.answered(answer.status);
            return answer;
          },
          (error: unknown) => {
            const failure = transportError(error, call.signal);
            sending?.failed(failure);
            if (call.signal.aborted && request.method === undefined) void announceCancel(options, session, id);
            throw failure;
          },
        );
      },
      head: replyHead,
    });
  const headers = requestHeaders(options, session);
  const reply = await exchange({ headers, body: requestBody(id, call) }).catch((error: unknown) => {
    if (error instanceof AnswerLostError && position.lastEventId !== undefined) return undefined;
    throw error;
  });
  if (reply === undefined || reply.isEventStream) {
    await resumeStream({
      position,
      signal: call.signal,
      isDone: () => streamed !== undefined,
      get: (lastEventId) => exchange({ method: 'GET', headers: streamHeaders(headers, lastEventId), body: null }),
    }).catch((error: unknown) => {
      if (call.signal.aborted) void announceCancel(options, session, id);
      throw error;
    });
    if (streamed === undefined) throw new AnswerLostError('The event stream ended without the answer.');
    return resultOf(streamed);
  }
  if (reply.status !== 200) throw refusedStatus(reply, session, { id, sent });
  if (sent.occurIn(reply.bytes.subarray(headRoom, reply.end)))
    return readUnusualReply(sent.mask(reply.bytes.toString('utf8', headRoom, reply.end)), id);
  return readReply(reply, id);
}
