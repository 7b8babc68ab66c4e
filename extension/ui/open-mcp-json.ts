// Opens the agent's mcp.json, at a server's entry when one is named: the file itself where the agent is on this machine, else the
// virtual one over the bus.
import { commands, Position, Range, Selection, Uri, window } from 'vscode';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { cleanLine } from '../results/clean-text.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import type { FirstWord } from '../connection/first-word.ts';
import { commandIds } from '../contributions.ts';
import { agentPath, agentScheme } from '../mcp-file/agent-file-path.ts';
import { refusedText } from '../mcp-file/saved-text.ts';
import { showInfo, showWarning } from './messages.ts';
import { waitForAgent } from './wait-for-agent.ts';

export interface OpenMcpJsonOptions {
  /** Path of the local agent's file, when there is one. */
  localFile: () => string | undefined;
  state: () => Pick<ConnectionState, 'agentName' | 'agent' | 'bus'>;
  firstWord: Pick<FirstWord, 'isComing' | 'wait'>;
  /** Resolves when the agent gives its file; rejects with a RockBotError. */
  canRead: () => Promise<unknown>;
  /** Of what is in force, where the agent does not give its file. */
  showDetails: (server?: string) => Promise<void>;
}

export function createOpenMcpJson({
  localFile,
  state,
  firstWord,
  canRead,
  showDetails,
}: OpenMcpJsonOptions): (server?: string) => Promise<void> {
  return async (server) => {
    // A local agent of last time may be found meanwhile.
    if (localFile() === undefined && !(await waitForAgent(firstWord))) return;
    const path = localFile();
    if (path !== undefined) {
      await showAt(Uri.file(path), server);
      return;
    }
    if (state().agent.kind !== 'online') {
      await sayWhy(state());
      return;
    }
    try {
      await canRead();
    } catch (error) {
      const show = 'Show What Is in Force';
      const chosen = await showWarning(`The agent's mcp.json cannot be opened. ${refusedText(error)}`, show);
      if (chosen === show) await showDetails(server);
      return;
    }
    await showAt(Uri.from({ scheme: agentScheme, path: agentPath(state().agentName) }), server);
  };
}

async function showAt(file: Uri, server: string | undefined): Promise<void> {
  const editor = await window.showTextDocument(file);
  if (server === undefined) return;
  const tree = parseTree(editor.document.getText(), [], { allowTrailingComma: true });
  const entry =
    tree && (findNodeAtLocation(tree, ['mcpServers', server]) ?? findNodeAtLocation(tree, ['servers', server]));
  const offset = entry?.parent?.offset;
  if (offset === undefined) return;
  const { line } = editor.document.positionAt(offset);
  const start = new Position(line, 0);
  editor.selection = new Selection(start, start);
  editor.revealRange(new Range(start, start));
}

/** Without an agent there is no such file, either. */
async function sayWhy({ agentName, bus }: Pick<ConnectionState, 'agentName' | 'bus'>): Promise<void> {
  const isSet = bus.kind !== 'none';
  const steps = isSet
    ? [{ label: 'Show Servers', command: commandIds.focusServers }]
    : [
        { label: 'Set the Bus Address', command: commandIds.setBusAddress },
        { label: 'Start Local Agent', command: commandIds.startLocalAgent },
      ];
  const chosen = await showInfo(
    isSet
      ? `The agent "${cleanLine(agentName)}" is not heard now, so nothing is known of its servers. Its mcp.json is where it runs.`
      : 'There is no agent yet, and so no mcp.json. Set the address of the bus that your agent uses, or start an agent on this machine.',
    ...steps.map(({ label }) => label),
  );
  const step = steps.find(({ label }) => label === chosen);
  if (step !== undefined) await commands.executeCommand(step.command);
}
