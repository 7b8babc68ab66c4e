// `tools/call` over streamable HTTP in a session that the SDK's client has opened: ends the HTTP request with the call, passes
// large results on unparsed, and says whether the server may have run the call. Source: MCP 2025-06-18, basic/transports.
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import type { JSONRPCMessage } from '@modelcontextprotocol/sdk/types.js';
import { JSONRPCMessageSchema, CallToolResultSchema } from '@modelcontextprotocol/sdk/types.js';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { CallObserver } from './call-observer.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import {
  headRoom,
  httpExchange,
  type ExchangeOptions,
  type ExchangeReply,
  type StreamPosition,
} from './http-exchange.ts';
import { memberSpans } from './json-spans.ts';
import { parseJson } from './parse-json.ts';
import { resumeStream } from './resume-stream.ts';
import type { SentBearers } from './sent-bearers.ts';
import { transportError } from './transport-error.ts';
import { isSessionLoss, speaksOfSession } from './session-loss.ts';
import { sendWithBearer } from './bearer.ts';
import { AnswerLostError, HttpStatusError, JsonRpcError, NullResultError, SessionLostError } from './call-errors.ts';

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
  /** Is told of each request, and gives its trace headers. */
  observer?: CallObserver | undefined;
  signal: AbortSignal;
  onProgress?:
    ((progress: { progress: number; total?: number | undefined; message?: string | undefined }) => void) | undefined;
}

/** Results up to this many bytes are always parsed, to find out what they mean; larger ones only when they report trouble. */
const alwaysParsedBytes = 32 * 1024;
const maxReplyBytes = 64 * 1024 * 1024;

const progressSchema = z.object({
  progressToken: z.union([z.string(), z.number()]),
  progress: z.number(),
  total: z.number().optional(),
  message: z.string().optional(),
});

let lastId = 0;

/**
 * Throws RockBotError (no bearer, refused bearer, redirect), HttpStatusError, JsonRpcError, SessionLostError, NotSentError,
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
      head: (answer) => ({ status: answer.status, header: (name) => single(answer.headers[name]) }),
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
  if (reply.status !== 200) throw statusError(reply, session, { id, sent });
  if (sent.occurIn(reply.bytes.subarray(headRoom, reply.end)))
    return readUnusualReply(sent.mask(reply.bytes.toString('utf8', headRoom, reply.end)), id);
  return readReply(reply, id);
}

/** The answer to a request. Wider than the SDK's schema: Work IQ answers `null` as result, others errors without an id. */
const answerSchema = z
  .looseObject({ id: z.union([z.string(), z.number(), z.null()]).optional() })
  .and(
    z.union([
      z.looseObject({ error: z.looseObject({ code: z.number(), message: z.string() }) }),
      z.looseObject({ result: z.unknown() }).refine((message) => 'result' in message),
    ]),
  );

type Answer = z.infer<typeof answerSchema>;

function requestHeaders(options: HttpToolCallOptions, session: HttpSession): Record<string, string> {
  return {
    ...options.headers,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    ...(session.sessionId !== undefined && { 'mcp-session-id': session.sessionId }),
    ...(session.protocolVersion !== undefined && { 'mcp-protocol-version': session.protocolVersion }),
  };
}

function streamHeaders(headers: Record<string, string>, lastEventId: string): Record<string, string> {
  const { 'content-type': _none, ...rest } = headers;
  return { ...rest, accept: 'text/event-stream', 'last-event-id': lastEventId };
}

function requestBody(id: string, { tool, argumentsJson, onProgress }: ToolCall): string | Uint8Array {
  const meta = onProgress === undefined ? '' : `"_meta":{"progressToken":"${id}"},`;
  const head = `{"jsonrpc":"2.0","id":"${id}","method":"tools/call","params":{"name":${JSON.stringify(tool)},${meta}"arguments":`;
  if (typeof argumentsJson === 'string') return `${head}${argumentsJson}}}`;
  return Buffer.concat([Buffer.from(head), argumentsJson, Buffer.from('}}')]);
}

/** The reply when the event is it; progress and the server's own messages are passed on. */
function readEvent(data: string, id: string, session: HttpSession, call: ToolCall): Answer | undefined {
  const json = parseJson(data);
  const answer = answerSchema.safeParse(json).data;
  if (answer?.id === id) return answer;
  const parsed = JSONRPCMessageSchema.safeParse(json);
  if (!parsed.success) return undefined;
  const message = parsed.data;
  if ('method' in message && message.method === 'notifications/progress') {
    const parsedProgress = progressSchema.safeParse(message.params);
    if (parsedProgress.success && parsedProgress.data.progressToken === id) {
      const { progress, total, message: text } = parsedProgress.data;
      call.onProgress?.({ progress, total, message: text });
      return undefined;
    }
  }
  session.deliver(message);
  return undefined;
}

