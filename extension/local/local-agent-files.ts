// Where a local agent keeps what in its data folder, and the keys of its bus there.
import { join } from 'node:path';
import type { BusCredentials } from '../bus/bus-credentials.ts';
import { seedFile } from '../consent/seed-file.ts';

/** The same after every restart. */
export function busKey(dataDir: string, user: 'agent' | 'ui'): Promise<BusCredentials> {
  return seedFile({
    path: busKeyPath(dataDir, user),
    what: 'bus key',
    whenRemoved: 'a new one is made at the next start. After that disconnect and connect M365 once.',
  });
}

export function busKeyPath(dataDir: string, user: 'agent' | 'ui'): string {
  return join(dataDir, 'bus', `${user}.nk`);
}

export function agentFolder(dataDir: string): string {
  return join(dataDir, 'agent');
}

export function mcpConfigPath(dataDir: string): string {
  return join(agentFolder(dataDir), 'mcp.json');
}
