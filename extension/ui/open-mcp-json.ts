// Opens the agent's mcp.json where it is on this machine, at a server's entry when one is named.
import { commands, Position, Range, Selection, Uri, window } from 'vscode';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { cleanLine } from '../results/clean-text.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds } from '../contributions.ts';
import { showInfo } from './messages.ts';

export interface OpenMcpJsonOptions {
  /** Path of the local agent's file, when there is one. */
  localFile: () => string | undefined;
  state: () => Pick<ConnectionState, 'agentName' | 'servers' | 'bus'>;
  /** Of what is in force, where the file is on another machine. */
  showDetails: (server?: string) => Promise<void>;
}

export function createOpenMcpJson({
  localFile,
  state,
  showDetails,
}: OpenMcpJsonOptions): (server?: string) => Promise<void> {
  return async (server) => {
    const path = localFile();
    if (path === undefined) {
      if (state().servers === undefined) await sayWhy(state());
      else await showDetails(server);
      return;
    }
    const editor = await window.showTextDocument(Uri.file(path));
    if (server === undefined) return;
    const tree = parseTree(editor.document.getText());
    const entry =
      tree && (findNodeAtLocation(tree, ['mcpServers', server]) ?? findNodeAtLocation(tree, ['servers', server]));
    const offset = entry?.parent?.offset;
    if (offset === undefined) return;
    const { line } = editor.document.positionAt(offset);
    const start = new Position(line, 0);
    editor.selection = new Selection(start, start);
    editor.revealRange(new Range(start, start));
  };
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
