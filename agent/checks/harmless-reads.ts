// The cheapest call of each Work IQ server that only reads: it changes nothing, answers little, and fails without a licence.
// Sources: Microsoft's Work IQ MCP tool reference, the Agent 365 server reference, and tool listings of August and September 2026.
import type { ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';

export interface HarmlessRead {
  tool: string;
  arguments: Record<string, unknown>;
}

/** `property`: one that its schema must have, where other servers have a tool of that name, too. */
const reads: readonly (HarmlessRead & { property?: string })[] = [
  { tool: 'fetch', property: 'entityUrls', arguments: { entityUrls: ['/me?$select=id'] } },
  { tool: 'GetMyDetails', arguments: { select: 'id' } },
  { tool: 'SearchMessagesQueryParameters', arguments: { queryParameters: '?$top=1&$select=id' } },
  { tool: 'GetUserDateAndTimeZoneSettings', arguments: {} },
  { tool: 'ListTeams', arguments: {} },
  { tool: 'getOnedrive', arguments: {} },
  { tool: 'findSite', arguments: { searchQuery: 'rockbot' } },
  { tool: 'searchSitesByName', arguments: { search: 'rockbot' } },
  { tool: 'list_tables', arguments: {} },
  { tool: 'query_federated_knowledge', arguments: {} },
];

/** Undefined for a server without such a tool, and for one that does not get a bearer of the account. */
export function harmlessRead({ profile, tools }: Pick<ListedServer, 'profile' | 'tools'>): HarmlessRead | undefined {
  if (profile === undefined) return undefined;
  return reads.find(({ tool, property }) => tools.some((listed) => listed.name === tool && fits(listed, property)));
}

function fits({ inputSchema, sideEffects }: ListedTool, property: string | undefined): boolean {
  if (sideEffects !== 'read') return false;
  if (property === undefined) return true;
  const { properties } = inputSchema;
  return typeof properties === 'object' && properties !== null && property in properties;
}
