// What an entry of mcp.json must not do when it comes over the bus: run a command on the agent, or send away what the agent
// keeps in its environment.
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { tenantVariable } from '../../shared/mcp-config/tenant-variable.ts';

/** Characters of one entry as JSON. */
export const maxEntryLength = 16 * 1024;
/** Whoever may register cannot fill the agent with servers. */
export const maxEntries = 50;

const othersVariable = new RegExp(String.raw`\$\{(?!${tenantVariable}\})`);

/** A sentence without its full stop, or undefined. */
export function busEntryProblem(entry: ServerEntry): string | undefined {
  if (entry.type === 'stdio')
    return 'A server with a command cannot be registered over the bus: it would run on the agent';
  const texts = [entry.url, ...Object.values(entry.headers)];
  if (texts.some((text) => othersVariable.test(text)))
    return `An entry over the bus may use no variable but \${${tenantVariable}}: it could send away what the agent keeps in its environment`;
  return undefined;
}
