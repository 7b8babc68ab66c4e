// One open MCP session: the SDK's client over its transport, the list of tools, and calls. It knows no retry and no state.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js';
import {
  CallToolResultSchema,
  McpError,
  ToolListChangedNotificationSchema,
  type CallToolResult,
  type Tool,
} from '@modelcontextprotocol/sdk/types.js';
import type { Dispatcher } from 'undici';
import type { TokenProvider } from '../auth/token-provider.ts';
import { version } from '../../shared/version.ts';
import { resultBytesOf, type CallResult } from './call-result.ts';
import { AnswerLostError, JsonRpcError } from './call-errors.ts';
import type { ExpandedEntry } from './expanded-entry.ts';
import { callOverHttp, type ToolCall } from './http-tool-call.ts';
import { createTransportFetch } from './transport-fetch.ts';

export interface McpSession {
  serverVersion: string | undefined;
  listTools(signal: AbortSignal): Promise<Tool[]>;
  call(call: ToolCall & { arguments: Record<string, unknown> }): Promise<CallResult>;
  close(): Promise<void>;
}

export interface McpSessionOptions {
  server: string;
  entry: ExpandedEntry;
  tokens?: TokenProvider | undefined;
  dispatcher: Dispatcher;
  signal: AbortSignal;
  onToolsChanged: () => void;
  /** The transport ended by itself (a stdio server died, an SSE stream broke for good). */
  onClosed: () => void;
}

const connectTimeoutMs = 30_000;
/** A server that never stops giving pages of tools is cut off here. */
const maxToolPages = 50;

/** Connects and initialises. Throws what the transport, the bearer or the server says. */
export async function openMcpSession(options: McpSessionOptions): Promise<McpSession> {
  const client = new Client({ name: 'rockbot-agent', version }, { capabilities: {} });
  const transport = await createTransport(options);
  let closing = false;
  client.onclose = () => {
    if (!closing) options.onClosed();
  };
  // Errors of single messages are told to whoever waits for them; a broken notification stream is reopened by the SDK.
  client.onerror = () => undefined;
  client.setNotificationHandler(ToolListChangedNotificationSchema, options.onToolsChanged);
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
  return {
    serverVersion: client.getServerVersion()?.version,
    listTools: (signal) => withOwnSignal(signal, (own) => listTools(client, own)),
    call: createCaller(options, client, transport),
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

async function createTransport({ server, entry, tokens, dispatcher }: McpSessionOptions): Promise<Transport> {
  if (entry.type === 'stdio') {
    const { StdioClientTransport } = await import('@modelcontextprotocol/sdk/client/stdio.js');
    const { command, args, env } = entry;
    return new StdioClientTransport({ command, args, env, stderr: 'ignore' });
  }
  const fetch = createTransportFetch({ server, tokens, headers: entry.headers, dispatcher });
  if (entry.type === 'sse') {
    const { SSEClientTransport } = await import('@modelcontextprotocol/sdk/client/sse.js');
    return new SSEClientTransport(entry.url, { fetch, eventSourceInit: { fetch } });
  }
  return new StreamableHTTPClientTransport(entry.url, { fetch });
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

function createCaller(
  { server, entry, tokens, dispatcher }: McpSessionOptions,
  client: Client,
  transport: Transport,
): McpSession['call'] {
  if (entry.type === 'streamable-http' && transport instanceof StreamableHTTPClientTransport) {
    const http = { server, url: entry.url, headers: entry.headers, tokens, dispatcher };
    return (call) =>
      callOverHttp(
        http,
        {
          sessionId: transport.sessionId,
          protocolVersion: transport.protocolVersion,
          deliver: (message) => transport.onmessage?.(message),
        },
        call,
      );
  }
  return (call) => callOverSdk(client, call);
}

async function callOverSdk(
  client: Client,
  { tool, arguments: args, signal, onProgress }: ToolCall & { arguments: Record<string, unknown> },
): Promise<CallResult> {
  try {
    const result: CallToolResult = await client.request(
      { method: 'tools/call', params: { name: tool, arguments: args } },
      CallToolResultSchema,
      {
        signal,
        // The signal bounds the call; the SDK's own limit must not come first.
        timeout: 2_147_483_647,
        ...(onProgress !== undefined && { onprogress: onProgress }),
      },
    );
    return { json: resultBytesOf(result), parsed: result };
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof McpError && error.code !== -32000)
      throw new JsonRpcError({ code: error.code, message: error.message });
    throw error instanceof McpError ? new AnswerLostError(error.message, { cause: error }) : error;
  }
}
