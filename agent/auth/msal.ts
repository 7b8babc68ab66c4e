// One MSAL application for one account's cache: refreshes and serialises. The only file of the agent that imports msal-node.
import type { PublicClientApplication } from '@azure/msal-node';
import type { CachedAccount } from './cache-envelope.ts';
import type { TokenEndpointClient } from './token-endpoint.ts';
import { refreshFailure } from './refresh-failure.ts';

export interface RefreshedToken {
  secret: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
  /** The account that Entra says the token is of. */
  account: CachedAccount;
  /** Scopes as granted; never ask for these again, ask for the requested ones (AADSTS70011, 90009). */
  grantedScopes: string[];
}

export interface MsalSession {
  /**
   * Uses the refresh token, whatever access token is cached. `claims` is the JSON text of a claims challenge.
   * Throws RefreshFailure. Calls must not overlap: MSAL's failure details are read from its network client.
   */
  refresh(options: { scopes: readonly string[]; claims?: string | undefined }): Promise<RefreshedToken>;
  /** The whole cache, synchronously, so that nothing can come between a refresh and what is stored of it. */
  serialize(): string;
}

export interface MsalSessionOptions {
  clientId: string;
  /** Absolute URL with the tenant. */
  authority: string;
  account: CachedAccount;
  /** Serialized cache; a new application per hand-off, because MSAL merges when it deserialises. */
  cache: string;
  network: TokenEndpointClient;
}

export function openMsalSession(options: MsalSessionOptions): MsalSession {
  // Loading MSAL costs tens of milliseconds and is needed at the first refresh only.
  let application: Promise<PublicClientApplication> | undefined;
  let current: PublicClientApplication | undefined;
  const load = async (): Promise<PublicClientApplication> => {
    current = await createApplication(options);
    return current;
  };
  return {
    async refresh({ scopes, claims }) {
      application ??= load();
      const { account, network } = options;
      try {
        const result = await (
          await application
        ).acquireTokenSilent({
          account: { ...account, localAccountId: account.id },
          scopes: [...scopes],
          forceRefresh: true,
          ...(claims !== undefined && { claims }),
        });
        // An answer without a token resolves with an empty one (measured with 7.2.1).
        if (result.accessToken === '' || result.expiresOn === null || result.account === null)
          throw new Error('MSAL returned no token.');
        return {
          secret: result.accessToken,
          expiresAt: result.expiresOn.getTime(),
          account: {
            id: result.account.localAccountId,
            username: result.account.username,
            tenantId: result.account.tenantId,
            homeAccountId: result.account.homeAccountId,
            environment: result.account.environment,
          },
          grantedScopes: result.scopes,
        };
      } catch (error) {
        throw refreshFailure(error, network.takeFailure());
      }
    },
    serialize: () => current?.getTokenCache().serialize() ?? options.cache,
  };
}

async function createApplication({
  clientId,
  authority,
  cache,
  network,
}: MsalSessionOptions): Promise<PublicClientApplication> {
  const { PublicClientApplication } = await import('@azure/msal-node');
  const application = new PublicClientApplication({
    auth: { clientId, authority, knownAuthorities: [new URL(authority).host], clientCapabilities: ['CP1'] },
    system: { networkClient: network },
  });
  application.getTokenCache().deserialize(cache);
  return application;
}
