// The servers of an mcp.json as they are written, to tell which of them differ between two texts. Pure.
import { isDeepStrictEqual } from 'node:util';
import type { AppliedMcpFile } from '../../shared/contract/manage-messages.ts';
import { isRecord } from '../../shared/is-record.ts';
import { registeredMark } from '../../shared/mcp-config/server-entry.ts';
import { parseJsonc } from '../../shared/parse-jsonc.ts';

type Entries = ReadonlyMap<string, unknown>;

export interface FileEntries {
  /** As the agent reads them: `mcpServers` wins. */
  effective: Entries;
  mcpServers: Entries;
  servers: Entries;
}

/** Of a text that is no object of servers: none. */
export function entriesOf(text: string): FileEntries {
  const json = parseJsonc(text);
  const value = json.ok ? json.value : {};
  const mcpServers = members(value, 'mcpServers');
  const servers = members(value, 'servers');
  return { effective: new Map([...servers, ...mcpServers]), mcpServers, servers };
}

function members(value: unknown, key: string): Entries {
  const found: unknown = isRecord(value) ? value[key] : undefined;
  return new Map(isRecord(found) ? Object.entries(found) : []);
}

/** Names of servers. */
export type EntryChanges = Pick<AppliedMcpFile, 'added' | 'changed' | 'removed' | 'unchanged'>;

/** It came over the bus; anything else is the operator's. */
export function isRegistered({ mcpServers }: FileEntries, name: string): boolean {
  const entry = mcpServers.get(name);
  return isRecord(entry) && entry[registeredMark] === true;
}

/** As values: white space, comments and the order of keys do not count. */
export function isSame(one: Entries, other: Entries, name: string): boolean {
  return one.has(name) === other.has(name) && isDeepStrictEqual(one.get(name), other.get(name));
}

/** Names in the order of the texts. */
export function differences(before: Entries, after: Entries): EntryChanges {
  const names = [...after.keys()];
  return {
    added: names.filter((name) => !before.has(name)),
    changed: names.filter((name) => before.has(name) && !isSame(before, after, name)),
    removed: [...before.keys()].filter((name) => !after.has(name)),
    unchanged: names.filter((name) => isSame(before, after, name)),
  };
}