function readReply(reply: ExchangeReply, id: string): CallResult {
  const { bytes, end } = reply;
  const spans = memberSpans(bytes, headRoom, end, 'result');
  const span = spans?.get('result');
  const idSpan = spans?.get('id');
  const isAnswer =
    span !== undefined && idSpan !== undefined && bytes.toString('latin1', idSpan[0], idSpan[1]).trim() === `"${id}"`;
  if (isAnswer) {
    const json = { buffer: bytes, from: span[0], to: span[1] };
    const isErrorSpan = spans?.get('result.isError');
    const isSuccess =
      isErrorSpan === undefined || bytes.toString('latin1', isErrorSpan[0], isErrorSpan[1]).trim() === 'false';
    const isPlain = isSuccess && spans?.has('result.structuredContent') !== true;
    if (isPlain && span[1] - span[0] > alwaysParsedBytes) return { json, parsed: undefined };
    const parsed = parseJson(bytes.toString('utf8', span[0], span[1]));
    const result = withBlocks(parsed);
    return { json: result === parsed ? json : resultBytesOf(result), parsed: checkedResult(result) };
  }
  return readUnusualReply(bytes.toString('utf8', headRoom, end), id);
}

function readUnusualReply(text: string, id: string): CallResult {
  const answer = answerSchema.safeParse(parseJson(text)).data;
  if (answer === undefined) throw new AnswerLostError('The server answered something that is no JSON-RPC message.');
  // An error without an id says that the server could not read one; it came in reply to this request all the same.
  const isOurs = answer.id === id || ('error' in answer && (answer.id ?? null) === null);
  if (!isOurs) throw new AnswerLostError('The server answered another request than the one it was sent.');
  return resultOf(answer);
}

function resultOf(answer: Answer): CallResult {
  if ('error' in answer) {
    const error = answer.error as { code: number; message: string; data?: unknown };
    // Not proof that the call was not run: the error names the request.
    if (error.code === -32001 && speaksOfSession(error.message)) throw new SessionLostError(false);
    throw new JsonRpcError(error);
  }
  const result = withBlocks(answer.result);
  return { parsed: checkedResult(result), json: resultBytesOf(result) };
}

const looseResultSchema = z.looseObject({ content: z.union([z.string(), z.null()]) });

/** Work IQ has been seen to put a text, or nothing, where the protocol wants a list of blocks. */
function withBlocks(json: unknown): unknown {
  const loose = looseResultSchema.safeParse(json).data;
  if (loose === undefined) return json;
  return { ...loose, content: loose.content === null ? [] : [{ type: 'text', text: loose.content }] };
}

function checkedResult(json: unknown): CallResult['parsed'] {
  if (json === null) throw new NullResultError('The server answered null.');
  const result = CallToolResultSchema.safeParse(json);
  if (!result.success) throw new AnswerLostError('The server answered something that is no tool result.');
  return result.data;
}

function statusError(
  reply: ExchangeReply,
  session: HttpSession,
  { id, sent }: { id: string; sent: SentBearers },
): Error {
  // Masked before it is cut to its length, which could leave the half of a bearer.
  const beginning = reply.bytes.toString('utf8', headRoom, Math.min(reply.end, headRoom + 65_536));
  const body = sent.mask(beginning).slice(0, 8_192);
  if (reply.status < 300) return new AnswerLostError(`HTTP ${reply.status} without the answer`);
  if (session.sessionId !== undefined) {
    if (isSessionLoss(reply.status, body)) return new SessionLostError(provesNotRun(body, id));
  }
  return new HttpStatusError(reply.status, body, {
    retryAfter: single(reply.headers['retry-after']),
    requestId: requestIdHeaders
      .map((name) => single(reply.headers[name]))
      .filter((value) => value !== undefined)
      .map((value) => sent.mask(value))[0],
  });
}

/** How Microsoft's services, their gateways and others name a request for their support. */
const requestIdHeaders = [
  'x-ms-request-id',
  'request-id',
  'x-ms-correlation-id',
  'x-correlation-id',
  'x-request-id',
  'x-azure-ref',
] as const;

const sessionErrorSchema = z.looseObject({
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  error: z.looseObject({ code: z.number(), message: z.string() }),
});

/**
 * A JSON-RPC error that speaks of the session and does not name the request says that the session was looked for and not found,
 * before anything was run. One that names the request, or speaks of something else, proves nothing.
 */
function provesNotRun(body: string, id: string): boolean {
  const refusal = sessionErrorSchema.safeParse(parseJson(body)).data;
  return refusal !== undefined && refusal.id !== id && /session/i.test(refusal.error.message);
}

/** Tells the server that nobody waits any more; MCP 2025-06-18, basic/utilities/cancellation. */
async function announceCancel(options: HttpToolCallOptions, session: HttpSession, id: string): Promise<void> {
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
    head: (answer) => ({ status: answer.status, header: (name) => single(answer.headers[name]) }),
  }).catch(() => undefined);
}

function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? value[0] : value;
}
