// What an entry that came over the bus takes over from entries of the operator: whoever may register cannot have an account or
// a server that the operator has restricted, without the restrictions and on a budget of its own.
import type { ParsedServer } from '../../shared/mcp-config/parse-mcp-config.ts';
import type { CallLimits, ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import { serverAddress } from './server-address.ts';

export interface InheritedEntry extends Pick<ServerEntry, 'guards' | 'limits' | 'allowedTools' | 'deniedTools'> {
  name: string;
}

export interface Inherited {
  /** Each of them holds, beside what the entry says of itself. */
  entries: readonly InheritedEntry[];
  /** The operator has switched off the server at this address. */
  isDisabled: boolean;
}

export const nothingInherited: Inherited = { entries: [], isDisabled: false };

/** An entry of the operator. */
export interface OperatorsEntry {
  name: string;
  /** Of its profile and of its server, as far as they can be read. */
  profile: string | undefined;
  address: string | undefined;
  /** Undefined when it restricts something and cannot be read. */
  entry: ServerEntry | undefined;
}

type Lookup = (name: string) => string | undefined;

/** `inForce`: the last good entry of a name. */
export function operatorsEntries(
  servers: readonly ParsedServer[],
  { inForce, lookup }: { inForce: (name: string) => ServerEntry | undefined; lookup: Lookup },
): OperatorsEntry[] {
  return servers.flatMap(({ name, entry, meant, mustStop }) => {
    if (meant.isRegistered) return [];
    const used = entry ?? (mustStop ? undefined : inForce(name));
    if (used === undefined && !mustStop && !meant.restricts) return [];
    const url = used === undefined ? meant.url : urlOf(used);
    const profile = used === undefined ? meant.profile : profileOf(used);
    const address = url === undefined ? undefined : serverAddress(url, lookup);
    return [{ name, profile, address, entry: used }];
  });
}

/**
 * What holds for an entry that came over the bus: of every entry of the operator with its profile or its address. `blockedBy`
 * names one of them that restricts something nobody can read, so that it cannot be inherited.
 */
export function inheritedBy(
  entry: ServerEntry,
  operators: readonly OperatorsEntry[],
  lookup: Lookup,
): Inherited & { blockedBy?: string } {
  const url = urlOf(entry);
  const profile = profileOf(entry);
  const address = url === undefined ? undefined : serverAddress(url, lookup);
  const isSameServer = (one: OperatorsEntry): boolean => address !== undefined && one.address === address;
  const related = operators.filter((one) => isSameServer(one) || (profile !== undefined && one.profile === profile));
  const blocking = related.find((one) => one.entry === undefined);
  if (blocking !== undefined) return { ...nothingInherited, blockedBy: blocking.name };
  return {
    entries: related.flatMap(({ name, entry: from }) => (from === undefined ? [] : [restrictionsOf(name, from)])),
    isDisabled: related.some((one) => isSameServer(one) && one.entry?.enabled === false),
  };
}

/** The entry with as few calls at a time as those it inherits from may have. */
export function withInherited(entry: ServerEntry, { entries, isDisabled }: Inherited): ServerEntry {
  const least = (key: 'concurrent' | 'queued'): CallLimits => {
    const numbers = [entry, ...entries].flatMap(({ limits }) => limits?.[key] ?? []);
    return numbers.length === 0 ? {} : { [key]: Math.min(...numbers) };
  };
  if (entries.length === 0 && !isDisabled) return entry;
  return {
    ...entry,
    enabled: entry.enabled && !isDisabled,
    limits: { ...entry.limits, ...least('concurrent'), ...least('queued') },
  };
}

function restrictionsOf(name: string, { guards, limits, allowedTools, deniedTools }: ServerEntry): InheritedEntry {
  return { name, guards, limits, allowedTools, deniedTools };
}

function urlOf(entry: ServerEntry): string | undefined {
  return entry.type === 'stdio' ? undefined : entry.url;
}

function profileOf(entry: ServerEntry): string | undefined {
  return entry.type === 'stdio' ? undefined : entry.auth?.profile;
}
