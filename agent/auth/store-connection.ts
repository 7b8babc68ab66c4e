// Stores what changes of the connection so that it is certain to be on the volume, and says what to do when it is not.
import type { AuthReason } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { CacheEnvelope } from './cache-envelope.ts';
import type { CacheStore } from './cache-store.ts';

/** Stores `envelope` and reads it back. Throws RockBotError `internal`, with `before` on the volume again if it can be. */
export async function storeAndReadBack(
  store: Pick<CacheStore, 'save' | 'holds'>,
  { envelope, before }: { envelope: CacheEnvelope; before: CacheEnvelope },
): Promise<void> {
  try {
    await store.save(envelope);
    if (await store.holds(envelope)) return;
    throw new Error('The cache file does not hold what was written.');
  } catch (error) {
    await store.save(before).catch(() => undefined);
    throw new RockBotError({
      code: 'internal',
      message: `The agent could not store the connection (${errorCodeOf(error) ?? 'read back failed'}).`,
      action: "Make the agent's volume writable and free some space on it, then sign in again.",
      cause: error,
    });
  }
}

/** Throws RockBotError `internal`; the connection is then still on the volume. */
export async function storeWithoutConnection(store: Pick<CacheStore, 'save'>, envelope: CacheEnvelope): Promise<void> {
  try {
    await store.save({ ...envelope, connection: undefined });
  } catch (error) {
    throw new RockBotError({
      code: 'internal',
      message: `The connection could not be removed from the agent's volume (${errorCodeOf(error) ?? 'unknown'}); it is still in force.`,
      action: "Make the agent's volume writable and free some space on it, then disconnect again.",
      cause: error,
    });
  }
}

/** Why the connection is degraded while its cache cannot be written; `code` is the file system's. */
export function storeReason(code: string): AuthReason {
  return {
    code: 'internal',
    message: `The token cache could not be written (${code}); it is kept in memory and would be lost with a restart.`,
    action: "Make the agent's volume writable and free some space on it; the write is tried again by itself.",
  };
}

function errorCodeOf(error: unknown): string | undefined {
  return (error as NodeJS.ErrnoException).code;
}
