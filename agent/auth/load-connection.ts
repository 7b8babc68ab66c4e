// Takes the connection up again that the volume holds; what cannot be used is set aside and said.
import type { AuthReason } from '../../shared/contract/auth-state.ts';
import type { Logger } from '../logger.ts';
import type { CacheEnvelope, Connection } from './cache-envelope.ts';
import type { CacheStore } from './cache-store.ts';
import { whyNotUsable, type ConnectionRules } from './connection-rules.ts';
import { accessTokenAt, parseMsalCache } from './msal-cache.ts';
import type { MsalSession } from './msal.ts';
import { holdToken, type HeldToken } from './refresh-schedule.ts';

export interface LiveConnection {
  connection: Connection;
  msal: MsalSession;
}

export interface LoadConnectionOptions {
  tenantId: string;
  clientId: string;
  rules: ConnectionRules;
  store: Pick<CacheStore, 'load' | 'setAside'>;
  openMsal: (connection: Pick<Connection, 'account' | 'cache'>) => MsalSession;
  logger: Logger;
}

export interface LoadedConnection {
  /** Of the last accepted hand-off; 0 when the volume holds none that can be read. */
  generation: number;
  live?: LiveConnection;
  /** Stored, sound, and not to be used under the operator's present rules; kept, so that earlier rules bring it back. */
  unused?: Connection;
  /** Access tokens that may still serve, by scope key. */
  held: ReadonlyMap<string, HeldToken>;
  /** Why there is no connection although a file was there. */
  note?: AuthReason;
}

/** Throws CacheKeyError when the configured key does not fit. */
export async function loadConnection(options: LoadConnectionOptions): Promise<LoadedConnection> {
  const { tenantId, clientId, store, openMsal, logger } = options;
  const loaded = await store.load();
  if (loaded.kind === 'none') return { generation: 0, held: new Map() };
  let generation = 0;
  let unusable = loaded;
  if (unusable.kind === 'loaded') {
    const { envelope, wasPlain } = unusable;
    if (wasPlain?.failure !== undefined) {
      logger.warn('The token cache is still plain on the volume: it could not be written encrypted.', {
        code: wasPlain.failure,
      });
    } else if (wasPlain !== undefined) logger.info('The token cache was plain on the volume; it is encrypted now.');
    ({ generation } = envelope);
    const isOurs = envelope.tenantId === tenantId && envelope.clientId === clientId;
    const stored = isOurs ? envelope.connection : undefined;
    const note = stored && whyNotUsable(options.rules, stored);
    if (stored !== undefined && note !== undefined) {
      logger.warn('The stored connection is not used.', { why: note.message });
      return { generation, unused: stored, held: new Map(), note };
    }
    const adopted = isOurs ? adopt(envelope, openMsal) : undefined;
    if (adopted !== undefined) return { generation, ...adopted };
    unusable = await store.setAside(
      isOurs ? 'The token cache is damaged.' : 'The token cache belongs to another tenant or app.',
    );
  }
  const { why, path } = unusable;
  logger.warn(`${why} It was set aside.`, { path });
  const note = { code: 'auth_required', message: `${why} It was kept as ${path}.`, action: 'Sign in again.' };
  return { generation, held: new Map(), note };
}

/** Undefined when MSAL's part is no cache. */
function adopt(
  { connection }: CacheEnvelope,
  openMsal: LoadConnectionOptions['openMsal'],
): Pick<LoadedConnection, 'live' | 'held'> | undefined {
  const held = new Map<string, HeldToken>();
  if (connection === undefined) return { held };
  try {
    const cache = parseMsalCache(connection.cache);
    const live = { connection, msal: openMsal(connection) };
    if (connection.expired !== undefined) return { live, held };
    for (const [key, entryKey] of Object.entries(connection.accessTokens)) {
      const token = accessTokenAt(cache, entryKey);
      if (token !== undefined) held.set(key, holdToken(token));
    }
    return { live, held };
  } catch {
    return undefined;
  }
}
