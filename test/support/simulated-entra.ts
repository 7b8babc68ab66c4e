// Entra at the port of the agent's account session, in simulated time: what it refuses, when, and why.
import { SignInHistory } from '../../agent/auth/sign-in-history.ts';
import { AccountSession, type AccountSessionOptions } from '../../agent/auth/account-session.ts';
import type { AuthHealthEffect } from '../../agent/auth/auth-health.ts';
import type { CacheEnvelope, CachedAccount } from '../../agent/auth/cache-envelope.ts';
import type { MsalSession, RefreshedToken } from '../../agent/auth/msal.ts';
import { createProfiles } from '../../agent/auth/profiles.ts';
import { refreshFailure } from '../../agent/auth/refresh-failure.ts';
import type { TokenProvider } from '../../agent/auth/token-provider.ts';
import type { Logger } from '../../agent/logger.ts';
import type { Clock } from '../../shared/clock.ts';

const minute = 60_000;
const scopes = ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask', 'offline_access'];
const account: CachedAccount = {
  id: '0c6bc4a2-337b-4672-9bcd-6aa53af1b02a',
  username: 'adele@contoso.example',
  tenantId: 'tenant',
  homeAccountId: 'home',
  environment: 'login.microsoftonline.com',
};

export class SimulatedEntra {
  readonly #clock: Clock;
  #signedInAt = 0;
  /** Of the grant in force; tokens of an earlier one are refused. */
  #grant = 0;
  #refusal: string | undefined;
  isAway = false;
  /** Milliseconds after a sign-in at which the next one is asked for. */
  signInFrequencyMs: number | undefined;
  tokenRequests = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  signIn(): void {
    this.#signedInAt = this.#clock.now();
    this.#grant++;
    this.#refusal = undefined;
  }

  /** `description` as in Entra's answers. */
  revoke(description: string): void {
    this.#refusal = description;
  }

  /** Continuous access evaluation: a server asks whether the token still holds. */
  accepts(token: string): boolean {
    return this.#refusal === undefined && token.startsWith(`${this.#grant}.`);
  }

  refresh(grant: number): RefreshedToken {
    this.tokenRequests++;
    if (this.isAway) throw refreshFailure(new Error('no answer'), {});
    const isTooOld =
      this.signInFrequencyMs !== undefined && this.#clock.now() - this.#signedInAt >= this.signInFrequencyMs;
    const description = isTooOld
      ? 'AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks by conditional access.'
      : grant === this.#grant
        ? this.#refusal
        : 'AADSTS50173: The provided grant has expired due to it being revoked.';
    if (description !== undefined)
      throw refreshFailure(new Error('refused'), { status: 400, error: 'invalid_grant', description });
    const expiresAt = this.#clock.now() + 75 * minute;
    return { secret: `${grant}.${expiresAt}`, expiresAt, account, grantedScopes: scopes };
  }

  openMsal(grant = this.#grant): MsalSession {
    const cache = JSON.stringify({
      Account: {},
      IdToken: {},
      AccessToken: {},
      RefreshToken: {},
      AppMetadata: {},
      grant,
    });
    return { refresh: async () => this.refresh(grant), serialize: () => cache };
  }
}

/** What the agent keeps of its sign-in over restarts. */
export interface SimulatedVolume {
  envelope?: CacheEnvelope;
  history?: string;
}

export interface SimulatedAccount {
  session: AccountSession;
  workiq: TokenProvider;
  /** As a hand-off does it. */
  handOff(): Promise<void>;
}

export async function openSimulatedAccount({
  entra,
  volume,
  clock,
  logger,
  onEffect,
}: {
  entra: SimulatedEntra;
  volume: SimulatedVolume;
  clock: Clock;
  logger: Logger;
  onEffect: (effect: AuthHealthEffect) => void;
}): Promise<SimulatedAccount> {
  const store: AccountSessionOptions['store'] = {
    load: async () =>
      volume.envelope === undefined ? { kind: 'none' } : { kind: 'loaded', envelope: structuredClone(volume.envelope) },
    save: async (envelope) => {
      volume.envelope = structuredClone(envelope);
    },
    setAside: async () => {
      throw new Error('nothing here is ever damaged');
    },
    holds: async () => true,
    idle: async () => undefined,
  };
  const history = await SignInHistory.open(
    {
      load: async () => volume.history,
      saveSoon: (text) => {
        volume.history = text();
      },
      close: async () => undefined,
    },
    () => undefined,
  );
  const session = new AccountSession({
    tenantId: 'tenant',
    clientId: 'client',
    authority: 'https://login.microsoftonline.com/tenant',
    primaryScopes: scopes,
    rules: { trustedSigners: [] },
    store,
    history,
    openMsal: ({ cache }) => entra.openMsal((JSON.parse(cache) as { grant: number }).grant),
    clock,
    logger,
    onEffect: (effect) => {
      onEffect(effect);
    },
  });
  await session.start();
  const workiq = createProfiles(session, [{ name: 'workiq', scopes, allowedOrigins: [] }]).get('workiq');
  if (workiq === undefined) throw new Error('There is no profile.');
  return {
    session,
    workiq,
    async handOff() {
      const msal = entra.openMsal();
      const refreshed = await msal.refresh({ scopes });
      const now = new Date(clock.now()).toISOString();
      await session.replace({
        generation: session.pins().generation + 1,
        connection: {
          account,
          scopes,
          signer: 'U',
          connectedAt: now,
          lastRefreshAt: now,
          accessTokens: {},
          cache: msal.serialize(),
        },
        msal,
        refreshed,
      });
    },
  };
}
