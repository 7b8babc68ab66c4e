// The agent's connection to one Microsoft account: tokens per scope set, refresh, storage and health. It knows no bus,
// no bridge and no hand-off; msal-node is behind `MsalSession`.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { abortable } from '../../shared/abort.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AuthReason, AuthState, NextStep } from '../../shared/contract/auth-state.ts';
import type { EntraFailure } from '../../shared/entra-failure.ts';
import { exactAction, nextStepOf } from '../../shared/entra-next-step.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { everyText } from '../../shared/period-text.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { SingleFlight } from '../../shared/single-flight.ts';
import type { Logger } from '../logger.ts';
import {
  authStateOf,
  initialHealth,
  reduceHealth,
  type AuthHealth,
  type AuthHealthEffect,
  type UntimedHealthEvent,
} from './auth-health.ts';
import type { CacheEnvelope, Connection } from './cache-envelope.ts';
import type { CacheStore } from './cache-store.ts';
import { CacheWriter } from './cache-writer.ts';
import type { ConnectionRules } from './connection-rules.ts';
import { KeepAlive } from './keep-alive.ts';
import { loadConnection, type LiveConnection } from './load-connection.ts';
import type { MsalSession, RefreshedToken } from './msal.ts';
import { entryKeyOf, parseMsalCache } from './msal-cache.ts';
import { OutageGate, type Outage } from './outage-gate.ts';
import { RefusalRetry, mayBeLifted, withRetryNamed } from './refusal-retry.ts';
import { errorOfFailure, reasonOf, RefreshFailure } from './refresh-failure.ts';
import { holdToken, keepAliveDelay, type HeldToken } from './refresh-schedule.ts';
import { scopeKey } from './scope-key.ts';
import { SignInOutlook, type SignInOutlookOptions } from './sign-in-outlook.ts';
import { storeAndReadBack, storeReason, storeWithoutConnection } from './store-connection.ts';
import type { RefreshOptions } from './token-provider.ts';

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
  /** Access tokens by scope key. */
  readonly #held = new Map<string, HeldToken>();
  readonly #flights = new SingleFlight<HeldToken>();
  /** MSAL refreshes of an account never overlap: each works on, and rewrites, the whole cache. */
  readonly #queue = new SerialQueue();
  readonly #closing = new AbortController();
  readonly #outages: OutageGate;
  readonly #writer: CacheWriter;
  /** Tries again while the state is expired for a reason that others can lift. */
  readonly #refusal: RefusalRetry;
  /** Refreshes when nobody calls for long, and tries again during an outage and after a refusal that may be lifted. */
  readonly #keepAlive: KeepAlive;
  readonly #outlook: SignInOutlook;
  #health: AuthHealth;
  /** The episode whose notice waits to be sent; remembered on the volume, since the agent may end before that. */
  #unannounced: string | undefined;
  #generation = 0;
  #live: LiveConnection | undefined;
  /** On the volume, and not used because the operator's rules changed. */
  #unused: Connection | undefined;

  constructor(options: AccountSessionOptions) {
    const { clock, store, backoff = defaultBackoff } = options;
    this.#options = options;
    this.#primaryKey = scopeKey(options.primaryScopes);
    this.#health = initialHealth(this.#isoNow());
    this.#outages = new OutageGate({ clock, backoff });
    this.#writer = new CacheWriter({
      save: (envelope) => store.save(envelope),
      current: () => this.#envelope(),
      onFailed: (code) => {
        options.logger.error('The token cache could not be written.', { code });
        this.#dispatch({ type: 'store_failed', reason: storeReason(code) });
      },
      onRecovered: () => {
        this.#dispatch({ type: 'store_recovered' });
      },
      clock,
      backoff,
      closing: this.#closing.signal,
    });
    this.#refusal = new RefusalRetry({
      run: () => this.#tryRefusedAgain(),
      clock,
      ...(options.refusalBackoff !== undefined && { backoff: options.refusalBackoff }),
    });
    this.#outlook = new SignInOutlook({
      history: options.history,
      clock,
      closing: this.#closing.signal,
      onEnd: (end) => {
        this.#dispatch({ type: 'end_expected', end });
      },
    });
    this.#keepAlive = new KeepAlive({
      delayMs: () => this.#keepAliveDelay(),
      run: () => this.#refreshUnasked(),
      clock,
      closing: this.#closing.signal,
    });
  }

  /** Loads what the volume holds. Throws CacheKeyError when the configured key does not fit. */
  async start(): Promise<void> {
    const { generation, live, unused, held, note } = await loadConnection(this.#options);
    this.#generation = generation;
    this.#live = live;
    this.#unused = unused;
    for (const [key, token] of held) this.#held.set(key, token);
    const { connectedAt, expired } = live?.connection ?? {};
    this.#dispatch({
      type: 'loaded',
      generation,
      note,
      since: expired?.at ?? connectedAt,
      noticeDue: expired?.announced === false,
      ...(live !== undefined && { connection: this.#connectedDetails() }),
      ...(expired !== undefined && { expired: { episodeId: expired.episodeId, reason: expired.reason } }),
    });
    if (expired?.announced === false && this.#unannounced === undefined) this.noticeSent(expired.episodeId);
    void this.#keepAlive.start();
  }

  state(): AuthState {
    return this.#withNextStep(authStateOf(this.#health));
  }

  /** The notice of this episode, which had to wait, has been sent. */
  noticeSent(episodeId: string): void {
    if (this.#unannounced === episodeId) this.#unannounced = undefined;
    const expired = this.#live?.connection.expired;
    if (this.#live === undefined || expired?.episodeId !== episodeId || expired.announced === undefined) return;
    const { announced: _sent, ...rest } = expired;
    this.#live.connection = { ...this.#live.connection, expired: rest };
    void this.#writer.write();
  }

  /** What a further hand-off has to match; the generation outlives a disconnect. */
  pins(): { generation: number; homeAccountId?: string; signer?: string } {
    const connection = this.#live?.connection;
    return {
      generation: this.#generation,
      ...(connection !== undefined && { homeAccountId: connection.account.homeAccountId, signer: connection.signer }),
    };
  }

  /** See TokenProvider.token; `key` is `scopeKey(scopes)`. */
  token(scopes: readonly string[], key: string, signal?: AbortSignal): string | Promise<string> {
    const held = this.#held.get(key);
    if (held !== undefined && this.#options.clock.now() < held.refreshAt) return held.secret;
    return this.#tokenNearExpiry(scopes, key, signal);
  }

  /** See TokenProvider.refresh. */
  async refresh(scopes: readonly string[], key: string, { rejected, claims, signal }: RefreshOptions): Promise<string> {
    const retry = this.retryRefused();
    if (retry !== undefined) await abortable(retry, signal);
    this.#requireUsable();
    const held = this.#held.get(key);
    // Another caller's refresh has already replaced the refused token.
    const isNewer = held !== undefined && rejected !== undefined && held.secret !== rejected;
    if (isNewer && (claims === undefined || held.claims === claims) && this.#options.clock.now() < held.usableUntil)
      return held.secret;
    return (await abortable(this.#fly(scopes, key, claims), signal)).secret;
  }

  /**
   * Before a call: asks Entra once more when it refused for a reason that others can lift, at most once a minute. Undefined
   * when there is nothing to try; never rejects.
   */
  retryRefused(): Promise<void> | undefined {
    const refused = this.#health.expired;
    return refused !== undefined && mayBeLifted(refused.reason) ? this.#refusal.runForCall() : undefined;
  }

  /** Stores a proven hand-off, reads it back and swaps it in; the old connection stays in force when that fails. */
  async replace({ generation, connection, msal, refreshed }: ProvenConnection): Promise<void> {
    await this.#queue.run(async () => {
      const held = holdToken({ ...refreshed, obtainedAt: this.#options.clock.now() });
      const cache = msal.serialize();
      const proven = { ...connection, cache, accessTokens: accessTokenKeys(cache, this.#primaryKey, refreshed.secret) };
      await this.#writer.exclusive(async () => {
        const before = this.#envelope();
        await storeAndReadBack(this.#options.store, {
          envelope: { ...before, generation, connection: proven },
          before,
        });
        this.#generation = generation;
        this.#live = { connection: proven, msal };
        this.#unused = undefined;
      });
      this.#held.clear();
      this.#outages.clear();
      this.#held.set(this.#primaryKey, held);
      this.#dispatch({ type: 'handed_off', generation, connection: this.#connectedDetails() });
      this.#keepAlive.wake();
    });
  }

  /** Forgets the connection, also one that is not used, and what pins it; the generation stays, so that old hand-offs stay refused. */
  async disconnect(): Promise<Connection | undefined> {
    return this.#queue.run(async () => {
      const removed = this.#live?.connection ?? this.#unused;
      await this.#writer.exclusive(async () => {
        if (removed !== undefined) await storeWithoutConnection(this.#options.store, this.#envelope());
        this.#live = undefined;
        this.#unused = undefined;
      });
      this.#held.clear();
      this.#outages.clear();
      this.#dispatch({ type: 'disconnected' });
      return removed;
    });
  }

  /** Ends timers and waits for the refresh and the write under way. */
  async close(): Promise<void> {
    this.#closing.abort(new RockBotError({ code: 'server_unavailable', message: 'The agent is stopping.' }));
    this.#keepAlive.wake();
    await this.#queue.idle();
    await this.#writer.idle();
    await this.#options.store.idle();
  }

  async #tokenNearExpiry(scopes: readonly string[], key: string, signal: AbortSignal | undefined): Promise<string> {
    const retry = this.retryRefused();
    if (retry !== undefined) await abortable(retry, signal);
    this.#requireUsable();
    const held = this.#held.get(key);
    if (retry !== undefined && held !== undefined && this.#options.clock.now() < held.refreshAt) return held.secret;
    const flight = this.#fly(scopes, key, undefined);
    if (held !== undefined && this.#options.clock.now() < held.usableUntil) {
      flight.catch(() => undefined);
      return held.secret;
    }
    return (await abortable(flight, signal)).secret;
  }

  #fly(scopes: readonly string[], key: string, claims: string | undefined): Promise<HeldToken> {
    return this.#flights.run(claims === undefined ? key : `${key}\n${claims}`, () =>
      this.#queue.run(() => {
        this.#requireUsable();
        return this.#refreshNow(scopes, key, claims);
      }),
    );
  }

  async #refreshNow(scopes: readonly string[], key: string, claims: string | undefined): Promise<HeldToken> {
    const live = this.#requireLive();
    const outage = this.#outages.get(key);
    if (outage !== undefined && this.#options.clock.now() < outage.until) throw this.#outageError(outage);
    try {
      const refreshed = await live.msal.refresh({ scopes, claims });
      return await this.#accept(key, refreshed, claims);
    } catch (error) {
      if (error instanceof RefreshFailure) throw this.#refused(key, error, { scopes, claims });
      throw error;
    }
  }

  async #accept(key: string, refreshed: RefreshedToken, claims: string | undefined): Promise<HeldToken> {
    const live = this.#requireLive();
    // Serialised before anything is awaited, so that what is stored belongs to this refresh.
    const cache = live.msal.serialize();
    const held = { ...holdToken({ ...refreshed, obtainedAt: this.#options.clock.now() }), claims };
    live.connection = {
      ...live.connection,
      cache,
      lastRefreshAt: this.#isoNow(),
      accessTokens: { ...live.connection.accessTokens, ...accessTokenKeys(cache, key, refreshed.secret) },
      expired: undefined,
    };
    this.#held.set(key, held);
    this.#outages.clear(key);
    this.#outlook.refreshed(live.connection);
    this.#options.onRefresh?.('ok');
    const accessTokenExpiresAt = key === this.#primaryKey ? new Date(held.expiresAt).toISOString() : undefined;
    this.#dispatch({ type: 'refreshed', accessTokenExpiresAt });
    this.#keepAlive.wake();
    // Stored before the token is used: after a crash the file holds the refresh token that Entra issued last.
    await this.#writer.write();
    return held;
  }

  #refused(
    key: string,
    error: RefreshFailure,
    { scopes, claims }: { scopes: readonly string[]; claims: string | undefined },
  ): RockBotError {
    const { failure } = error;
    this.#options.onRefresh?.('failed');
    if (failure.kind === 'transient') return this.#noteOutage(key, error);
    this.#outages.clear(key);
    const concernsAccount = failure.grantVoid || key === this.#primaryKey;
    // What the server challenged for is what the next sign-in has to bring, also where Entra does not repeat it.
    const challenged = claims !== undefined && !failure.grantVoid ? { claims } : {};
    const explained = this.#explained(failure, scopes);
    const reason = concernsAccount ? withRetryNamed({ ...challenged, ...explained }) : explained;
    const isKnown = isDeepStrictEqual(this.#health.expired?.reason, reason);
    this.#options.logger[isKnown ? 'debug' : 'warn']('Microsoft Entra refused to refresh.', {
      code: failure.code,
      aadsts: failure.aadsts,
      concernsAccount,
    });
    if (concernsAccount) this.#expire(reason);
    else this.#held.delete(key);
    const { code, message, retryAfterMs } = errorOfFailure(error);
    return new RockBotError({ code, message, action: reason.action, retryAfterMs, cause: error });
  }

  /** In plain words, with the exact next step for this app. */
  #explained(failure: EntraFailure, scopes: readonly string[]): AuthReason {
    const reason = reasonOf(failure);
    const isFirst = this.#health.expired === undefined;
    const periodMs = this.#outlook.refused(failure, this.#requireLive().connection, { isFirst });
    return {
      ...reason,
      ...(periodMs !== undefined && {
        message: `The tenant asks for a sign-in ${everyText(periodMs)} (learnt), and the last one is over.`,
      }),
      action: exactAction(reason, nextStepOf(reason, { ...this.#options, scopes })),
    };
  }

  #nextStep(reason: Pick<AuthReason, 'code' | 'aadsts'>): NextStep {
    return nextStepOf(reason, { ...this.#options, scopes: this.#options.primaryScopes });
  }

  #withNextStep(state: AuthState): AuthState {
    if (state.status !== 'expired' || state.reason === undefined) return state;
    return { ...state, nextStep: this.#nextStep(state.reason) };
  }

  #noteOutage(key: string, error: RefreshFailure): RockBotError {
    const outage = this.#outages.note(key, error);
    // One lost answer is no outage; the second in a row is.
    if (outage.attempts >= 2 && key === this.#primaryKey)
      this.#dispatch({ type: 'refresh_failed', reason: reasonOf(error.failure) });
    this.#keepAlive.wake();
    return this.#outageError(outage);
  }

  #outageError({ failure, until }: Outage): RockBotError {
    const { code, message, action } = errorOfFailure(failure);
    return new RockBotError({ code, message, action, retryAfterMs: until - this.#options.clock.now(), cause: failure });
  }

  #expire(reason: AuthReason): void {
    const live = this.#live;
    if (live === undefined) return;
    const before = this.#health.expired;
    this.#dispatch({ type: 'rejected', reason, episodeId: randomUUID() });
    const { expired } = this.#health;
    if (expired === undefined || isDeepStrictEqual(before, expired)) return;
    live.connection = {
      ...live.connection,
      expired: {
        ...expired,
        at: live.connection.expired?.at ?? this.#isoNow(),
        ...(this.#unannounced === expired.episodeId && { announced: false }),
      },
    };
    this.#held.clear();
    if (before === undefined) this.#refusal.begin();
    // It sleeps until the next keep-alive, which may be a day away.
    this.#keepAlive.wake();
    void this.#writer.write();
  }

  #requireUsable(): void {
    if (this.#closing.signal.aborted) throw this.#closing.signal.reason as Error;
    const reason = this.state().reason;
    if (this.#live === undefined) {
      throw new RockBotError({
        code: 'auth_required',
        message: reason?.message ?? 'Nobody has connected Microsoft 365 to this agent yet.',
        action: reason?.action ?? 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.',
      });
    }
    if (this.#health.expired !== undefined) {
      const { code, message, action } = this.#health.expired.reason;
      throw new RockBotError({ code: code as RockBotError['code'], message, action });
    }
  }

  async #refreshUnasked(): Promise<void> {
    if (this.#health.expired !== undefined) await this.#refusal.run();
    else await this.#fly(this.#options.primaryScopes, this.#primaryKey, undefined).catch(() => undefined);
  }

  /** With the claims that were asked for: a token without them would be refused again at once, as a new episode. */
  async #tryRefusedAgain(): Promise<void> {
    await this.#queue
      .run(async () => {
        const refused = this.#health.expired;
        // A sign-in or a disconnect came first.
        if (refused === undefined || this.#live === undefined || this.#closing.signal.aborted) return;
        await this.#refreshNow(this.#options.primaryScopes, this.#primaryKey, refused.reason.claims);
      })
      .catch(() => undefined);
  }

  /** Milliseconds until the background refresh, or undefined when there is nothing to refresh. */
  #keepAliveDelay(): number | undefined {
    const now = this.#options.clock.now();
    if (this.#live === undefined) return undefined;
    const refused = this.#health.expired;
    if (refused !== undefined && !mayBeLifted(refused.reason)) return undefined;
    const outage = this.#outages.get(this.#primaryKey);
    // A little after the gate opens, so that the try is not turned away by it.
    const gateMs = outage === undefined ? undefined : Math.max(0, outage.until - now) + 5;
    if (refused !== undefined) return Math.max(this.#refusal.delayMs(), gateMs ?? 0);
    if (gateMs !== undefined) return gateMs;
    return keepAliveDelay(Date.parse(this.#live.connection.lastRefreshAt), now);
  }

  #connectedDetails(): NonNullable<AuthHealth['connection']> {
    const { account, lastRefreshAt } = this.#requireLive().connection;
    const held = this.#held.get(this.#primaryKey);
    return {
      account: { id: account.id, username: account.username, tenantId: account.tenantId },
      lastRefreshAt,
      ...(held !== undefined && { accessTokenExpiresAt: new Date(held.expiresAt).toISOString() }),
    };
  }

  #requireLive(): LiveConnection {
    if (this.#live === undefined) throw new Error('There is no connection.');
    return this.#live;
  }

  #envelope(): CacheEnvelope {
    const { tenantId, clientId } = this.#options;
    return { tenantId, clientId, generation: this.#generation, connection: this.#live?.connection ?? this.#unused };
  }

  #dispatch(event: UntimedHealthEvent): void {
    const { health, effects } = reduceHealth(this.#health, { ...event, at: this.#isoNow() });
    this.#health = health;
    for (const effect of effects)
      if (this.#options.onEffect(this.#complete(effect)) === 'later' && effect.type === 'notify_expired')
        this.#unannounced = effect.episodeId;
    if (event.type === 'end_expected') return;
    const isGood = health.connection !== undefined && health.expired === undefined;
    this.#outlook.follow(isGood ? this.#live?.connection : undefined, {
      isFailing: health.trouble.refresh !== undefined,
    });
  }

  #complete(effect: AuthHealthEffect): AuthHealthEffect {
    return effect.type === 'announce'
      ? { ...effect, state: this.#withNextStep(effect.state) }
      : { ...effect, nextStep: this.#nextStep(effect.reason) };
  }

  #isoNow(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}

function accessTokenKeys(cache: string, key: string, secret: string): Record<string, string> {
  const entryKey = entryKeyOf(parseMsalCache(cache), secret);
  return entryKey === undefined ? {} : { [key]: entryKey };
}
