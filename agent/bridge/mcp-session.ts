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
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { Dispatcher } from 'undici';
import * as z from 'zod';
import type { TokenProvider } from '../auth/token-provider.ts';
import { version } from '../../shared/version.ts';
import type { LogLevel } from '../logger.ts';
import { boundedFetch } from './bounded-fetch.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import { CallsInFlight, type Belonging, type CallOrigin, type RunningCall } from './calls-in-flight.ts';
import { AnswerLostError, JsonRpcError } from './call-errors.ts';
import type { ExpandedEntry } from './expanded-entry.ts';
import { callOverHttp, type ToolCall } from './http-tool-call.ts';
import { parseJson } from './parse-json.ts';
import { replyTooLarge } from './read-error.ts';
import type { SentBearers } from './sent-bearers.ts';
import { createServerContent, type ServerContent } from './server-content.ts';
import { wantedLevels } from './server-log.ts';
import { callAsTask, needsTask } from './task-call.ts';
import { createTransportFetch, withTraceHeaders } from './transport-fetch.ts';

export interface McpSession {
  serverVersion: string | undefined;
  listTools(signal: AbortSignal): Promise<Tool[]>;
  call(call: SessionCall): Promise<CallResult>;
  /** Reads something beside tools; a question that the server asks meanwhile belongs to it. */
  read<T>(run: (content: ServerContent) => Promise<T>): Promise<T>;
  close(): Promise<void>;
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
}

const connectTimeoutMs = 30_000;
const setLevelTimeoutMs = 5_000;
/** A server that never stops giving pages of tools is cut off here. */
const maxToolPages = 50;

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
    await withOwnSignal(options.signal, (signal) => client.connect(transport, { signal, timeout: connectTimeoutMs }));
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
      const tools = await withOwnSignal(signal, (own) => listTools(client, own));
      asTasks = new Set(tools.filter((tool) => needsTask(client, tool)).map(({ name }) => name));
      return tools;
    },
    call: (request) =>
      asTasks.has(request.tool) ? inFlight.run(request.origin, () => callAsTask(client, request)) : caller(request),
    read: (run) => inFlight.run(undefined, () => run(createServerContent(client, options.server))),
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

async function listTools(client: Client, signal: AbortSignal): Promise<Tool[]> {
  if (client.getServerCapabilities()?.tools === undefined) return [];
  const tools: Tool[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxToolPages; page++) {
    const listed = await client.listTools(cursor === undefined ? undefined : { cursor }, { signal });
    tools.push(...listed.tools);
    cursor = listed.nextCursor;
    if (cursor === undefined) break;
  }
  return tools;
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
          // The signal bounds the call; the SDK's own limit must not come first.
          timeout: 2_147_483_647,
          ...(onProgress !== undefined && { onprogress: onProgress }),
        },
      ),
    );
    return { json: resultBytesOf(result), parsed: result };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof McpError && error.code !== -32000)
      throw new JsonRpcError({ code: error.code, message: error.message });
    throw error instanceof McpError ? new AnswerLostError(error.message, { cause: error }) : error;
  }
}
