// Receives a hand-off: opens it, checks everything that can be checked, proves it with Entra, and only then swaps it in.
// Each refusal leaves the old connection as it was.
import type { CryptoKey } from 'jose';
import type { Clock } from '../../shared/clock.ts';
import type { HandOffReceipt } from '../../shared/contract/auth-messages.ts';
import {
  clockSkewSeconds,
  freeGeneration,
  maxGenerationStep,
  maxLifetimeSeconds,
  type HandOffClaims,
} from '../../shared/hand-off/hand-off-claims.ts';
import { openHandOff, refusal } from '../../shared/hand-off/open-hand-off.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { AccountSession } from './account-session.ts';
import type { CachedAccount } from './cache-envelope.ts';
import type { MsalSession, RefreshedToken } from './msal.ts';
import { isExpectedAccount, isTrustedSigner, same, type ConnectionRules } from './connection-rules.ts';
import { accountsOf, cacheOfAccount, parseMsalCache, type MsalCache } from './msal-cache.ts';
import { errorOfFailure, RefreshFailure } from './refresh-failure.ts';

export interface HandOffReceiverOptions extends ConnectionRules {
  session: Pick<AccountSession, 'pins' | 'replace' | 'state'>;
  privateKey: CryptoKey | Uint8Array;
  /** `kid` of the agent's key. */
  keyId: string;
  tenantId: string;
  clientId: string;
  scopes: readonly string[];
  openMsal: (connection: { account: CachedAccount; cache: string }) => MsalSession;
  clock: Clock;
}

const signInAgain = 'Sign in again.';

export class HandOffReceiver {
  readonly #options: HandOffReceiverOptions;
  readonly #queue = new SerialQueue();
  /** Ids of hand-offs that were opened, until they expire: also a refused one is not tried twice. */
  readonly #seen = new Map<string, number>();

  constructor(options: HandOffReceiverOptions) {
    this.#options = options;
  }

  /** One hand-off at a time. Throws RockBotError `handoff_refused` with a reason, or `internal` when it cannot be stored. */
  receive(sealed: string): Promise<HandOffReceipt> {
    return this.#queue.run(async () => {
      const claims = await openHandOff({ sealed, privateKey: this.#options.privateKey });
      this.#checkSigner(claims);
      this.#checkFreshness(claims);
      const { account, cache } = this.#checkCache(claims);
      const msal = this.#options.openMsal({ account, cache });
      const refreshed = await this.#prove(msal);
      this.#checkAccount(refreshed.account, claims);
      const now = new Date(this.#options.clock.now()).toISOString();
      await this.#options.session.replace({
        generation: claims.gen,
        connection: {
          account: refreshed.account,
          scopes: [...this.#options.scopes],
          signer: claims.iss,
          connectedAt: now,
          lastRefreshAt: now,
          accessTokens: {},
          cache,
        },
        msal,
        refreshed,
      });
      const state = this.#options.session.state();
      return {
        account: {
          id: refreshed.account.id,
          username: refreshed.account.username,
          tenantId: refreshed.account.tenantId,
        },
        generation: claims.gen,
        scopes: refreshed.grantedScopes,
        accessTokenExpiresAt: new Date(refreshed.expiresAt).toISOString(),
        state,
      };
    });
  }

