// Where in an mcp.json a position is: under which keys, at a key or a value, in which text. It also reads text that is being typed.
import { createScanner, findNodeAtOffset, getLocation, type Node, type Segment } from 'jsonc-parser';
import type { Range } from 'vscode-languageserver';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import { memberOf, type McpDocument, type ServersKey } from './mcp-document.ts';

export interface McpPlace {
  /** From the root; empty at the top level. The last one is the key itself where one is being written. */
  path: readonly Segment[];
  /** Where a key can stand. */
  isKey: boolean;
  /** The text that the position is in, with its quotes; a text that is not closed ends with its line. */
  string: StringPlace | undefined;
  /** In which server's entry, also where its name stands. */
  inServer: ServerPlace | undefined;
}

export interface StringPlace {
  from: number;
  to: number;
  /** Between the quotes, as written. */
  raw: string;
}

export interface ServerPlace {
  under: ServersKey;
  name: string;
  /** From the entry; empty in the entry itself. */
  path: readonly Segment[];
  entry: Node | undefined;
}

/** Undefined in a comment. */
export function placeAt(document: McpDocument, offset: number): McpPlace | undefined {
  const text = document.text.getText();
  const found = startOfScan(document, offset);
  if (isInComment(text, found, offset)) return undefined;
  const { path, isAtPropertyKey, previousNode } = getLocation(text, offset);
  return {
    path,
    isKey: isAtPropertyKey,
    string:
      previousNode !== undefined && text[previousNode.offset] === '"'
        ? stringAt(text, previousNode, offset)
        : undefined,
    inServer: serverPlace(document, path),
  };
}

function serverPlace({ root }: McpDocument, [under, name, ...path]: readonly Segment[]): ServerPlace | undefined {
  if ((under !== 'mcpServers' && under !== 'servers') || typeof name !== 'string') return undefined;
  return { under, name, path, entry: memberOf(memberOf(root, under), name) };
}

function stringAt(text: string, { offset: from, length }: Node, offset: number): StringPlace | undefined {
  const end = from + length;
  const isClosed = length > 1 && text[end - 1] === '"';
  if (offset <= from || (isClosed ? offset >= end : offset > end)) return undefined;
  // What follows the position in a text that is not closed belongs to something else.
  const to = isClosed ? end : offset;
  return { from, to, raw: text.slice(from + 1, isClosed ? end - 1 : offset) };
}

/** A place before the offset that is in no comment or text for sure: the beginning of what the offset is in, or of its last member before. */
function startOfScan({ root }: McpDocument, offset: number): number {
  let node = root === undefined ? undefined : findNodeAtOffset(root, offset, true);
  if (node === undefined) return 0;
  const before = node.children?.findLast((child) => child.offset + child.length <= offset);
  if (before !== undefined) node = before;
  return node.offset;
}

function isInComment(text: string, from: number, offset: number): boolean {
  const scanner = createScanner(text, false);
  scanner.setPosition(from);
  for (let token: number = scanner.scan(); ; token = scanner.scan()) {
    const start = scanner.getTokenOffset();
    const end = start + scanner.getTokenLength();
    if (scanner.getTokenLength() === 0 || start >= offset) return false;
    if (end < offset) continue;
    if (token === jsoncToken.lineComment) return true;
    return token === jsoncToken.blockComment && (end > offset || !text.slice(start, end).endsWith('*/'));
  }
}

export function rangeOf({ text }: McpDocument, from: number, to: number): Range {
  return { start: text.positionAt(from), end: text.positionAt(to) };
}
