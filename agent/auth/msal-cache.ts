// The shape of MSAL's serialized cache: checks it before MSAL sees it and keeps one account's part. It imports no MSAL.
// Source: JsonCache and the Serialized*Entity types of @azure/msal-node 7.
import * as z from 'zod';
import type { CachedAccount } from './cache-envelope.ts';

const accountSchema = z.looseObject({
  home_account_id: z.string().min(1),
  environment: z.string().min(1),
  realm: z.string(),
  local_account_id: z.string().min(1),
  username: z.string(),
});
const credential = {
  home_account_id: z.string(),
  environment: z.string(),
  client_id: z.string(),
  secret: z.string().min(1),
};
const idTokenSchema = z.looseObject({ ...credential, realm: z.string() });
const accessTokenSchema = z.looseObject({
  ...credential,
  realm: z.string(),
  target: z.string(),
  /** Seconds since the epoch, as text. */
  cached_at: z.string(),
  expires_on: z.string(),
});
const refreshTokenSchema = z.looseObject(credential);

const section = <Schema extends z.ZodType>(entry: Schema) => z.record(z.string(), entry).default({});

const cacheSchema = z.looseObject({
  Account: section(accountSchema),
  IdToken: section(idTokenSchema),
  AccessToken: section(accessTokenSchema),
  RefreshToken: section(refreshTokenSchema),
  AppMetadata: section(z.looseObject({ client_id: z.string(), environment: z.string() })),
});

export type MsalCache = z.infer<typeof cacheSchema>;

/** Parses a serialized cache. Throws SyntaxError or ZodError; never hands MSAL something that is not a cache. */
export function parseMsalCache(text: string): MsalCache {
  return cacheSchema.parse(JSON.parse(text));
}

/** The accounts of the cache that have a refresh token for `clientId`. */
export function accountsOf(cache: MsalCache, clientId: string): CachedAccount[] {
  return Object.values(cache.Account)
    .filter((account) => Object.values(cache.RefreshToken).some((token) => isRefreshTokenOf(token, account, clientId)))
    .map((account) => ({
      homeAccountId: account.home_account_id,
      environment: account.environment,
      id: account.local_account_id,
      username: account.username,
      tenantId: account.realm,
    }));
}

/**
 * The part of one account and client: one refresh token, no access token (a stale one could hide that the refresh token is
 * no good), so that what is stored is what was proven.
 */
export function cacheOfAccount(cache: MsalCache, account: CachedAccount, clientId: string): string {
  const ofAccount = (entry: { home_account_id: string }): boolean => entry.home_account_id === account.homeAccountId;
  const refreshTokens = Object.entries(cache.RefreshToken).filter(([, token]) =>
    isRefreshTokenOf(token, { home_account_id: account.homeAccountId, environment: account.environment }, clientId),
  );
  return JSON.stringify({
    Account: pick(cache.Account, (entry) => ofAccount(entry) && entry.realm === account.tenantId),
    IdToken: pick(
      cache.IdToken,
      (entry) => ofAccount(entry) && entry.client_id === clientId && entry.realm === account.tenantId,
    ),
    AccessToken: {},
    RefreshToken: Object.fromEntries(refreshTokens.slice(-1)),
    AppMetadata: pick(cache.AppMetadata, (entry) => entry.client_id === clientId),
  });
}

export interface CachedAccessToken {
  secret: string;
  /** Milliseconds since the epoch. */
  obtainedAt: number;
  expiresAt: number;
}

/** The access token under `entryKey`, for a restarted agent that may use it without asking Entra. */
export function accessTokenAt(cache: MsalCache, entryKey: string): CachedAccessToken | undefined {
  const token = cache.AccessToken[entryKey];
  if (token === undefined) return undefined;
  const obtainedAt = Number(token.cached_at) * 1000;
  const expiresAt = Number(token.expires_on) * 1000;
  return Number.isFinite(obtainedAt) && Number.isFinite(expiresAt)
    ? { secret: token.secret, obtainedAt, expiresAt }
    : undefined;
}

/** Where the serialized cache holds the access token `secret`, filed under its scope key; nothing when it does not. */
export function accessTokenKeys(cache: string, scopeKey: string, secret: string): Record<string, string> {
  const entryKey = entryKeyOf(parseMsalCache(cache), secret);
  return entryKey === undefined ? {} : { [scopeKey]: entryKey };
}

/** The key under which the cache holds the access token `secret`. */
export function entryKeyOf(cache: MsalCache, secret: string): string | undefined {
  return Object.entries(cache.AccessToken).find(([, token]) => token.secret === secret)?.[0];
}

function isRefreshTokenOf(
  token: { home_account_id: string; client_id: string; environment: string },
  account: { home_account_id: string; environment: string },
  clientId: string,
): boolean {
  return (
    token.home_account_id === account.home_account_id &&
    token.environment === account.environment &&
    token.client_id === clientId
  );
}

function pick<Entry>(entries: Record<string, Entry>, keep: (entry: Entry) => boolean): Record<string, Entry> {
  return Object.fromEntries(Object.entries(entries).filter(([, entry]) => keep(entry)));
}
