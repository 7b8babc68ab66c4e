// What an agent says of its servers, as text for reading: its own file is where it runs. Pure.
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { jsonText } from '../results/json-text.ts';

/** JSON with comments; without `server`, or where there is none of that name, of all servers. */
export function serverDetails(
  servers: readonly ListedServer[],
  { agentName, server }: { agentName: string; server?: string | undefined },
): string {
  const named = servers.filter(({ name }) => name === server);
  const shown = named.length === 0 ? servers : named;
  return [
    `// What the agent "${agentName}" has in force, for reading.`,
    '// Its mcp.json is where it runs: its operator can change it.',
    jsonText(Object.fromEntries(shown.map((one) => [one.name, detailsOf(one)])), { indent: 2 }),
    '',
  ].join('\n');
}

function detailsOf({ state, type, profile, version, error, limits, tools, hidden }: ListedServer): object {
  return {
    state,
    ...(error !== undefined && {
      error: { code: error.code, message: error.message, ...(error.action !== undefined && { action: error.action }) },
    }),
    type,
    profile,
    version,
    limits,
    tools: tools.map(({ name }) => name),
    hidden: hidden.map(({ name, reason }) => `${name ?? 'all tools'}: ${reason}`),
  };
}
