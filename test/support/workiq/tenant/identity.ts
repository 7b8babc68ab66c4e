// Identifiers and entity tags of the simulated tenant: stable for seeded things, counted for new ones. Knows no entity.
import { createHash } from 'node:crypto';

/** An Exchange-looking id that depends only on `key`, so that two runs with the same seed give the same ids. */
export function exchangeId(key: string): string {
  return `AAMkAGI2${createHash('sha256').update(key).digest('base64url').slice(0, 36)}AAA=`;
}

/** A drive item id in SharePoint's alphabet. */
export function driveItemId(key: string): string {
  return `01${createHash('sha256').update(key).digest('hex').slice(0, 32).toUpperCase()}`;
}

/** A version-4-looking GUID that depends only on `key`. */
export function stableGuid(key: string): string {
  const hex = createHash('sha256').update(key).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

export function threadId(key: string): string {
  return `19:${createHash('sha256').update(key).digest('hex').slice(0, 32)}@thread.v2`;
}

export function entityTag(id: string, version: number): string {
  const digest = createHash('sha256').update(`${id}#${version}`).digest('base64url').slice(0, 22);
  return `W/"CQAAABYAAA${digest}"`;
}

/** Hands out keys for things that come into being while the simulator runs. */
export type Sequence = { next(): number };

export function createSequence(): Sequence {
  let last = 0;
  return { next: () => ++last };
}
