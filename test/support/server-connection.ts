// A ServerConnection as the bridge makes it, with parts that a test looks into.
import { Agent, type Dispatcher } from 'undici';
import { AnswerMemory } from '../../agent/bridge/answer-memory.ts';
import { Elicitations } from '../../agent/bridge/elicitations.ts';
import { SentBearers } from '../../agent/bridge/sent-bearers.ts';
import { ServerConnection, type ServerConnectionOptions } from '../../agent/bridge/server-connection.ts';
import { ServerGuards } from '../../agent/bridge/server-guards.ts';
import { createLogger } from '../../agent/logger.ts';
import { systemClock } from '../../shared/clock.ts';
import { httpEntrySchema } from '../../shared/mcp-config/server-entry.ts';

export interface TestConnection extends AsyncDisposable {
  connection: ServerConnection;
  /** What the agent logged. */
  lines: string[];
}

/** `entry`: as in mcp.json. Not started yet. */
export function testConnection(entry: object, options: Partial<ServerConnectionOptions> = {}): TestConnection {
  const lines: string[] = [];
  const logger = createLogger({ level: 'debug', write: (line) => void lines.push(line) });
  const parsed = httpEntrySchema.parse({ type: 'streamable-http', ...entry });
  const dispatcher = new Agent();
  const { clock = systemClock, name = 'tested' } = options;
  const connection = new ServerConnection({
    name,
    entry: parsed,
    tokens: undefined,
    sent: new SentBearers(),
    dispatcher: (): Promise<Dispatcher> => Promise.resolve(dispatcher),
    answers: new AnswerMemory(),
    mayLoad: Promise.resolve(),
    toolMemory: { namesOf: () => [], remember: () => undefined },
    lookupVariable: () => undefined,
    guards: new ServerGuards({ server: name, entry: parsed, profile: undefined }),
    callsToday: () => ({ callsToday: 0, resetsAt: '' }),
    elicitations: new Elicitations({ clock, logger, onAsked: () => undefined, onClosed: () => undefined }),
    logLevel: 'error',
    clock,
    logger,
    onChange: () => undefined,
    ...options,
  });
  return {
    connection,
    lines,
    async [Symbol.asyncDispose]() {
      await connection.close();
      await dispatcher.destroy();
    },
  };
}
