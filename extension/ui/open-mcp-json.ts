// Opens the agent's mcp.json where it is on this machine, at a server's entry when one is named.
import { commands, Position, Range, Selection, Uri, window } from 'vscode';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { cleanLine } from '../results/clean-text.ts';
import { commandIds } from '../contributions.ts';
import { showInfo } from './messages.ts';

export interface OpenMcpJsonOptions {
  /** Path of the local agent's file, when there is one. */
  localFile: () => string | undefined;
  agentName: () => string;
}

export function createOpenMcpJson({ localFile, agentName }: OpenMcpJsonOptions): (server?: string) => Promise<void> {
  return async (server) => {
    const path = localFile();
    if (path === undefined) {
      const add = 'Add Work IQ';
      const chosen = await showInfo(
        `The mcp.json of the agent "${cleanLine(agentName())}" is on its own volume ({DataDir}/mcp.json), not on this machine.`,
        add,
      );
      if (chosen === add) await commands.executeCommand(commandIds.addWorkIq);
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
