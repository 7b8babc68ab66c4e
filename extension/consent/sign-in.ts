// What a sign-in needs and what it yields, derived from the agent's profile; it knows neither library nor flow.
import type { Account } from '../../shared/contract/auth-state.ts';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';

export interface SignInRequest {
  tenantId: string;
  clientId: string;
  /** Absolute URL including the tenant. */
  authority: string;
  /** OpenID scopes included; always what is first requested, never what was granted. */
  scopes: readonly string[];
  loginHint?: string | undefined;
  /** A claims challenge that the agent met and this sign-in has to satisfy. */
  claims?: string | undefined;
}

export interface SignedIn {
  account: Account;
  /** The library's whole serialized cache. A secret: hand it off and let it go. */
  cache: string;
}

export interface SignInOverrides {
  tenantId?: string | undefined;
  clientId?: string | undefined;
}

export function signInRequestOf(profile: AuthProfile, overrides: SignInOverrides = {}): SignInRequest {
  const { state, expectedAccount } = profile;
  const tenantId = overrides.tenantId || profile.tenantId;
  const loginHint = [expectedAccount, state.account?.username].find((name) => name?.includes('@'));
  return {
    tenantId,
    clientId: overrides.clientId || profile.clientId,
    authority: profile.authority.replace(profile.tenantId, tenantId),
    scopes: profile.scopes,
    loginHint,
    claims: state.status === 'connected' ? undefined : state.reason?.claims,
  };
}
