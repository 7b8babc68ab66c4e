// One open MCP session: the SDK's client over its transport, what the server offers, calls, and what the server says and asks
// meanwhile. It knows no retry and no state.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  ErrorCode,
  McpError,
  ToolListChangedNotificationSchema,
  type CallToolResult,
  type ElicitResult,
  type JSONRPCMessage,
} from '@modelcontextprotocol/sdk/types.js';
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import { abortable } from '../../shared/abort.ts';
import { startDeadline } from '../../shared/deadline.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import { version } from '../../shared/version.ts';
import type { LogLevel } from '../logger.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import { CallsInFlight, type Belonging, type CallOrigin, type RunningCall } from './calls-in-flight.ts';
import { AnswerLostError, NotSentError } from './call-errors.ts';
import type { ExpandedEntry } from './expanded-entry.ts';
import { callOverHttp, type ToolCall } from './http-tool-call.ts';
import { listTools, type ListedTools } from './list-tools.ts';
import { parseJson } from './parse-json.ts';
import { replyTooLarge } from './read-error.ts';
import { connectError } from './connect-error.ts';
import { answeredError, networkCode, sessionLoss } from './sdk-errors.ts';
import type { SentBearers } from './sent-bearers.ts';
import { createServerContent, type ServerContent } from './server-content.ts';
import { wantedLevels } from './server-log.ts';
import { callAsTask, needsTask } from './task-call.ts';
import { createTransportFetch, withTraceHeaders } from './transport-fetch.ts';

export interface McpSession {
  serverVersion: string | undefined;
  listTools(signal: AbortSignal): Promise<ListedTools>;
  call(call: SessionCall): Promise<CallResult>;
  /** Reads something beside tools; a question that the server asks meanwhile belongs to it. */
  read<T>(run: (content: ServerContent) => Promise<T>): Promise<T>;
  /** What an error of this session means. */
  failure(error: unknown): SessionFailure;
  close(): Promise<void>;
}

export interface SessionFailure {
  /** `forgotten`: the server is there and wants a new session. */
  session: 'usable' | 'forgotten' | 'unreachable';
  error: RockBotError;
}

export type SessionCall = ToolCall & {
  arguments: Record<string, unknown>;
  origin?: CallOrigin | undefined;
  /** `traceparent` and `tracestate`, for transports whose requests are not told of one by one. */
  trace?: Readonly<Record<string, string>> | undefined;
};

/** What answers a server's `elicitation/create`; throws McpError for params that are none. */
export type AnswerQuestion = (
  params: unknown,
  about: { belonging: Belonging; signal: AbortSignal },
) => Promise<ElicitResult>;

export interface McpSessionOptions {
  server: string;
  entry: ExpandedEntry;
  tokens?: TokenProvider | undefined;
  dispatcher: Dispatcher;
  /** Bearers that the server was sent, in this session and in others. */
  sent: SentBearers;
  signal: AbortSignal;
  onToolsChanged: () => void;
  onQuestion: AnswerQuestion;
  /** `params` of `notifications/message`. */
  onLog: (params: unknown) => void;
  /** From which level on the agent itself logs. */
  logLevel: LogLevel;
  /** The transport ended by itself (a stdio server died, an SSE stream broke for good). */
  onClosed: () => void;
  /** Milliseconds; 30 s when left out. */
  connectTimeoutMs?: number | undefined;
}

const defaultConnectTimeoutMs = 30_000;
const setLevelTimeoutMs = 5_000;
/** The signal bounds a request; the SDK's own limit must not come first. */
const noTimeout = 2_147_483_647;

/** Connects and initialises. Throws what the transport, the bearer or the server says. */
export async function openMcpSession(options: McpSessionOptions): Promise<McpSession> {
  const client = new Client({ name: 'rockbot-agent', version }, { capabilities: { elicitation: { form: {} } } });
  const inFlight = new CallsInFlight();
  const transport = await createTransport(options);
  let closing = false;
  client.onclose = () => {
    if (!closing) options.onClosed();
  };
  // Errors of single messages are told to whoever waits for them; a broken notification stream is reopened by the SDK.
  client.onerror = () => undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, options.onToolsChanged);
  const cameWith = answerQuestions(client, inFlight, options);
  // Not the SDK's own handlers: they drop what has a level or a schema that the SDK does not know.
  client.fallbackNotificationHandler = async ({ method, params }) => {
    if (method === 'notifications/message') options.onLog(params);
  };
  const close = async (): Promise<void> => {
    closing = true;
    await client.close().catch(() => undefined);
  };
  try {
    await connectWithin(options.connectTimeoutMs ?? defaultConnectTimeoutMs, options.signal, (signal) =>
      client.connect(transport, { signal, timeout: noTimeout }),
    );
  } catch (error) {
    await close();
    throw error;
  }
  logFrom(client, options.logLevel);
  const caller = createCaller(options, { client, transport, inFlight, cameWith });
  let asTasks: ReadonlySet<string> = new Set();
  return {
    serverVersion: client.getServerVersion()?.version,
    async listTools(signal) {
      const listing = await withOwnSignal(signal, (own) => listTools(client, own));
      asTasks = new Set(listing.tools.filter((tool) => needsTask(client, tool)).map(({ name }) => name));
      return listing;
    },
    call: (request) =>
      asTasks.has(request.tool) ? inFlight.run(request.origin, () => callAsTask(client, request)) : caller(request),
    read: (run) => inFlight.run(undefined, () => run(createServerContent(client, options.server))),
    failure(error) {
      const isUnreachable = error instanceof NotSentError || networkCode(error) !== undefined;
      const session = sessionLoss(error) !== undefined ? 'forgotten' : isUnreachable ? 'unreachable' : 'usable';
      return { session, error: connectError(error, options.server) };
    },
    async close() {
      if (transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined) {
        await Promise.race([
          transport.terminateSession().catch(() => undefined),
          new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
        ]);
      }
      await close();
    },
  };
}

