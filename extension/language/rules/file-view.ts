// What rules look at: the servers of a file as tree and as values, with what is known of them; made once per validation.
import type { Node } from 'jsonc-parser';
import type { ListedServer } from '../../../shared/contract/tool-messages.ts';
import type { LanguageContext } from '../language-context.ts';
import { memberOf, membersOf, type McpDocument, type MemberNode, type ServerNode } from '../mcp-document.ts';
import { checkedEntries, type CheckedServer } from './checked-entries.ts';

export interface ServerView extends CheckedServer {
  node: ServerNode;
  name: string;
  /** Another entry of this name is read in its place. */
  isShadowed: boolean;
  listed: ListedServer | undefined;
}

export interface FileView {
  document: McpDocument;
  context: LanguageContext;
  servers: readonly ServerView[];
}

export function createFileView(document: McpDocument, context: LanguageContext): FileView {
  const named = new Set(document.servers.filter(({ under }) => under === 'mcpServers').map(({ name }) => name));
  const listed = new Map(context.agent?.servers.map((server) => [server.name, server]));
  const checked = checkedEntries(
    document,
    context.agent?.profiles?.map(({ name }) => name),
  );
  const servers = document.servers.flatMap((node, index) => {
    const one = checked[index];
    if (one === undefined) return [];
    const isShadowed = node.under === 'servers' && named.has(node.name);
    return [{ ...one, node, name: node.name, isShadowed, listed: listed.get(node.name) }];
  });
  return { document, context, servers };
}

/** The member of a server's entry, at any depth. */
export function memberAt(
  { node }: Pick<ServerView, 'node'>,
  path: readonly (string | number)[],
): MemberNode | undefined {
  const key = path.at(-1);
  const owner = nodeAt(node.value, path.slice(0, -1));
  return typeof key === 'string' ? membersOf(owner).findLast((member) => member.key.value === key) : undefined;
}

/** The value at a path; undefined where there is none. */
export function nodeAt(root: Node | undefined, path: readonly (string | number)[]): Node | undefined {
  if (root === undefined || path.length === 0) return root;
  const [key, ...rest] = path;
  if (typeof key === 'number') return nodeAt(root.type === 'array' ? root.children?.[key] : undefined, rest);
  return nodeAt(memberOf(root, key ?? ''), rest);
}

/** Where a rule about the whole entry is shown: the name of the server. */
export function nameSpan({ node: { key } }: ServerView): { from: number; to: number } {
  return { from: key.offset, to: key.offset + key.length };
}

export function spanOf({ offset, length }: Node): { from: number; to: number } {
  return { from: offset, to: offset + length };
}

/** Between the quotes of a string. */
export function insideOf({ offset, length }: Node): { from: number; to: number } {
  return { from: offset + 1, to: offset + length - 1 };
}
