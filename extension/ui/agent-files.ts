// The agent's mcp.json in this window, put together: the virtual file, and what the agent tells of itself with it, kept for the
// language features. It asks the agent only while such a file is open, and never makes anybody wait.
import { workspace, type Disposable } from 'vscode';
import type { ConnectionSession } from '../connection/connection-session.ts';
import type { ConnectionEvent, ConnectionState } from '../connection/connection-state.ts';
import { mcpJsonLanguage } from '../contributions.ts';
import type { FileFacts } from '../language/context-of-state.ts';
import type { Logger } from '../logger.ts';
import { AgentMcpFile } from '../mcp-file/agent-mcp-file.ts';
import { agentScheme } from '../mcp-file/agent-file-path.ts';
import { ConnectionWait } from '../mcp-file/connection-wait.ts';
import { createAgentFileSystem } from './agent-file-system.ts';

export interface AgentFilesOptions {
  session: () => Pick<ConnectionSession, 'request' | 'state'>;
  /** What the agent has told now; undefined when it is another one, which has not told anything yet. */
  onFacts: (facts: FileFacts | undefined) => void;
  log: Pick<Logger, 'info'>;
}

export interface AgentFiles extends Disposable {
  /** To be told of every state of the connection. */
  follow(state: ConnectionState, event: ConnectionEvent): void;
}

/** Milliseconds to gather reasons for asking anew, and in which a new window is given the time to connect. */
const gatherMs = 1_000;
const connectMs = 12_000;

export function createAgentFiles({ session, onFacts, log }: AgentFilesOptions): AgentFiles {
  // Editors that VS Code restores ask before there is a connection.
  const wait = new ConnectionWait({ isOnline: () => session().state.agent.kind === 'online', withinMs: connectMs });
  let asking: NodeJS.Timeout | undefined;
  const file = new AgentMcpFile({ request: (name, payload) => session().request(name, payload) });
  const fileSystem = createAgentFileSystem({
    file,
    agentName: () => session().state.agentName,
    connected: () => wait.connected(),
  });

  function isWanted(): boolean {
    return workspace.textDocuments.some(
      ({ languageId, uri }) => languageId === mcpJsonLanguage || uri.scheme === agentScheme,
    );
  }

  function askSoon(): void {
    if (isWanted()) asking ??= setTimeout(() => void ask(), gatherMs);
  }

  async function ask(): Promise<void> {
    asking = undefined;
    if (session().state.agent.kind !== 'online') return;
    try {
      const { profiles, environment, tenantId, editing } = await file.read();
      onFacts({ profiles, environment, tenantId, editing });
      await fileSystem.look();
    } catch (error) {
      log.info('The agent does not tell of its mcp.json.', { error: (error as Error).message });
    }
  }

  const opened = workspace.onDidOpenTextDocument(askSoon);
  return {
    follow(state, { kind }) {
      if (kind === 'configured') {
        file.reset();
        onFacts(undefined);
        fileSystem.left();
      }
      if (state.agent.kind === 'online') wait.online();
      // After the agent has said that its servers are others, and after it is heard again.
      if (kind === 'servers') askSoon();
    },
    dispose() {
      clearTimeout(asking);
      wait.dispose();
      opened.dispose();
      fileSystem.dispose();
    },
  };
}
