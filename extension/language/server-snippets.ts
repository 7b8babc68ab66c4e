// Whole entries to insert into an mcp.json: the servers of Work IQ from the catalogue, and one of each kind of connection; pure.
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';
import { workIqCatalogue, type WorkIqCatalogueEntry } from '../../shared/work-iq-catalogue.ts';
import type { LanguageContext, ProfileFacts } from './language-context.ts';

export interface ServerSnippet {
  label: string;
  detail: string;
  /** Markdown. */
  documentation: string;
  /** The name in mcp.json. */
  name: string;
  /** The value behind the name, in the syntax of snippets. */
  body: string;
  legacy: boolean;
}

/** `isBounded`: only what is taken over the bus, neither commands nor variables. */
export function serverSnippets(context: LanguageContext, { isBounded }: { isBounded: boolean }): ServerSnippet[] {
  const plain = isBounded ? [boundedHttpSnippet] : [httpSnippet, stdioSnippet];
  return [...workIqCatalogue.map((entry) => workIqSnippet(entry, context)), ...plain];
}

export function workIqUrl({ url }: WorkIqCatalogueEntry): string {
  return url.replaceAll('{tenantId}', `\${${tenantVariable}}`);
}

function workIqSnippet(entry: WorkIqCatalogueEntry, { agent }: LanguageContext): ServerSnippet {
  const { name, title, scopes, tools, legacy } = entry;
  const fitting = (agent?.profiles ?? []).filter((profile) => fits(profile, entry)).map((profile) => profile.name);
  // Without an agent the built-in profile is that of the single endpoint.
  const profiles = fitting.length > 0 ? fitting : [legacy ? 'agent365' : 'workiq'];
  const lines = [
    '{',
    '\t"type": "streamable-http",',
    `\t"url": ${escapeSnippet(JSON.stringify(workIqUrl(entry)))},`,
    `\t"auth": { "profile": "${choice(1, profiles)}" }`,
    '}',
  ];
  const needs =
    fitting.length > 0 || (agent?.profiles === undefined && !legacy)
      ? ''
      : `\n\nIt needs a profile of the agent with the scope \`${scopes[0] ?? ''}\` that allows \`${new URL(entry.url).origin}\`.`;
  return {
    label: legacy ? `${title} (legacy)` : title,
    detail: legacy ? 'Agent 365 catalogue, legacy' : 'Microsoft 365 over one endpoint',
    documentation: `${legacy ? 'One server of the older Agent 365 catalogue, which is kept for compatibility; new work uses the single endpoint of Work IQ.' : 'Mail, calendar, Teams, files, people and Copilot search over one endpoint.'}${needs}${toolsText(tools)}`,
    name,
    body: lines.join('\n'),
    legacy,
  };
}

function fits({ scopes, allowedOrigins }: ProfileFacts, { audience, url }: WorkIqCatalogueEntry): boolean {
  const { origin } = new URL(url);
  return scopes.some((scope) => scope.startsWith(`${audience}/`)) && allowedOrigins.includes(origin);
}

const shownTools = 12;

function toolsText(tools: WorkIqCatalogueEntry['tools']): string {
  if (tools.length === 0) return '';
  const names = tools.slice(0, shownTools).map(({ name }) => `\`${name}\``);
  const more = tools.length > shownTools ? ` and ${tools.length - shownTools} more` : '';
  return `\n\nTools: ${names.join(', ')}${more}.`;
}

const httpSnippet: ServerSnippet = {
  label: 'HTTP server',
  detail: 'MCP over HTTP',
  documentation: 'A server that is reached by a URL. A key belongs into a variable of the agent, never into the file.',
  name: '${1:name}',
  body: '{\n\t"type": "streamable-http",\n\t"url": "${2:https://example.com/mcp}",\n\t"headers": { "${3:X-Api-Key}": "\\${${4:NAME_KEY}\\}" }\n}',
  legacy: false,
};

const boundedHttpSnippet: ServerSnippet = {
  ...httpSnippet,
  documentation:
    'A server that is reached by a URL. One that needs a key is added by the operator of the agent, who has it in a variable there.',
  body: '{\n\t"type": "streamable-http",\n\t"url": "${2:https://example.com/mcp}"\n}',
};

const stdioSnippet: ServerSnippet = {
  label: 'stdio server',
  detail: "a program on the agent's machine",
  documentation:
    "A program that speaks MCP on its standard input and output, started by the agent on the agent's machine.",
  name: '${1:name}',
  body: '{\n\t"type": "stdio",\n\t"command": "${2:npx}",\n\t"args": ["${3:-y}", "${4:package}"]\n}',
  legacy: false,
};

function choice(tabStop: number, values: readonly string[]): string {
  const [first = ''] = values;
  if (values.length === 1) return `\${${tabStop}:${escapeSnippet(first)}}`;
  return `\${${tabStop}|${values.map((value) => escapeSnippet(value).replace(/[,|]/g, String.raw`\$&`)).join(',')}|}`;
}

/** Text in a snippet. */
export function escapeSnippet(text: string): string {
  return text.replace(/[\\$}]/g, String.raw`\$&`);
}
