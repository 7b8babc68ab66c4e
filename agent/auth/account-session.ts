// The agent's connection to one Microsoft account: puts tokens, refreshes, storage and health together, and has the life of it
// all. It knows no bus, no bridge and no hand-off; msal-node is behind `MsalSession`.
import { abortable } from '../../shared/abort.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import { AccountHealth } from './account-health.ts';
import type { AuthHealth, AuthHealthEffect } from './auth-health.ts';
import type { Connection } from './cache-envelope.ts';
import type { CacheStore } from './cache-store.ts';
import { ConnectionInForce } from './connection-in-force.ts';
import type { ConnectionRules } from './connection-rules.ts';
import { ExpiredEpisode } from './expired-episode.ts';
import { HeldTokens } from './held-tokens.ts';
import { loadConnection } from './load-connection.ts';
import { accessTokenKeys } from './msal-cache.ts';
import type { MsalSession, RefreshedToken } from './msal.ts';
import { OutageGate } from './outage-gate.ts';
import { holdToken } from './refresh-schedule.ts';
import { scopeKey } from './scope-key.ts';
import { SignInOutlook, type SignInOutlookOptions } from './sign-in-outlook.ts';
import { storeReason } from './store-connection.ts';
import type { RefreshOptions } from './token-provider.ts';
import { TokenRefresher } from './token-refresher.ts';
import { UnaskedRefresh } from './unasked-refresh.ts';

export interface AccountSessionOptions {
  tenantId: string;
  clientId: string;
  /** Absolute URL with the tenant. */
  authority: string;
  /** The scopes that decide whether the account is connected; further ones fail on their own. */
  primaryScopes: readonly string[];
  rules: ConnectionRules;
  store: Pick<CacheStore, 'load' | 'save' | 'setAside' | 'holds' | 'idle'>;
  history: SignInOutlookOptions['history'];
  openMsal: (connection: Pick<Connection, 'account' | 'cache'>) => MsalSession;
  clock: Clock;
  logger: Logger;
  /** `later` for a notice that cannot be sent now; see `noticeSent`. */
  onEffect: (effect: AuthHealthEffect) => 'later' | void;
  onRefresh?: (outcome: 'ok' | 'failed') => void;
  /** Milliseconds, for refreshes and writes that fail. */
  backoff?: { baseMs: number; maxMs: number };
  /** Milliseconds between tries after a refusal that others can lift. */
  refusalBackoff?: { baseMs: number; maxMs: number };
}

/** A hand-off that was opened, checked and refreshed, and waits to be stored. */
export interface ProvenConnection {
  generation: number;
  connection: Connection;
  msal: MsalSession;
  refreshed: RefreshedToken;
}

const defaultBackoff = { baseMs: 1_000, maxMs: 60_000 };

export class AccountSession {
  readonly #options: AccountSessionOptions;
  readonly #primaryKey: string;
  readonly #queue = new SerialQueue();
  readonly #closing = new AbortController();
  readonly #held: HeldTokens;
  readonly #outages: OutageGate;
  readonly #connection: ConnectionInForce;
  readonly #health: AccountHealth;
  readonly #episode: ExpiredEpisode;
  readonly #refresher: TokenRefresher;
  readonly #unasked: UnaskedRefresh;

