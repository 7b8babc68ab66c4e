// One open MCP session: the SDK's client over its transport, what the server offers, calls, and what the server says and asks
// meanwhile. It knows no retry and no state.
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { CfWorkerJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/cfworker';
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import {
  ErrorCode,
  McpError,
  ToolListChangedNotificationSchema,
  type ElicitResult,
} from '@modelcontextprotocol/sdk/types.js';
import type { Dispatcher } from 'undici';
import { abortable } from '../../shared/abort.ts';
import { startDeadline } from '../../shared/deadline.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { version } from '../../shared/version.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { LogLevel } from '../logger.ts';
import type { AnswerMemory } from './answer-memory.ts';
import { RefusedBearerError } from './bearer.ts';
import { NotSentError } from './call-errors.ts';
import type { CallResult } from './call-result.ts';
import { CallsInFlight, type Belonging, type CallOrigin } from './calls-in-flight.ts';
import { connectError } from './connect-error.ts';
import type { ExpandedEntry } from './expanded-entry.ts';
import type { ToolCall } from './http-tool-call.ts';
import { listTools, type ListedTools } from './list-tools.ts';
import type { ReplyTooLargeError } from './http-exchange.ts';
import { asTooLarge, inCauses, networkCode, sessionLoss } from './sdk-errors.ts';
import { withRequestContext } from './sdk-request-context.ts';
import { noTimeout } from './sdk-timeout.ts';
import type { SentBearers } from './sent-bearers.ts';
import { createServerContent, type ServerContent } from './server-content.ts';
import { wantedLevels } from './server-log.ts';
import { answerQuestions } from './server-questions.ts';
import { createCaller } from './session-caller.ts';
import { createTransport } from './session-transport.ts';
import { callAsTask, needsTask } from './task-call.ts';

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
  /**
   * `forgotten`: the server is there and wants a new session. `refused`: it refuses the bearer, which it may do because the session
   * began with another one.
   */
  session: 'usable' | 'forgotten' | 'refused' | 'unreachable';
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
  /** For replies that the SDK reads; a call brings its own. */
  answers: Pick<AnswerMemory, 'open'>;
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

/** Connects and initialises. Throws what the transport, the bearer or the server says. */
export async function openMcpSession(options: McpSessionOptions): Promise<McpSession> {
  const client = new Client(
    { name: 'rockbot-agent', version },
    // A validator that makes no code of a server's schemas.
    { capabilities: { elicitation: { form: {} } }, jsonSchemaValidator: new CfWorkerJsonSchemaValidator() },
  );
  const inFlight = new CallsInFlight();
  const transport = await createTransport(options);
  let closing = false;
  client.onclose = () => {
    if (!closing) options.onClosed();
  };
  // Errors of single messages are told to whoever waits for them; a broken notification stream is reopened by the SDK.
  let tooLarge: ReplyTooLargeError | undefined;
  client.onerror = (error) => {
    // Whose answer it was is known only where nobody else waits for one.
    if (inFlight.size === 1) tooLarge ??= asTooLarge(error);
  };
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
  const caller = createCaller(options, { client, transport, inFlight, cameWith, tooLarge: () => tooLarge });
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
      const isBound = transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined;
      const isRefused = isBound && inCauses(error, refusedBearer) !== undefined;
      const isUnreachable = error instanceof NotSentError || networkCode(error) !== undefined;
      const session = sessionLoss(error) !== undefined ? 'forgotten' : isUnreachable ? 'unreachable' : 'usable';
      return { session: isRefused ? 'refused' : session, error: connectError(error, options.server) };
    },
    async close() {
      if (transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined) {
        await Promise.race([
          // Not worth a fresh bearer.
          withRequestContext({ mayRefresh: false }, () => transport.terminateSession()).catch(() => undefined),
          new Promise((resolve) => setTimeout(resolve, 1_000).unref()),
        ]);
      }
      await close();
    },
  };
}

function refusedBearer(cause: Error): RefusedBearerError | undefined {
  return cause instanceof RefusedBearerError ? cause : undefined;
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

/** Asks for no more than the agent's own log keeps; a server that does not do it says what it wants. */
function logFrom(client: Client, level: LogLevel): void {
  if (client.getServerCapabilities()?.logging === undefined) return;
  client.setLoggingLevel(wantedLevels[level], { timeout: setLevelTimeoutMs }).catch(() => undefined);
}
