// An mcp.json as a tree with the places of its servers; it reads text that is being typed, so everything may be missing or broken.
import { parseTree, type Node, type ParseError } from 'jsonc-parser';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { isTooDeep } from '../../shared/parse-jsonc.ts';

export type ServersKey = 'mcpServers' | 'servers';

export interface ServerNode {
  name: string;
  under: ServersKey;
  /** The whole `"name": {…}`. */
  property: Node;
  /** The name with its quotes. */
  key: Node;
  /** Undefined while nothing stands behind the colon; not always an object. */
  value: Node | undefined;
}

export interface McpDocument {
  /** Stands for the file as long as it is open: what is kept from one version to the next belongs to it. */
  file: object;
  text: TextDocument;
  /** Undefined when there is nothing but white space and comments, and for what is nested too deeply to be read. */
  root: Node | undefined;
  syntaxErrors: readonly ParseError[];
  /** In the order of the file; a name may occur more than once. */
  servers: readonly ServerNode[];
}

export interface McpDocumentText {
  uri: string;
  version: number;
  text: string;
  /** That of the version before. */
  file?: object;
}

/** JSON with comments and trailing commas; never throws. */
export function parseMcpDocument({ uri, version, text, file = {} }: McpDocumentText): McpDocument {
  const syntaxErrors: ParseError[] = [];
  const root = isTooDeep(text)
    ? undefined
    : parseTree(text, syntaxErrors, { allowTrailingComma: true, allowEmptyContent: true });
  return {
    file,
    text: TextDocument.create(uri, 'jsonc', version, text),
    root,
    syntaxErrors,
    servers: root === undefined ? [] : [...serversOf(root, 'mcpServers'), ...serversOf(root, 'servers')],
  };
}

function serversOf(root: Node, under: ServersKey): ServerNode[] {
  return membersOf(root)
    .filter(({ key, value }) => key.value === under && value?.type === 'object')
    .flatMap(({ value }) => (value === undefined ? [] : membersOf(value)))
    .map(({ property, key, value }) => ({ name: String(key.value), under, property, key, value }));
}

export interface MemberNode {
  property: Node;
  key: Node;
  value: Node | undefined;
}

/** The members of an object; none of anything else. */
export function membersOf(node: Node | undefined): MemberNode[] {
  const members: MemberNode[] = [];
  if (node?.type !== 'object') return members;
  for (const property of node.children ?? []) {
    const key = property.children?.[0];
    if (key !== undefined) members.push({ property, key, value: property.children?.[1] });
  }
  return members;
}

/** The value of an object's member; of several with that name the last, as JSON reads them. */
export function memberOf(node: Node | undefined, name: string): Node | undefined {
  if (node?.type !== 'object') return undefined;
  return node.children?.findLast((property) => property.children?.[0]?.value === name)?.children?.[1];
}
