// Names of tools in filters and guards: whether the server offers such a tool, and whether filters contradict each other.
import type { Node } from 'jsonc-parser';
import { parseRule } from '../../../shared/guards/guard-rule.ts';
import { matchesWildcards } from '../../../shared/matches-wildcards.ts';
import { removeChild, replaceNode } from './edits.ts';
import { memberAt, nodeAt, spanOf, type FileView, type ServerView } from './file-view.ts';
import type { Finding } from './finding.ts';
import { ruleRemoval } from './guard-fixes.ts';
import { nearestName } from './nearest-name.ts';
import { offeredTools } from './offered-tools.ts';

export function* findToolNames(view: FileView): Generator<Finding> {
  for (const server of view.servers) {
    if (server.isShadowed) continue;
    yield* findUnknownTools(view, server);
    if (server.entry !== undefined) yield* findFilterProblems(view, server);
  }
}

interface NamedTool {
  node: Node;
  /** With wildcards. */
  pattern: string;
  /** Of a rule of guards: its path, with the space before it. */
  rest: string | undefined;
  /** Names are compared in any case. */
  isLoose: boolean;
}

function* findUnknownTools({ document }: FileView, server: ServerView): Generator<Finding> {
  const offered = offeredTools(server);
  if (offered === undefined) return;
  for (const { node, pattern, rest, isLoose } of namedTools(server)) {
    const shown = isLoose ? pattern.toLowerCase() : pattern;
    const names = isLoose ? offered.names.map((name) => name.toLowerCase()) : offered.names;
    if (names.some((name) => matchesWildcards(shown, name))) continue;
    const near = pattern.includes('*') ? undefined : nearestName(pattern, offered.names);
    const what = pattern.includes('*')
      ? `No tool of this server fits "${pattern}"`
      : `This server has no tool "${pattern}"`;
    yield {
      code: 'mcp/unknown-tool',
      ...spanOf(node),
      message: `${what.slice(0, 150)}${near === undefined ? '.' : `: did you mean "${near}"?`}`,
      fixes: () => [
        ...(near === undefined
          ? []
          : [{ title: `Write "${near}"`, edits: [replaceNode(document, node, `${near}${rest ?? ''}`)] }]),
        ...(rest === undefined
          ? [{ title: 'Remove it', edits: removeChild(document, node) }]
          : ruleRemoval(document, server, node)),
      ],
    };
  }
}

/** Guards judge resources and prompts under these names. */
const otherCalls = ['resources/read', 'prompts/get'];

function* namedTools(server: ServerView): Generator<NamedTool> {
  for (const list of ['allowedTools', 'deniedTools'])
    for (const node of textsIn(nodeAt(server.node.value, [list])))
      yield { node, pattern: String(node.value), rest: undefined, isLoose: false };
  for (const list of ['allow', 'deny'] as const)
    for (const node of textsIn(nodeAt(server.node.value, ['guards', list]))) {
      const parsed = parseRule(node.value);
      if (!parsed.ok || otherCalls.some((call) => matchesWildcards(parsed.rule.tool, call))) continue;
      const { tool, text } = parsed.rule;
      yield { node, pattern: tool, rest: text.slice(tool.length), isLoose: list === 'deny' };
    }
}

/** Of a list; none of anything else. */
export function textsIn(node: Node | undefined): Node[] {
  return node?.type === 'array' ? (node.children ?? []).filter(({ type }) => type === 'string') : [];
}

function* findFilterProblems({ document }: FileView, server: ServerView): Generator<Finding> {
  const allowed = textsIn(nodeAt(server.node.value, ['allowedTools']));
  const denied = textsIn(nodeAt(server.node.value, ['deniedTools']));
  const member = memberAt(server, ['allowedTools']);
  if (member?.value?.type === 'array' && (member.value.children ?? []).length === 0)
    yield {
      code: 'mcp/filter',
      ...spanOf(member.value),
      message: 'An empty list allows no tool at all. Write "enabled": false if that is meant.',
      fixes: () => [{ title: 'Remove "allowedTools"', edits: removeChild(document, member.property) }],
    };
  for (const list of [allowed, denied]) {
    const seen = new Set<unknown>();
    for (const node of list) {
      if (seen.has(node.value))
        yield {
          code: 'mcp/filter',
          ...spanOf(node),
          message: 'This stands twice in the list.',
          severity: 'information',
          tag: 'unnecessary',
          fixes: () => [{ title: 'Remove it', edits: removeChild(document, node) }],
        };
      seen.add(node.value);
    }
  }
  for (const node of allowed) {
    const stronger = denied.find(({ value }) => matchesWildcards(String(value), String(node.value)));
    if (stronger !== undefined)
      yield {
        code: 'mcp/filter',
        ...spanOf(node),
        message: `This allows nothing, because "${String(stronger.value).slice(0, 60)}" in deniedTools wins.`,
        fixes: () => [
          { title: 'Remove it here', edits: removeChild(document, node) },
          { title: 'Remove it from "deniedTools"', edits: removeChild(document, stronger) },
        ],
      };
  }
}