  #checkSigner({ iss, aud }: HandOffClaims): void {
    const { trustedSigners, session, keyId } = this.#options;
    if (aud !== keyId) throw refusal('unreadable', 'The hand-off is addressed to another agent.', signInAgain);
    if (trustedSigners.length > 0 ? isTrustedSigner({ trustedSigners }, iss) : (session.pins().signer ?? iss) === iss)
      return;
    throw refusal(
      'signer',
      `The signer ${iss} may not connect this agent.`,
      trustedSigners.length > 0
        ? 'Ask the operator to add this public nkey to WorkIQ__TrustedSigners.'
        : 'Sign in from the client that connected first, or disconnect there; that lifts the pin.',
    );
  }

  #checkFreshness({ iat, exp, jti, gen, tenantId }: HandOffClaims): void {
    const now = this.#options.clock.now() / 1000;
    if (exp - iat > maxLifetimeSeconds || exp <= iat || now > exp + clockSkewSeconds || now < iat - clockSkewSeconds) {
      throw refusal(
        'expired',
        'The hand-off is not of this time.',
        'Check the clocks of both machines and sign in again.',
      );
    }
    if (tenantId.toLowerCase() !== this.#options.tenantId.toLowerCase()) throw this.#foreignTenant(tenantId);
    for (const [id, until] of this.#seen) if (until < now) this.#seen.delete(id);
    const { generation } = this.#options.session.pins();
    if (gen > Math.max(freeGeneration, generation + maxGenerationStep)) {
      throw refusal(
        'replay',
        'The generation of the hand-off is out of range.',
        'Use the next number after state.generation.',
      );
    }
    if (this.#seen.has(jti) || gen <= generation) {
      throw refusal(
        'replay',
        'This hand-off, or a later one, was received before.',
        'Sign in again; a new hand-off is made.',
      );
    }
    this.#seen.set(jti, exp + clockSkewSeconds);
  }

  #checkCache(claims: HandOffClaims): { account: CachedAccount; cache: string } {
    const { clientId } = this.#options;
    const cache = parseCache(claims.cache);
    const accounts = accountsOf(cache, clientId);
    const account = accounts.find(
      ({ id, homeAccountId }) => claims.accountId === id || claims.accountId === homeAccountId,
    );
    if (account === undefined) {
      if (accounts.length > 0)
        throw refusal('account', 'The token cache is of another account than the hand-off says.', signInAgain);
      throw refusal('unreadable', 'The token cache holds no refresh token of this app.', signInAgain);
    }
    if (account.tenantId.toLowerCase() !== this.#options.tenantId.toLowerCase())
      throw this.#foreignTenant(account.tenantId);
    this.#checkAccount(account, claims);
    return { account, cache: cacheOfAccount(cache, account, clientId) };
  }

  #checkAccount(account: CachedAccount, claims: HandOffClaims): void {
    const { expectedAccount, session } = this.#options;
    if (!same(account.username, claims.username)) {
      throw refusal('account', 'The token cache is of another account than the hand-off says.', signInAgain);
    }
    if (expectedAccount !== undefined) {
      if (isExpectedAccount({ expectedAccount }, account)) return;
      throw refusal(
        'account',
        `This agent is for ${expectedAccount}, not for ${account.username}.`,
        `Sign in as ${expectedAccount}.`,
      );
    }
    const pinned = session.pins().homeAccountId;
    if (pinned === undefined || pinned === account.homeAccountId) return;
    const current = session.state().account?.username ?? 'another account';
    throw refusal('account', `This agent is connected as ${current}.`, `Sign in as ${current}, or disconnect first.`);
  }

  #foreignTenant(tenantId: string): Error {
    return refusal(
      'tenant',
      `The sign-in is of tenant ${tenantId}, the agent's is ${this.#options.tenantId}.`,
      "Sign in with an account of the agent's tenant.",
    );
  }

  async #prove(msal: MsalSession): Promise<RefreshedToken> {
    try {
      return await msal.refresh({ scopes: this.#options.scopes });
    } catch (error) {
      if (!(error instanceof RefreshFailure)) throw error;
      const { message, action } = errorOfFailure(error);
      throw refusal('refresh_failed', `The agent could not use the sign-in: ${message}`, action ?? signInAgain, error);
    }
  }
}

function parseCache(encoded: string): MsalCache {
  try {
    return parseMsalCache(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(encoded, 'base64url')));
  } catch (error) {
    throw refusal('unreadable', 'The hand-off holds no MSAL token cache.', signInAgain, error);
  }
}
