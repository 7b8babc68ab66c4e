// Opens the agent's mcp.json where it is on this machine, at a server's entry when one is named.
import { commands, Position, Range, Selection, Uri, window } from 'vscode';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { cleanLine } from '../results/clean-text.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds } from '../contributions.ts';
import { workIqServerName } from '../servers/work-iq-entry.ts';
import { showInfo } from './messages.ts';

export interface OpenMcpJsonOptions {
  /** Path of the local agent's file, when there is one. */
  localFile: () => string | undefined;
  state: () => Pick<ConnectionState, 'agentName' | 'servers'>;
}

export function createOpenMcpJson({ localFile, state }: OpenMcpJsonOptions): (server?: string) => Promise<void> {
  return async (server) => {
    const path = localFile();
    if (path === undefined) {
      await sayWhere(state());
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

/** The file is where the agent is; what can be done from here is offered. */
async function sayWhere({ agentName, servers }: Pick<ConnectionState, 'agentName' | 'servers'>): Promise<void> {
  const canAdd = servers !== undefined && !servers.some(({ name }) => name === workIqServerName);
  const [label, command] = canAdd
    ? (['Add Work IQ', commandIds.addWorkIq] as const)
    : (['Show Servers', commandIds.focusServers] as const);
  const chosen = await showInfo(
    `The agent "${cleanLine(agentName)}" was not started from VS Code and keeps its mcp.json where it runs, so the file cannot be opened here. Its operator can change it; the Servers view shows what is in force.`,
    label,
  );
  if (chosen === label) await commands.executeCommand(command);
}
