// The tokens of a profile as one server gets them. One that refuses fresh tokens, too, does not have Entra asked for another at
// each of its calls; other servers of the profile are not concerned.
import type { Clock } from '../../shared/clock.ts';
import type { RefreshOptions, TokenProvider } from '../auth/token-provider.ts';

/** The server refused fresh tokens only just now; another one is not fetched yet. */
export class RefreshWithheldError extends Error {}

export interface ServerTokensOptions {
  clock: Pick<Clock, 'now'>;
  /** Another value after each sign-in, which ends all waiting. */
  signIn: () => number | undefined;
}

/** Fresh tokens that were refused one after the other, with no token taken since. */
interface Refusals {
  signIn: number | undefined;
  count: number;
  /** The last one. */
  token: string;
  /** What they were fetched with; undefined for one without claims. */
  claims: Set<string | undefined>;
  /** Milliseconds since the epoch. */
  at: number;
}

/** A server that is being changed over may refuse what it takes in the next moment. */
const free = 3;
const firstWaitMs = 30_000;
const longestWaitMs = 5 * 60_000;

export class ServerTokens implements TokenProvider {
  readonly profile: string;
  readonly allowedOrigins: ReadonlySet<string>;
  readonly #tokens: TokenProvider;
  readonly #options: ServerTokensOptions;
  #refusals: Refusals | undefined;

  constructor(tokens: TokenProvider, options: ServerTokensOptions) {
    this.profile = tokens.profile;
    this.allowedOrigins = tokens.allowedOrigins;
    this.#tokens = tokens;
    this.#options = options;
  }

  token(signal?: AbortSignal): string | Promise<string> {
    return this.#tokens.token(signal);
  }

  /** Throws RefreshWithheldError as well. */
  async refresh(options: RefreshOptions): Promise<string> {
    if (!this.#isTooEarly(options.claims)) return this.#tokens.refresh(options);
    // One that came about in another way meanwhile costs nothing.
    const current = await this.#tokens.token(options.signal);
    if (current !== options.rejected) return current;
    throw new RefreshWithheldError('The server refuses fresh tokens.');
  }

  accepted(): void {
    this.#refusals = undefined;
  }

  refused(token: string, claims: string | undefined): void {
    const before = this.#current();
    // Of many calls that were refused together each tells of the same token.
    const count = (before?.count ?? 0) + (before?.token === token ? 0 : 1);
    this.#refusals = {
      signIn: this.#options.signIn(),
      count,
      token,
      claims: new Set(before?.claims).add(claims),
      at: before?.token === token ? before.at : this.#options.clock.now(),
    };
  }

  #isTooEarly(claims: string | undefined): boolean {
    const refusals = this.#current();
    if (refusals === undefined || refusals.count < free || !refusals.claims.has(claims)) return false;
    const waitMs = Math.min(firstWaitMs * 2 ** (refusals.count - free), longestWaitMs);
    // A clock that was set back does not make it longer.
    return Math.abs(this.#options.clock.now() - refusals.at) < waitMs;
  }

  /** Undefined after a sign-in. */
  #current(): Refusals | undefined {
    return this.#refusals?.signIn === this.#options.signIn() ? this.#refusals : undefined;
  }
}
