// The only file of this tier that imports msal-node, and only when a sign-in starts. It keeps nothing: every sign-in gets
// a client of its own, and nothing is written to disk.
import type { PublicClientApplication } from '@azure/msal-node';
import * as z from 'zod';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { EntraNetwork } from './entra-network.ts';
import type { SignedIn, SignInRequest } from './sign-in.ts';

export interface BrowserRequest extends SignInRequest {
  openBrowser: (url: string) => Promise<void>;
  successPage: string;
  errorPage: string;
}

export interface DeviceCode {
  userCode: string;
  verificationUri: string;
  /** Milliseconds since the epoch. */
  expiresAt: number;
}

export interface DeviceCodeRequest extends SignInRequest {
  onCode: (code: DeviceCode) => void;
}

/** A cache without a refresh token would serve for an hour and then need a person again. */
const cacheSchema = z.looseObject({
  RefreshToken: z.record(z.string(), z.unknown()).refine((tokens) => Object.keys(tokens).length > 0),
});

/** Throws what MSAL throws; see `describeSignInFailure`. */
export async function acquireWithBrowser(request: BrowserRequest, network: EntraNetwork): Promise<SignedIn> {
  const client = await createClient(request, network);
  const result = await client.acquireTokenInteractive({
    scopes: [...request.scopes],
    openBrowser: request.openBrowser,
    successTemplate: request.successPage,
    errorTemplate: request.errorPage,
    // Without a hint Entra would take whoever is signed in to the browser.
    ...(request.loginHint === undefined ? { prompt: 'select_account' } : { loginHint: request.loginHint }),
    ...(request.claims !== undefined && { claims: request.claims }),
  });
  return readResult(result, client);
}

/** Throws what MSAL throws; see `describeSignInFailure`. */
export async function acquireWithDeviceCode(request: DeviceCodeRequest, network: EntraNetwork): Promise<SignedIn> {
  const client = await createClient(request, network);
  const result = await client.acquireTokenByDeviceCode({
    scopes: [...request.scopes],
    ...(request.claims !== undefined && { claims: request.claims }),
    deviceCodeCallback: ({ userCode, verificationUri, expiresIn }) => {
      // The library reads a refusal as a code without members and would poll without end.
      if (!userCode || !verificationUri) throw new Error('no device code');
      const seconds = expiresIn > 0 ? expiresIn : 900;
      request.onCode({ userCode, verificationUri, expiresAt: Date.now() + seconds * 1_000 });
    },
  });
  return readResult(result, client);
}

async function createClient(request: SignInRequest, network: EntraNetwork): Promise<PublicClientApplication> {
  const msal = await import('@azure/msal-node');
  return new msal.PublicClientApplication({
    auth: {
      clientId: request.clientId,
      authority: request.authority,
      // Else the library asks the public cloud whether this host is one of Microsoft's.
      knownAuthorities: [new URL(request.authority).host],
    },
    system: {
      disableInternalRetries: true,
      networkClient: {
        sendGetRequestAsync: async <T>(url: string, options?: { headers?: Record<string, string> }) =>
          (await network.send({ method: 'GET', url, headers: options?.headers })) as {
            status: number;
            headers: Record<string, string>;
            body: T;
          },
        sendPostRequestAsync: async <T>(url: string, options?: { headers?: Record<string, string>; body?: string }) =>
          (await network.send({ method: 'POST', url, headers: options?.headers, body: options?.body ?? '' })) as {
            status: number;
            headers: Record<string, string>;
            body: T;
          },
      },
    },
  });
}

function readResult(
  result: Awaited<ReturnType<PublicClientApplication['acquireTokenInteractive']>> | null,
  client: PublicClientApplication,
): SignedIn {
  const account = result?.account;
  if (!result?.accessToken || !account) {
    throw new RockBotError({
      code: 'server_unavailable',
      message: 'Microsoft Entra ended the sign-in without a token.',
      action: 'Try again in a minute.',
    });
  }
  const cache = client.getTokenCache().serialize();
  if (!cacheSchema.safeParse(JSON.parse(cache)).success) {
    throw new RockBotError({
      code: 'admin_action_required',
      message: 'Microsoft Entra gave no refresh token, so the agent could not stay connected.',
      action: 'Ask the operator to check that WorkIQ__Scopes and the app registration allow offline_access.',
    });
  }
  return {
    account: { id: account.localAccountId, username: account.username, tenantId: account.tenantId },
    cache,
  };
}
