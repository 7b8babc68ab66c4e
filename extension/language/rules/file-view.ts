// What rules look at: the servers of a file as tree and as values, with what is known of them; made once per validation.
import { getNodeValue, type Node } from 'jsonc-parser';
import type { ListedServer } from '../../../shared/contract/tool-messages.ts';
import { checkEntry } from '../../../shared/mcp-config/check-entry.ts';
import { findCredentials, type CredentialFinding } from '../../../shared/mcp-config/credential-rules.ts';
import type { EntryProblem } from '../../../shared/mcp-config/entry-problem.ts';
import type { ServerEntry } from '../../../shared/mcp-config/server-entry.ts';
import { listedServer } from '../known-server.ts';
import type { LanguageContext } from '../language-context.ts';
import { memberOf, membersOf, type McpDocument, type MemberNode, type ServerNode } from '../mcp-document.ts';

export interface ServerView {
  node: ServerNode;
  name: string;
  /** The value as it is written; an empty object while it is none. */
  raw: Readonly<Record<string, unknown>>;
  /** Undefined while the entry has not the form of one. */
  entry: ServerEntry | undefined;
  problems: readonly EntryProblem[];
  credentials: readonly CredentialFinding[];
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
  const profiles = context.agent?.profiles.map(({ name }) => name);
  return {
    document,
    context,
    servers: document.servers.map((node) => {
      const value: unknown = node.value === undefined ? undefined : getNodeValue(node.value);
      const { entry, problems, credentials } = checkEntry(node.name, value, profiles);
      const isObject = value !== null && typeof value === 'object' && !Array.isArray(value);
      const raw = isObject ? (value as Record<string, unknown>) : {};
      return {
        node,
        name: node.name,
        raw,
        entry,
        problems,
        // A mistake elsewhere in the entry hides no credential.
        credentials: entry === undefined ? findCredentials(raw, node.name) : credentials,
        isShadowed: node.under === 'servers' && named.has(node.name),
        listed: listedServer(context, node.name),
      };
    }),
  };
}

/** The member of a server's entry, at any depth. */
export function memberAt({ node }: ServerView, path: readonly (string | number)[]): MemberNode | undefined {
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
