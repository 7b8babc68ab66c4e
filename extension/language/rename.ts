// Renames a server in its mcp.json; pure. Files that name the server, such as patrols.json, are not its business.
import type { Position, Range, TextEdit } from 'vscode-languageserver';
import { parseServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { McpDocument, ServerNode } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';

export interface PreparedRename {
  /** Of the name without its quotes. */
  range: Range;
  placeholder: string;
}

/** Undefined where no name of a server is. */
export function prepareRename(document: McpDocument, { position }: { position: Position }): PreparedRename | undefined {
  const server = serverAt(document, position);
  return server === undefined ? undefined : { range: nameRange(document, server), placeholder: server.name };
}

export type Renamed = { ok: true; edits: TextEdit[] } | { ok: false; problem: string };

/** `problem` is a sentence for people. */
export function rename(document: McpDocument, { position, newName }: { position: Position; newName: string }): Renamed {
  const server = serverAt(document, position);
  if (server === undefined) return { ok: false, problem: 'Only the name of a server can be renamed.' };
  if (newName === server.name) return { ok: true, edits: [] };
  // The agent's own rule of names, with an entry that has no other problem.
  const [problem] = parseServer(newName, { type: 'stdio', command: 'true' }, []).problems;
  if (problem !== undefined) return { ok: false, problem: `This cannot be a name: ${problem}.` };
  if (document.servers.some(({ name }) => name === newName))
    return { ok: false, problem: 'There is a server of this name already: choose another one.' };
  return { ok: true, edits: [{ range: nameRange(document, server), newText: JSON.stringify(newName).slice(1, -1) }] };
}

function serverAt({ servers, text }: McpDocument, position: Position): ServerNode | undefined {
  const offset = text.offsetAt(position);
  // One that is not closed has no end yet.
  return servers.find(
    ({ key }) =>
      key.offset <= offset && offset <= key.offset + key.length && text.getText()[key.offset + key.length - 1] === '"',
  );
}

function nameRange(document: McpDocument, { key }: ServerNode): Range {
  return rangeOf(document, key.offset + 1, key.offset + key.length - 1);
}
