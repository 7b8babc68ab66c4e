// Opens the patrols.json of the agent on this machine, at a patrol when one is named; one that is not there yet is made.
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { findNodeAtLocation, parseTree } from 'jsonc-parser';
import { Position, Range, Selection, Uri, window } from 'vscode';
import { newPatrolsFile } from '../patrols/new-patrols-file.ts';
import { cleanLine } from '../results/clean-text.ts';
import { showInfo } from './messages.ts';
import type { ReaderTimeZone } from './reader-time-zone.ts';

export interface OpenPatrolsJsonOptions {
  /** Path of the local agent's mcp.json, beside which patrols.json stands; undefined when the agent is elsewhere. */
  localFile: () => string | undefined;
  agentName: () => string;
  timeZone: Pick<ReaderTimeZone, 'current'>;
}

export function createOpenPatrolsJson({
  localFile,
  agentName,
  timeZone,
}: OpenPatrolsJsonOptions): (patrol?: string) => Promise<void> {
  return async (patrol) => {
    const beside = localFile();
    if (beside === undefined) {
      void showInfo(
        `The agent "${cleanLine(agentName())}" was not started from VS Code and keeps its patrols.json where it runs, so the file cannot be opened here. Its operator can change it.`,
      );
      return;
    }
    const path = join(dirname(beside), 'patrols.json');
    await writeFile(path, newPatrolsFile(timeZone.current()), { flag: 'wx', mode: 0o600 }).catch(
      (error: NodeJS.ErrnoException) => {
        if (error.code !== 'EEXIST') throw error;
      },
    );
    const editor = await window.showTextDocument(Uri.file(path));
    if (patrol === undefined) return;
    const tree = parseTree(editor.document.getText());
    const offset = (tree && findNodeAtLocation(tree, ['patrols', patrol]))?.parent?.offset;
    if (offset === undefined) return;
    const start = new Position(editor.document.positionAt(offset).line, 0);
    editor.selection = new Selection(start, start);
    editor.revealRange(new Range(start, start));
  };
}