/** The SDK starts a transport without a signal and without a limit; an SSE server that names no address never lets it end. */
async function connectWithin(
  ms: number,
  signal: AbortSignal,
  connect: (own: AbortSignal) => Promise<void>,
): Promise<void> {
  const reason = (): McpError => new McpError(ErrorCode.RequestTimeout, `No session within ${ms} ms`);
  using deadline = startDeadline(ms, { reason, signal });
  await abortable(connect(deadline.signal), deadline.signal);
}

/**
 * The SDK never takes its listeners off a signal, and each of them holds the whole client; so it gets a signal that goes with
 * the request, since that of a server lives as long as the agent.
 */
async function withOwnSignal<T>(signal: AbortSignal, run: (own: AbortSignal) => Promise<T>): Promise<T> {
  const own = new AbortController();
  const abort = (): void => {
    own.abort(signal.reason);
  };
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  try {
    return await run(own.signal);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}

const requestSchema = z.looseObject({ id: z.union([z.string(), z.number()]) });

async function createTransport({ server, entry, tokens, dispatcher, sent }: McpSessionOptions): Promise<Transport> {
  if (entry.type === 'stdio') {
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const { command, args, env } = entry;
    return new StdioClientTransport({ command, args, env, stderr: 'ignore' });
  }
  const authorised = createTransportFetch({ server, tokens, headers: entry.headers, dispatcher, sent });
  let transport: Transport | undefined;
  const fetch = boundedFetch(authorised, (requestBody) => {
    const request = requestSchema.safeParse(parseJson(String(requestBody))).data;
    const error = { code: replyTooLarge, message: 'The reply is too large.' };
    if (request !== undefined) transport?.onmessage?.({ jsonrpc: '2.0', id: request.id, error });
  });
  if (entry.type === 'sse') {
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    transport = new SSEClientTransport(entry.url, { fetch, eventSourceInit: { fetch } });
  } else transport = new StreamableHTTPClientTransport(entry.url, { fetch });
  return transport;
}

/** Asks for no more than the agent's own log keeps; a server that does not do it says what it wants. */
function logFrom(client: Client, level: LogLevel): void {
  if (client.getServerCapabilities()?.logging === undefined) return;
  client.setLoggingLevel(wantedLevels[level], { timeout: setLevelTimeoutMs }).catch(() => undefined);
}

/** Remembers in the stream of which call a request of the server came. */
type CameWith = (message: JSONRPCMessage, call: RunningCall) => void;

/** Every other request of the server is refused: the agent offers no sampling and no roots. */
function answerQuestions(client: Client, inFlight: CallsInFlight, { onQuestion }: McpSessionOptions): CameWith {
  const origins = new Map<string | number, RunningCall>();
  // The SDK's own handler turns away every schema it does not know before anybody has looked for a credential in it.
  client.fallbackRequestHandler = async ({ method, params }, { requestId, signal }) => {
    const known = origins.get(requestId);
    origins.delete(requestId);
    if (method !== 'elicitation/create') throw new McpError(ErrorCode.MethodNotFound, 'Method not found');
    return onQuestion(params, { belonging: inFlight.belonging(known), signal });
  };
  return (message, call) => {
    if ('method' in message && 'id' in message && message.method === 'elicitation/create')
      origins.set(message.id, call);
  };
}

function createCaller(
  { server, entry, tokens, dispatcher, sent }: McpSessionOptions,
  parts: { client: Client; transport: Transport; inFlight: CallsInFlight; cameWith: CameWith },
): McpSession['call'] {
  const { client, transport, inFlight, cameWith } = parts;
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
  return (call) => inFlight.run(call.origin, () => callOverSdk(client, call));
}

/** The trace stands in `_meta`, which every transport carries (MCP, SEP-414), and in the headers of a POST where there is one. */
async function callOverSdk(
  client: Client,
  { tool, arguments: args, signal, onProgress, trace }: SessionCall,
): Promise<CallResult> {
  try {
    const result: CallToolResult = await withTraceHeaders(trace ?? {}, () =>
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
