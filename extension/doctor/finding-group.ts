// Findings in the groups that people read them in, and what they are called there; pure.
import type { Finding } from '../../shared/contract/check-messages.ts';
import { cleanLine } from '../results/clean-text.ts';

export const findingGroups = ['This side', 'Bus', 'Agent', 'Microsoft 365', 'Servers'] as const;

export type FindingGroup = (typeof findingGroups)[number];

const groupOfArea: Readonly<Record<string, FindingGroup>> = {
  settings: 'This side',
  bus: 'Bus',
  agent: 'Agent',
  entra: 'Microsoft 365',
  'sign-in': 'Microsoft 365',
  servers: 'Servers',
  server: 'Servers',
};

/** One of an agent of another version may be of an area that is not known here. */
export function groupOf({ id }: Pick<Finding, 'id'>): FindingGroup {
  if (id === 'bus.credentials') return 'This side';
  return groupOfArea[id.split('.', 1)[0] ?? ''] ?? 'Agent';
}

export function titleOf({ name, of }: Pick<Finding, 'name' | 'of'>): string {
  return cleanLine(of === undefined ? name : `${of} · ${name}`);
}
