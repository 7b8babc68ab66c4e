// What is known of a server of an mcp.json beside its entry: what the agent lists of it, and what the Work IQ catalogue says; pure.
import type { HiddenTool, ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { workIqCatalogue, type WorkIqCatalogueEntry } from '../../shared/work-iq-catalogue.ts';
import type { LanguageContext } from './language-context.ts';
import { memberOf, type McpDocument } from './mcp-document.ts';

export function listedServer({ agent }: LanguageContext, name: string): ListedServer | undefined {
  return agent?.servers.find((server) => server.name === name);
}

export interface KnownTool {
  name: string;
  description: string | undefined;
  /** As the agent lists it now. */
  listed: ListedTool | undefined;
  hidden: HiddenTool | undefined;
}

/** As the agent lists them; where it knows none, as the catalogue has them for the entry's address. */
export function knownTools(document: McpDocument, context: LanguageContext, server: string): KnownTool[] {
  const listed = listedServer(context, server);
  const live: KnownTool[] = [
    ...(listed?.tools ?? []).map((tool) => ({
      name: tool.name,
      description: tool.description ?? tool.title,
      listed: tool,
      hidden: undefined,
    })),
    ...(listed?.hidden ?? []).flatMap((hidden) =>
      hidden.name === undefined ? [] : [{ name: hidden.name, description: undefined, listed: undefined, hidden }],
    ),
  ];
  if (live.length > 0) return live;
  const published = catalogueEntry(urlOf(document, server))?.tools ?? [];
  return published.map(({ name, description }) => ({ name, description, listed: undefined, hidden: undefined }));
}

/** The address as it is written. */
export function urlOf({ servers }: McpDocument, server: string): string | undefined {
  const url = memberOf(servers.find(({ name }) => name === server)?.value, 'url');
  return url?.type === 'string' ? String(url.value) : undefined;
}

/** The catalogue's entry for an address, with a tenant's id or a variable where one belongs. */
export function catalogueEntry(url: string | undefined): WorkIqCatalogueEntry | undefined {
  if (url === undefined || url.length > 500) return undefined;
  const address = url.replace(/\/$/, '');
  return workIqCatalogue.find((entry) => {
    const [before = '', after] = entry.url.split('{tenantId}');
    if (after === undefined) return address === entry.url;
    if (!address.startsWith(before) || !address.endsWith(after)) return false;
    const tenant = address.slice(before.length, address.length - after.length);
    return tenant !== '' && !tenant.includes('/');
  });
}