  constructor(options: AccountSessionOptions) {
    const { tenantId, clientId, authority, primaryScopes, clock, logger, backoff = defaultBackoff } = options;
    const closing = this.#closing.signal;
    const app = { tenantId, clientId, authority, scopes: primaryScopes };
    this.#options = options;
    this.#primaryKey = scopeKey(primaryScopes);
    const primaryKey = this.#primaryKey;
    const held = (this.#held = new HeldTokens({ clock }));
    const outages = (this.#outages = new OutageGate({ clock, backoff }));
    const connection = (this.#connection = new ConnectionInForce({
      tenantId,
      clientId,
      store: options.store,
      onStoreFailed: (code) => {
        logger.error('The token cache could not be written.', { code });
        health.dispatch({ type: 'store_failed', reason: storeReason(code) });
      },
      onStoreRecovered: () => {
        health.dispatch({ type: 'store_recovered' });
      },
      clock,
      backoff,
      closing,
    }));
    const outlook = new SignInOutlook({
      history: options.history,
      clock,
      closing,
      onEnd: (end) => {
        health.dispatch({ type: 'end_expected', end });
      },
    });
    const health = (this.#health = new AccountHealth({
      app,
      clock,
      onEffect: options.onEffect,
      onEvent: ({ type }, { connection: connected, expired, trouble }) => {
        if (type === 'end_expected') return;
        const isGood = connected !== undefined && expired === undefined;
        const isFailing = trouble.refresh !== undefined;
        outlook.follow(isGood ? connection.live?.connection : undefined, { isFailing });
      },
    }));
    const parts = { primaryKey, connection, health, outages, clock, closing };
    const episode = (this.#episode = new ExpiredEpisode({ health, connection, clock }));
    const refresher = (this.#refresher = new TokenRefresher({
      ...parts,
      app,
      episode,
      held,
      outlook,
      queue: this.#queue,
      logger,
      onRefresh: (outcome) => options.onRefresh?.(outcome),
      onOutcome: (outcome) => {
        if (outcome === 'expired') unasked.refusalBegan();
        unasked.wake();
      },
    }));
    const unasked = (this.#unasked = new UnaskedRefresh({
      ...parts,
      refusalBackoff: options.refusalBackoff,
      refresh: () =>
        refresher.refresh({ scopes: primaryScopes, key: primaryKey }).then(
          () => undefined,
          () => undefined,
        ),
      tryRefusedAgain: () => refresher.tryRefusedAgain(),
    }));
  }

  /** Loads what the volume holds. Throws CacheKeyError when the configured key does not fit. */
  async start(): Promise<void> {
    const loaded = await loadConnection(this.#options);
    const { generation, live, note } = loaded;
    this.#connection.takeUp(loaded);
    for (const [key, token] of loaded.held) this.#held.set(key, token);
    const { connectedAt, expired } = live?.connection ?? {};
    this.#health.dispatch({
      type: 'loaded',
      generation,
      note,
      since: expired?.at ?? connectedAt,
      noticeDue: expired?.announced === false,
      ...(live !== undefined && { connection: this.#connected(live.connection) }),
      ...(expired !== undefined && { expired: { episodeId: expired.episodeId, reason: expired.reason } }),
    });
    if (expired?.announced === false && this.#health.waitingNotice === undefined) this.noticeSent(expired.episodeId);
    this.#unasked.start();
  }

  state(): AuthState {
    return this.#health.state();
  }

  /** The notice of this episode, which had to wait, has been sent. */
  noticeSent(episodeId: string): void {
    this.#episode.noticeSent(episodeId);
  }

  /** What a further hand-off has to match; the generation outlives a disconnect. */
  pins(): { generation: number; homeAccountId?: string; signer?: string } {
    const { generation, live } = this.#connection;
    if (live === undefined) return { generation };
    const { account, signer } = live.connection;
    return { generation, homeAccountId: account.homeAccountId, signer };
  }

  /** See TokenProvider.token; `key` is `scopeKey(scopes)`. */
  token(scopes: readonly string[], key: string, signal?: AbortSignal): string | Promise<string> {
    return this.#held.fresh(key) ?? this.#tokenNearExpiry(scopes, key, signal);
  }

  /** See TokenProvider.refresh. */
  async refresh(scopes: readonly string[], key: string, { rejected, claims, signal }: RefreshOptions): Promise<string> {
    await this.#retriedRefusal(signal);
    const successor = this.#held.successor(key, { rejected, claims });
    if (successor !== undefined) return successor;
    return (await abortable(this.#refresher.refresh({ scopes, key, claims }), signal)).secret;
  }

  /**
   * Before a call: asks Entra once more when it refused for a reason that others can lift, at most once a minute. Undefined
   * when there is nothing to try; never rejects.
   */
  retryRefused(): Promise<void> | undefined {
    return this.#unasked.retryForCall();
  }

  /** Stores a proven hand-off, reads it back and swaps it in; the old connection stays in force when that fails. */
  async replace({ generation, connection, msal, refreshed }: ProvenConnection): Promise<void> {
    await this.#queue.run(async () => {
      const token = holdToken({ ...refreshed, obtainedAt: this.#options.clock.now() });
      const cache = msal.serialize();
      const proven = { ...connection, cache, accessTokens: accessTokenKeys(cache, this.#primaryKey, refreshed.secret) };
      await this.#connection.replace({ generation, connection: proven, msal });
      this.#forgetTokens();
      this.#held.set(this.#primaryKey, token);
      this.#health.dispatch({ type: 'handed_off', generation, connection: this.#connected(proven) });
      this.#unasked.wake();
    });
  }

  /** Forgets the connection, also one that is not used, and what pins it; the generation stays, so that old hand-offs stay refused. */
  async disconnect(): Promise<Connection | undefined> {
    return this.#queue.run(async () => {
      const removed = await this.#connection.remove();
      this.#forgetTokens();
      this.#health.dispatch({ type: 'disconnected' });
      return removed;
    });
  }

  /** Ends timers and waits for the refresh and the write under way. */
  async close(): Promise<void> {
    const stopping = { message: 'The agent is stopping.', action: 'Ask again later.' };
    this.#closing.abort(new RockBotError({ code: 'server_unavailable', ...stopping }));
    this.#unasked.wake();
    await this.#queue.idle();
    await this.#connection.idle();
  }

  async #tokenNearExpiry(scopes: readonly string[], key: string, signal: AbortSignal | undefined): Promise<string> {
    await this.#retriedRefusal(signal);
    const fresh = this.#held.fresh(key);
    if (fresh !== undefined) return fresh;
    const refreshing = this.#refresher.refresh({ scopes, key });
    const usable = this.#held.usable(key);
    if (usable === undefined) return (await abortable(refreshing, signal)).secret;
    refreshing.catch(() => undefined);
    return usable;
  }

  async #retriedRefusal(signal: AbortSignal | undefined): Promise<void> {
    const retry = this.retryRefused();
    if (retry !== undefined) await abortable(retry, signal);
    this.#refresher.requireUsable();
  }

  #forgetTokens(): void {
    this.#held.clear();
    this.#outages.clear();
  }

  #connected({ account, lastRefreshAt }: Connection): NonNullable<AuthHealth['connection']> {
    const accessTokenExpiresAt = this.#held.expiresAt(this.#primaryKey);
    return {
      account: { id: account.id, username: account.username, tenantId: account.tenantId },
      lastRefreshAt,
      ...(accessTokenExpiresAt !== undefined && { accessTokenExpiresAt }),
    };
  }
}
