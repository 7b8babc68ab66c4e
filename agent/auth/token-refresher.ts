// Asks Entra for tokens, one request at a time and one per scope set, and notes what came of it: a token, a refusal, or an outage.
// It knows no callers and no timers.
import { isDeepStrictEqual } from 'node:util';
import { authReasonText } from '../../shared/auth-reason-text.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EntraApp } from '../../shared/entra-next-step.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { SerialQueue } from '../../shared/serial-queue.ts';
import { SingleFlight } from '../../shared/single-flight.ts';
import type { Logger } from '../logger.ts';
import type { AccountHealth } from './account-health.ts';
import type { ConnectionInForce } from './connection-in-force.ts';
import type { ExpiredEpisode } from './expired-episode.ts';
import { explainRefusal } from './explain-refusal.ts';
import type { HeldTokens } from './held-tokens.ts';
import { accessTokenKeys } from './msal-cache.ts';
import type { RefreshedToken } from './msal.ts';
import type { Outage, OutageGate } from './outage-gate.ts';
import { withRetryNamed } from './refusal-retry.ts';
import { errorOfFailure, reasonOf, RefreshFailure } from './refresh-failure.ts';
import { holdToken, type HeldToken } from './refresh-schedule.ts';
import type { SignInOutlook } from './sign-in-outlook.ts';

/** What is asked for: a scope set, and the claims challenge of a server. */
export interface Grant {
  scopes: readonly string[];
  /** `scopeKey(scopes)`. */
  key: string;
  claims?: string | undefined;
}

export interface TokenRefresherOptions {
  /** With the primary scopes: those that decide whether the account is connected. */
  app: EntraApp;
  primaryKey: string;
  connection: Pick<ConnectionInForce, 'live' | 'requireLive' | 'change' | 'store'>;
  health: Pick<AccountHealth, 'expired' | 'state' | 'dispatch'>;
  episode: Pick<ExpiredEpisode, 'refused'>;
  held: Pick<HeldTokens, 'set' | 'delete' | 'clear' | 'expiresAt'>;
  outages: Pick<OutageGate, 'get' | 'note' | 'clear'>;
  outlook: Pick<SignInOutlook, 'refreshed' | 'refused'>;
  /** MSAL refreshes of an account never overlap: each works on, and rewrites, the whole cache. */
  queue: Pick<SerialQueue, 'run'>;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
  closing: AbortSignal;
  onRefresh: (outcome: 'ok' | 'failed') => void;
  /** What is due next, and when, may have changed. */
  onOutcome: (outcome: 'refreshed' | 'expired' | 'still_expired' | 'outage') => void;
}

export class TokenRefresher {
  readonly #options: TokenRefresherOptions;
  readonly #flights = new SingleFlight<HeldToken>();

  constructor(options: TokenRefresherOptions) {
    this.#options = options;
  }

