// The file around its servers: names that stand twice, the lists of servers and what stands beside them.
import { getNodeValue, type Node } from 'jsonc-parser';
import { checkTopLevel } from '../../../shared/mcp-config/check-top-level.ts';
import { membersOf, type McpDocument } from '../mcp-document.ts';
import { removeChild, replaceNode, replaceText } from './edits.ts';
import { nameSpan, nodeAt, spanOf, type FileView } from './file-view.ts';
import type { Finding, Fix } from './finding.ts';
import { secretFinding } from './secrets.ts';

export function* findShapeProblems(view: FileView): Generator<Finding> {
  const { document } = view;
  const { root } = document;
  if (root === undefined) return;
  yield* findDuplicateKeys(document, root);
  if (root.type !== 'object') {
    yield {
      code: 'mcp/no-servers',
      ...spanOf(root),
      message: 'The file must be an object with "mcpServers", an object of servers by name.',
    };
    return;
  }
  yield* findLists(view, root);
  yield* findTopLevelProblems(view, root);
}

/** Readers take the last one silently. */
function* findDuplicateKeys(document: McpDocument, root: Node): Generator<Finding> {
  const open = [root];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    const seen = new Set<string>();
    for (const { property, key } of membersOf(node)) {
      const name = String(key.value);
      if (seen.has(name))
        yield {
          code: 'mcp/duplicate-key',
          ...spanOf(key),
          message: `"${name.slice(0, 60)}" stands twice in one object, and only one can be meant.`,
          fixes: () => [{ title: `Remove this "${name.slice(0, 60)}"`, edits: removeChild(document, property) }],
        };
      seen.add(name);
    }
    for (const child of node.children ?? []) if (child.children !== undefined) open.push(child);
  }
}

function* findLists({ document, servers }: FileView, root: Node): Generator<Finding> {
  const lists = membersOf(root).filter(({ key }) => key.value === 'mcpServers' || key.value === 'servers');
  for (const { key, value } of lists)
    if (value !== undefined && value.type !== 'object')
      yield {
        code: 'mcp/no-servers',
        ...spanOf(value),
        message: `"${String(key.value)}" must be an object of servers by name.`,
      };
  const list = lists.find(({ key }) => key.value === 'servers');
  if (list !== undefined && lists.some(({ key }) => key.value === 'mcpServers'))
    yield {
      code: 'mcp/two-lists',
      ...spanOf(list.key),
      message:
        'There are both "mcpServers" and "servers", the name in VS Code. Both are read; of two servers of one name that in "mcpServers" counts.',
    };
  for (const server of servers)
    if (server.isShadowed)
      yield {
        code: 'mcp/duplicate-server',
        ...nameSpan(server),
        message: `This "${server.name.slice(0, 60)}" is not read, because "mcpServers" has one, too.`,
        tag: 'unnecessary',
        fixes: () => [
          { title: 'Remove the server that is not read', edits: removeChild(document, server.node.property) },
        ],
      };
}

function* findTopLevelProblems({ document }: FileView, root: Node): Generator<Finding> {
  const members = membersOf(root);
  const file = Object.fromEntries(
    members.map(({ key, value }) => {
      const name = String(key.value);
      const isList = name === 'mcpServers' || name === 'servers';
      return [name, value === undefined || isList ? {} : (getNodeValue(value) as unknown)];
    }),
  );
  for (const problem of checkTopLevel(file)) {
    const member = members.find(({ key }) => key.value === problem.path[0]);
    if (problem.code === 'secret' && problem.credential !== undefined) {
      const finding = secretFinding(
        { document, owner: root, entry: undefined, taken: () => new Set(), environment: undefined },
        problem.credential,
      );
      if (finding !== undefined) yield finding;
    } else if (problem.code === 'misspelt-servers' && member !== undefined)
      yield {
        code: 'mcp/misspelt-servers',
        ...spanOf(member.key),
        message: `"${String(problem.path[0])}" is not read: did you mean "mcpServers"?`,
        fixes: () =>
          'mcpServers' in file
            ? []
            : [{ title: 'Rename to "mcpServers"', edits: [replaceNode(document, member.key, 'mcpServers')] }],
      };
    else if (problem.code === 'no-servers')
      yield {
        code: 'mcp/no-servers',
        from: root.offset,
        to: root.offset + 1,
        message:
          'There is neither "mcpServers" nor "servers", but other keys: did you mean to put them into "mcpServers"?',
        fixes: () => wrapped(document, root, file),
      };
  }
  const inputs = members.find(({ key }) => key.value === 'inputs');
  if (inputs !== undefined && nodeAt(root, ['inputs'])?.type === 'array')
    yield {
      code: 'mcp/foreign-key',
      ...spanOf(inputs.key),
      message:
        'VS Code asks for inputs; the agent has nobody to ask, and leaves them out. It takes variables of its environment: ${NAME}.',
      tag: 'unnecessary',
      fixes: () => [{ title: 'Remove the inputs', edits: removeChild(document, inputs.property) }],
    };
}

function wrapped(document: McpDocument, root: Node, file: Record<string, unknown>): Fix[] {
  const areServers = Object.values(file).every(
    (value) => value !== null && typeof value === 'object' && ('url' in value || 'command' in value),
  );
  if (!areServers) return [];
  const end = root.offset + root.length;
  return [
    {
      title: 'Put them into "mcpServers"',
      edits: [
        replaceText(document, root.offset, root.offset, '{ "mcpServers": '),
        replaceText(document, end, end, ' }'),
      ],
    },
  ];
}
