// Completion in the entry of a server: the entry as a whole, its address, its profile, the tools of its filters; pure.
import { CompletionItemKind, MarkupKind, type CompletionItem } from 'vscode-languageserver';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { jsoncToken } from '../../shared/jsonc-token.ts';
import { workIqCatalogue } from '../../shared/work-iq-catalogue.ts';
import { isBoundedOverBus } from './bounded-editing.ts';
import type { PlacedRequest } from './completion.ts';
import { memberItem, textItem, tokenAfter } from './completion-item.ts';
import { freeName } from './free-name.ts';
import { knownTools, type KnownTool } from './known-server.ts';
import type { ProfileFacts } from './language-context.ts';
import { memberOf } from './mcp-document.ts';
import { serverSnippets, workIqUrl } from './server-snippets.ts';

/** Whole servers, where a name can be written. */
export function serverCompletion(request: PlacedRequest): CompletionItem[] {
  const { document, context, place, offset } = request;
  const text = document.text.getText();
  // A name that has its entry already is only renamed.
  if (tokenAfter(text, place.string?.to ?? offset) === jsoncToken.colon) return [];
  // Beside what is being written the tree may lack what follows it.
  const names = document.servers.map(({ name }) => name);
  const taken = new Set([
    ...names,
    ...workIqCatalogue.map(({ name }) => name).filter((name) => new RegExp(`"${name}"\\s*:`).test(text)),
  ]);
  const isBounded = isBoundedOverBus(document, context);
  return serverSnippets(context, { isBounded }).map(({ label, detail, documentation, name, body, legacy }, index) =>
    memberItem(request, `"${freeName(name, taken)}": ${body}`, {
      label,
      filterText: `${label} ${name.replace(/\W.*/, '')}`.trim(),
      detail,
      documentation: { kind: MarkupKind.Markdown, value: documentation },
      kind: CompletionItemKind.Snippet,
      sortText: `${legacy ? 2 : 1}${String(index).padStart(2, '0')}`,
    }),
  );
}

export function urlCompletion(request: PlacedRequest): CompletionItem[] {
  return workIqCatalogue.map((entry, index) =>
    textItem(request, workIqUrl(entry), {
      label: workIqUrl(entry),
      detail: entry.legacy ? `${entry.title} (legacy)` : entry.title,
      kind: CompletionItemKind.Value,
      sortText: String(index).padStart(2, '0'),
    }),
  );
}

export function profileCompletion(request: PlacedRequest): CompletionItem[] {
  const { agent } = request.context;
  const profiles = agent?.profiles ?? likelyProfiles(agent?.servers ?? []);
  return profiles.map(({ name, scopes, allowedOrigins }) =>
    textItem(request, name, {
      label: name,
      detail:
        allowedOrigins.join(', ') || (name === builtInProfile ? 'the built-in profile' : 'used by another server'),
      ...(scopes.length > 0 && { documentation: `Scopes: ${scopes.join(' ')}` }),
      kind: CompletionItemKind.Reference,
    }),
  );
}

const builtInProfile = 'workiq';

/** While the agent's are not known. */
function likelyProfiles(servers: readonly ListedServer[]): ProfileFacts[] {
  const used = servers.flatMap(({ profile }) => (profile === undefined ? [] : [profile]));
  return [...new Set([builtInProfile, ...used])].map((name) => ({ name, scopes: [], allowedOrigins: [] }));
}

/** Of `allowedTools` and `deniedTools`: those that are not in the list yet. */
export function toolCompletion(request: PlacedRequest): CompletionItem[] {
  const { document, context, server, place } = request;
  const list = memberOf(server.entry, String(server.path[0]))?.children ?? [];
  const listed = new Set(
    list.filter(({ offset }) => offset !== place.string?.from).map(({ value }) => value as unknown),
  );
  return knownTools(document, context, server.name)
    .filter(({ name }) => !listed.has(name))
    .map((tool) => textItem(request, tool.name, toolParts(tool)));
}

const longestDescription = 2_000;

export function toolParts({ name, description, listed, hidden }: KnownTool): Omit<CompletionItem, 'textEdit'> {
  const detail = listed === undefined ? undefined : listed.sideEffects === 'read' ? 'reads' : 'can change things';
  const text = hidden?.reason ?? description;
  return {
    label: cleanLine(name),
    kind: CompletionItemKind.Function,
    detail: detail ?? (hidden === undefined ? 'published, not asked of the server' : 'hidden now'),
    ...(text !== undefined && { documentation: cleanBlock(text.slice(0, longestDescription)) }),
    sortText: `${listed === undefined ? 2 : 1}${name}`,
  };
}
