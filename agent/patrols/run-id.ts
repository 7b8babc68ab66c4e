// Ids of runs: of an occurrence always the same, so that it cannot leave two records; of other runs new ones. They sort by time.
import { createHash, randomBytes } from 'node:crypto';
import type { Occurrence } from '../../shared/patrols/timetable.ts';

/** `20270301T064500Z-` and 12 hexadecimal digits. */
export function runIdOf({ id, scheduledAt }: Pick<Occurrence, 'id' | 'scheduledAt'>): string {
  return `${stamp(scheduledAt)}-${createHash('sha256').update(id).digest('hex').slice(0, 12)}`;
}

export function newRunId(now: number): string {
  return `${stamp(now)}-${randomBytes(6).toString('hex')}`;
}

function stamp(instant: number): string {
  return new Date(instant).toISOString().replace(/\.\d+|[-:]/g, '');
}
