// Access tokens in memory, by scope key, and how long each may serve. It knows neither where they come from nor who uses them.
import type { Clock } from '../../shared/clock.ts';
import type { HeldToken } from './refresh-schedule.ts';

export class HeldTokens {
  readonly #tokens = new Map<string, HeldToken>();
  readonly #clock: Pick<Clock, 'now'>;

  constructor({ clock }: { clock: Pick<Clock, 'now'> }) {
    this.#clock = clock;
  }

  /** One that is not due for a refresh yet; every call passes here. */
  fresh(key: string): string | undefined {
    const held = this.#tokens.get(key);
    return held !== undefined && this.#clock.now() < held.refreshAt ? held.secret : undefined;
  }

  /** One that still serves, due or not. */
  usable(key: string): string | undefined {
    const held = this.#tokens.get(key);
    return held !== undefined && this.#clock.now() < held.usableUntil ? held.secret : undefined;
  }

  /** One that still serves, which somebody else's refresh has put in the place of `rejected`. */
  successor(
    key: string,
    { rejected, claims }: { rejected?: string | undefined; claims?: string | undefined },
  ): string | undefined {
    const held = this.#tokens.get(key);
    const isNewer = held !== undefined && rejected !== undefined && held.secret !== rejected;
    return isNewer && (claims === undefined || held.claims === claims) ? this.usable(key) : undefined;
  }

  /** ISO 8601. */
  expiresAt(key: string): string | undefined {
    const held = this.#tokens.get(key);
    return held === undefined ? undefined : new Date(held.expiresAt).toISOString();
  }

  set(key: string, token: HeldToken): void {
    this.#tokens.set(key, token);
  }

  delete(key: string): void {
    this.#tokens.delete(key);
  }

  clear(): void {
    this.#tokens.clear();
  }
}
