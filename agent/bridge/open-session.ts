// Opens a session with a server of mcp.json: fills in its variables, checks where the bearer would go, loads the MCP SDK, connects and
// lists. It knows no state of the server and no back-off.
import type { Dispatcher } from 'undici';
import { abortable } from '../../shared/abort.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import type { LogLevel } from '../logger.ts';
import type { AnswerMemory } from './answer-memory.ts';
import { assertAllowed } from './bearer.ts';
import type { ExpandedSecrets } from './expanded-secrets.ts';
import { expandEntry, type ExpandedEntry } from './expanded-entry.ts';
import type { ListedTools } from './list-tools.ts';
import type { McpSession, McpSessionOptions } from './mcp-session.ts';
import type { SentBearers } from './sent-bearers.ts';

export interface OpenSessionOptions {
  name: string;
  entry: ServerEntry;
  tokens: TokenProvider | undefined;
  /** Bearers of its profile that servers were sent. */
  sent: SentBearers;
  dispatcher: () => Promise<Dispatcher>;
  /** What answers of all servers may take of the memory. */
  answers: AnswerMemory;
  /** Loading the MCP SDK takes so long that it waits for this. */
  mayLoad: Promise<void>;
  lookupVariable: (name: string) => string | undefined;
  /** Learns what variables bring in. */
  secrets: ExpandedSecrets;
  /** From which level on the agent logs. */
  logLevel: LogLevel;
  handlers: Pick<McpSessionOptions, 'onToolsChanged' | 'onQuestion' | 'onLog'> & {
    /** The transport of an open session ended by itself. */
    onClosed: (session: McpSession) => void;
  };
}

export interface OpenedSession {
  session: McpSession;
  listed: ListedTools;
}

/** Throws RockBotError, or the signal's reason. */
export async function openSession(options: OpenSessionOptions, signal: AbortSignal): Promise<OpenedSession> {
  const { name, mayLoad, secrets } = options;
  try {
    const entry = expandedEntry(options);
    await abortable(mayLoad, signal);
    // The MCP SDK is loaded with the first server, not with the agent.
    const { sessionLoss } = await import('./sdk-errors.ts');
    const open = (): Promise<OpenedSession> => openOnce(options, entry, signal);
    return await open().catch((error: unknown) => {
      // The server forgot the session while it was being made, as when it restarts meanwhile.
      if (sessionLoss(error)?.provesNotRun !== true || signal.aborted) throw error;
      return open();
    });
  } catch (error) {
    if (signal.aborted) throw signal.reason;
    if (error instanceof RockBotError) throw secrets.maskIn(error);
    const { connectError } = await import('./connect-error.ts');
    throw secrets.maskIn(connectError(error, name));
  }
}

function expandedEntry({ name, entry, tokens, lookupVariable, secrets }: OpenSessionOptions): ExpandedEntry {
  const expanded = expandEntry(entry, secrets.watch(lookupVariable));
  if (expanded.type === 'stdio') return expanded;
  secrets.allow(expanded.url.host);
  if (tokens !== undefined) assertAllowed(tokens, expanded.url, name);
  return expanded;
}

async function openOnce(
  { name, tokens, sent, answers, dispatcher, logLevel, handlers }: OpenSessionOptions,
  entry: ExpandedEntry,
  signal: AbortSignal,
): Promise<OpenedSession> {
  const { openMcpSession } = await import('./mcp-session.ts');
  let opened: McpSession | undefined;
  const { onClosed, ...rest } = handlers;
  const session = await openMcpSession({
    server: name,
    entry,
    tokens,
    sent,
    answers,
    dispatcher: await dispatcher(),
    signal,
    logLevel,
    ...rest,
    onClosed: () => {
      if (opened !== undefined) onClosed(opened);
    },
  });
  opened = session;
  try {
    return { session, listed: await session.listTools(signal) };
  } catch (error) {
    await session.close();
    throw error;
  }
}
