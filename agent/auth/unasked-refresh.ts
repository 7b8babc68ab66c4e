// Refreshes that no call asked for: when nobody calls for long, during an outage, and after a refusal that others can lift. It knows
// when they are due, and not how a refresh goes.
import type { Clock } from '../../shared/clock.ts';
import type { AccountHealth } from './account-health.ts';
import type { ConnectionInForce } from './connection-in-force.ts';
import { KeepAlive } from './keep-alive.ts';
import type { OutageGate } from './outage-gate.ts';
import { keepAliveDelay } from './refresh-schedule.ts';
import { RefusalRetry, mayBeLifted } from './refusal-retry.ts';

export interface UnaskedRefreshOptions {
  primaryKey: string;
  connection: Pick<ConnectionInForce, 'live'>;
  health: Pick<AccountHealth, 'expired'>;
  outages: Pick<OutageGate, 'get'>;
  /** A refresh of the primary scopes. It never rejects. */
  refresh: () => Promise<void>;
  /** The same, although Entra has refused. It never rejects. */
  tryRefusedAgain: () => Promise<void>;
  clock: Clock;
  closing: AbortSignal;
  /** Milliseconds between tries after a refusal that others can lift. */
  refusalBackoff?: { baseMs: number; maxMs: number } | undefined;
}

export class UnaskedRefresh {
  readonly #options: UnaskedRefreshOptions;
  readonly #refusal: RefusalRetry;
  readonly #keepAlive: KeepAlive;

  constructor(options: UnaskedRefreshOptions) {
    const { clock, closing, refresh, tryRefusedAgain, refusalBackoff } = options;
    this.#options = options;
    this.#refusal = new RefusalRetry({
      run: tryRefusedAgain,
      clock,
      ...(refusalBackoff !== undefined && { backoff: refusalBackoff }),
    });
    this.#keepAlive = new KeepAlive({
      delayMs: () => this.#delayMs(),
      run: () => (options.health.expired === undefined ? refresh() : this.#refusal.run()),
      clock,
      closing,
    });
  }

  start(): void {
    void this.#keepAlive.start();
  }

  /** What is due, and when, may have changed; else it sleeps on, for up to a day. */
  wake(): void {
    this.#keepAlive.wake();
  }

  /** Entra has just refused for the first time. */
  refusalBegan(): void {
    this.#refusal.begin();
  }

  /** See AccountSession.retryRefused. */
  retryForCall(): Promise<void> | undefined {
    const refused = this.#options.health.expired;
    return refused !== undefined && mayBeLifted(refused.reason) ? this.#refusal.runForCall() : undefined;
  }

  /** Undefined when there is nothing to refresh. */
  #delayMs(): number | undefined {
    const { connection, health, outages, primaryKey, clock } = this.#options;
    const now = clock.now();
    if (connection.live === undefined) return undefined;
    const refused = health.expired;
    if (refused !== undefined && !mayBeLifted(refused.reason)) return undefined;
    const outage = outages.get(primaryKey);
    // A little after the gate opens, so that the try is not turned away by it.
    const gateMs = outage === undefined ? undefined : Math.max(0, outage.until - now) + 5;
    if (refused !== undefined) return Math.max(this.#refusal.delayMs(), gateMs ?? 0);
    if (gateMs !== undefined) return gateMs;
    return keepAliveDelay(Date.parse(connection.live.connection.lastRefreshAt), now);
  }
}
