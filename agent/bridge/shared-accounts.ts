// Which accounts a server's calls are counted in beside its own: its profile's, and those of entries whose limits it inherits.
import type { SharedAccount } from './call-budget.ts';
import type { Inherited } from './inherited-restrictions.ts';

export function sharedAccounts({
  profile,
  inherited,
}: {
  profile: { name: string; limits: SharedAccount['limits'] | undefined } | undefined;
  inherited: Inherited;
}): SharedAccount[] {
  const ofEntries = inherited.entries.map(({ name, limits: { callsPerDay, callsPerDayPerCaller } = {} }) => ({
    kind: 'server' as const,
    of: name,
    limits: {
      ...(callsPerDay !== undefined && { callsPerDay }),
      ...(callsPerDayPerCaller !== undefined && { callsPerDayPerCaller }),
    },
    place: `"limits" of "${name}" in mcp.json`,
  }));
  if (profile === undefined) return ofEntries;
  const { name, limits = {} } = profile;
  const prefix = name === 'workiq' ? 'WorkIQ__' : `Auth__Profiles__${name}__`;
  const place = `${prefix}CallsPerDay or ${prefix}CallsPerDayPerCaller`;
  return [...ofEntries, { kind: 'profile', of: name, limits, place }];
}
