// The registry of named profiles: each a TokenProvider of its own audience on the one account.
import type { Guards } from '../../shared/guards/parse-guards.ts';
import type { AccountSession } from './account-session.ts';
import { scopeKey } from './scope-key.ts';
import type { TokenProvider } from './token-provider.ts';

export interface ProfileOptions {
  name: string;
  /** As requested, OpenID scopes included. */
  scopes: readonly string[];
  allowedOrigins: readonly string[];
  /** Hold for every server that uses the profile. */
  guards?: Guards | undefined;
}

export function createProfiles(
  session: AccountSession,
  profiles: readonly ProfileOptions[],
): ReadonlyMap<string, TokenProvider> {
  return new Map(profiles.map((profile) => [profile.name, createProvider(session, profile)]));
}

function createProvider(session: AccountSession, { name, scopes, allowedOrigins }: ProfileOptions): TokenProvider {
  const key = scopeKey(scopes);
  return {
    profile: name,
    allowedOrigins: new Set(allowedOrigins),
    token: (signal) => session.token(scopes, key, signal),
    refresh: (options) => session.refresh(scopes, key, options),
  };
}
