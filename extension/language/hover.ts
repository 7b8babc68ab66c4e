// What is under the cursor of an mcp.json: what a key means, the state of a server, a tool, a guard, where a value comes from.
import { findNodeAtOffset, getNodePath, type Node, type Segment } from 'jsonc-parser';
import type { Hover, Position } from 'vscode-languageserver';
import { matchesWildcards } from '../../shared/matches-wildcards.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import { ruleInWords } from './guard-words.ts';
import { schemaHover } from './json-service.ts';
import { catalogueEntry, knownTools, listedServer, urlOf } from './known-server.ts';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';
import { serverCard } from './server-words.ts';
import { toolCard } from './tool-card.ts';
import { variableState, variableUses } from './variables.ts';

/** Markdown in which text of servers stays text; null where there is nothing to say. */
export async function hover(
  document: McpDocument,
  context: LanguageContext,
  { position }: { position: Position },
): Promise<Hover | null> {
  const offset = document.text.offsetAt(position);
  const node = document.root === undefined ? undefined : findNodeAtOffset(document.root, offset);
  if (node === undefined || node.type === 'object' || node.type === 'array') return null;
  const variable = variableHover(document, context, offset);
  if (variable !== null) return variable;
  const text = ownText(document, context, node);
  if (text !== undefined)
    return {
      contents: { kind: 'markdown', value: text },
      range: rangeOf(document, node.offset, node.offset + node.length),
    };
  return schemaHover(document, position);
}

function variableHover(document: McpDocument, context: LanguageContext, offset: number): Hover | null {
  const use = variableUses(document).find(({ from, to }) => from <= offset && offset < to);
  if (use === undefined) return null;
  return {
    contents: { kind: 'markdown', value: originText(context, use.name) },
    range: rangeOf(document, use.from, use.to),
  };
}

/** Where a value comes from; never the value of a variable. */
function originText(context: LanguageContext, name: string): string {
  const agent = escapeMarkdown(context.agent?.name ?? '');
  const state = variableState(context, name);
  switch (state.kind) {
    case 'tenant': {
      const value = state.tenantId === undefined ? '' : `\n\n${escapeMarkdown(state.tenantId)}`;
      return `The tenant of the agent's profile workiq (\`WorkIQ__TenantId\`); it is always there.${value}`;
    }
    case 'set':
      return `Environment variable of the agent ${agent}, where it is set. Its value stays there.`;
    case 'missing':
      return `Environment variable of the agent ${agent}, where it is **not set**: the server cannot be used before it is.`;
    case 'unknown':
      return 'Environment variable of the agent. Whether it is set is not known now; its value never leaves the agent.';
  }
}

/** Markdown; undefined where the schema says it all. */
function ownText(document: McpDocument, context: LanguageContext, node: Node): string | undefined {
  const isKey = node.parent?.type === 'property' && node.parent.children?.[0] === node;
  const [under, server, ...path] = getNodePath(node);
  if ((under !== 'mcpServers' && under !== 'servers') || typeof server !== 'string') return undefined;
  if (isKey) return path.length === 0 ? serverText(document, context, server) : undefined;
  return typeof node.value === 'string' ? valueText({ document, context, server, path, value: node.value }) : undefined;
}

function serverText(document: McpDocument, context: LanguageContext, server: string): string | undefined {
  const listed = listedServer(context, server);
  const published = publishedText(urlOf(document, server));
  const state =
    listed !== undefined
      ? serverCard(listed)
      : context.agent === undefined
        ? undefined
        : `The agent ${escapeMarkdown(context.agent.name)} has no server of this name in force.`;
  const texts = [state, published].filter((text) => text !== undefined);
  return texts.length === 0 ? undefined : texts.join('\n\n');
}

function publishedText(url: string | undefined): string | undefined {
  const entry = catalogueEntry(url);
  if (entry === undefined) return undefined;
  const legacy = entry.legacy
    ? 'a server of the Agent 365 catalogue, which is legacy: new work uses the single endpoint of Work IQ'
    : 'the single endpoint of Microsoft Work IQ';
  return `${escapeMarkdown(entry.title)} is ${legacy}. Scope: ${escapeMarkdown(entry.scopes[0] ?? '')}`;
}

interface HoveredValue {
  document: McpDocument;
  context: LanguageContext;
  server: string;
  /** From the entry. */
  path: readonly Segment[];
  value: string;
}

function valueText({ document, context, server, path: [key, second], value }: HoveredValue): string | undefined {
  if (key === 'url' && second === undefined) return publishedText(value);
  if (key === 'auth' && second === 'profile') return profileText(context, value);
  if (key === 'guards' && (second === 'allow' || second === 'deny')) {
    const words = ruleInWords(second, value);
    return words === undefined ? undefined : escapeMarkdown(words);
  }
  if (key !== 'allowedTools' && key !== 'deniedTools') return undefined;
  const tools = knownTools(document, context, server);
  const exact = tools.find(({ name }) => name === value);
  if (exact !== undefined) return toolCard(exact);
  if (!value.includes('*') || value.length > longestPattern || tools.length === 0) return undefined;
  const matching = tools.filter(({ name }) => matchesWildcards(value, name)).map(({ name }) => escapeMarkdown(name));
  return matching.length === 0 ? 'Matches none of the known tools.' : `Matches ${matching.slice(0, 30).join(', ')}.`;
}

const longestPattern = 200;

function profileText({ agent }: LanguageContext, name: string): string | undefined {
  if (agent?.profiles === undefined) return undefined;
  const profile = agent.profiles.find((candidate) => candidate.name === name);
  if (profile === undefined) return `The agent ${escapeMarkdown(agent.name)} has no profile of this name.`;
  const { auth } = agent;
  const account = auth?.account === undefined ? '' : ` as ${escapeMarkdown(auth.account.username)}`;
  return [
    `Profile **${escapeMarkdown(name)}** of the agent ${escapeMarkdown(agent.name)}`,
    ...(auth === undefined ? [] : [`Sign-in: ${auth.status.replaceAll('_', ' ')}${account}`]),
    `Scopes: ${escapeMarkdown(profile.scopes.join(' '))}`,
    `Its bearer goes to: ${escapeMarkdown(profile.allowedOrigins.join(' ') || 'no origin')}`,
  ].join('\n\n');
}