  /** A new token; who asks for the same meanwhile shares it. Throws RockBotError. */
  refresh(grant: Grant): Promise<HeldToken> {
    const { key, claims } = grant;
    return this.#flights.run(claims === undefined ? key : `${key}\n${claims}`, () =>
      this.#options.queue.run(() => {
        this.requireUsable();
        return this.#refreshNow(grant);
      }),
    );
  }

  /** With the claims that were asked for: a token without them would be refused again at once, as a new episode. */
  async tryRefusedAgain(): Promise<void> {
    const { queue, health, connection, closing, app, primaryKey } = this.#options;
    await queue
      .run(async () => {
        const refused = health.expired;
        // A sign-in or a disconnect came first.
        if (refused === undefined || connection.live === undefined || closing.aborted) return;
        await this.#refreshNow({ scopes: app.scopes, key: primaryKey, claims: refused.reason.claims });
      })
      .catch(() => undefined);
  }

  /** Throws RockBotError where no refresh can help: nobody is connected, Entra has refused, or the agent stops. */
  requireUsable(): void {
    const { closing, connection, health } = this.#options;
    if (closing.aborted) throw closing.reason as Error;
    if (connection.live === undefined) {
      const { reason } = health.state();
      throw new RockBotError({
        code: 'auth_required',
        message: reason?.message ?? 'Nobody has connected Microsoft 365 to this agent yet.',
        action: reason?.action ?? 'Run "rockbot auth workiq", or "RockBot: Connect M365" in VS Code.',
      });
    }
    if (health.expired === undefined) return;
    const { reason } = health.expired;
    throw new RockBotError({
      // On the volume it may be that of another version.
      code: errorCodes.find((known) => known === reason.code) ?? 'auth_required',
      message: authReasonText(reason),
      action: reason.action,
    });
  }

  async #refreshNow(grant: Grant): Promise<HeldToken> {
    const { connection, outages, clock } = this.#options;
    const { msal } = connection.requireLive();
    const outage = outages.get(grant.key);
    if (outage !== undefined && clock.now() < outage.until) throw this.#outageError(outage);
    try {
      const refreshed = await msal.refresh({ scopes: grant.scopes, claims: grant.claims });
      return await this.#accepted(grant, refreshed);
    } catch (error) {
      if (!(error instanceof RefreshFailure)) throw error;
      this.#options.onRefresh('failed');
      throw error.failure.kind === 'transient' ? this.#unanswered(grant, error) : this.#refused(grant, error);
    }
  }

  async #accepted({ key, claims }: Grant, refreshed: RefreshedToken): Promise<HeldToken> {
    const { connection, held, health, outages, outlook, clock, primaryKey, onRefresh, onOutcome } = this.#options;
    const live = connection.requireLive();
    // Serialised before anything is awaited, so that what is stored belongs to this refresh.
    const cache = live.msal.serialize();
    const now = clock.now();
    const token = { ...holdToken({ ...refreshed, obtainedAt: now }), claims };
    connection.change({
      cache,
      lastRefreshAt: new Date(now).toISOString(),
      accessTokens: { ...live.connection.accessTokens, ...accessTokenKeys(cache, key, refreshed.secret) },
      expired: undefined,
    });
    held.set(key, token);
    outages.clear(key);
    outlook.refreshed(live.connection);
    onRefresh('ok');
    health.dispatch({
      type: 'refreshed',
      accessTokenExpiresAt: key === primaryKey ? held.expiresAt(key) : undefined,
    });
    onOutcome('refreshed');
    // Stored before the token is used: after a crash the file holds the refresh token that Entra issued last.
    await connection.store();
    return token;
  }

  #refused({ scopes, key, claims }: Grant, error: RefreshFailure): RockBotError {
    const { app, primaryKey, connection, health, held, outages, outlook, logger } = this.#options;
    const { failure } = error;
    outages.clear(key);
    const isFirst = health.expired === undefined;
    const periodMs = outlook.refused(failure, connection.requireLive().connection, { isFirst });
    const explained = explainRefusal(failure, { app: { ...app, scopes }, periodMs });
    const concernsAccount = failure.grantVoid || key === primaryKey;
    // What the server challenged for is what the next sign-in has to bring, also where Entra does not repeat it.
    const challenged = claims !== undefined && !failure.grantVoid ? { claims } : {};
    const reason = concernsAccount ? withRetryNamed({ ...challenged, ...explained }) : explained;
    const isKnown = isDeepStrictEqual(health.expired?.reason, reason);
    logger[isKnown ? 'debug' : 'warn']('Microsoft Entra refused to refresh.', {
      code: failure.code,
      aadsts: failure.aadsts,
      concernsAccount,
    });
    if (concernsAccount) this.#expire(reason);
    else held.delete(key);
    const { code, message, retryAfterMs } = errorOfFailure(error);
    return new RockBotError({ code, message, action: reason.action, retryAfterMs, cause: error });
  }

  #expire(reason: Parameters<ExpiredEpisode['refused']>[0]): void {
    const { episode, held, onOutcome } = this.#options;
    const outcome = episode.refused(reason);
    if (outcome === 'unchanged') return;
    held.clear();
    onOutcome(outcome === 'begun' ? 'expired' : 'still_expired');
  }

  #unanswered({ key }: Grant, error: RefreshFailure): RockBotError {
    const { outages, health, primaryKey, onOutcome } = this.#options;
    const outage = outages.note(key, error);
    // One lost answer is no outage; the second in a row is.
    if (outage.attempts >= 2 && key === primaryKey)
      health.dispatch({ type: 'refresh_failed', reason: reasonOf(error.failure) });
    onOutcome('outage');
    return this.#outageError(outage);
  }

  #outageError({ failure, until }: Outage): RockBotError {
    const { code, message, action } = errorOfFailure(failure);
    const retryAfterMs = until - this.#options.clock.now();
    return new RockBotError({ code, message, action, retryAfterMs, cause: failure });
  }
}
