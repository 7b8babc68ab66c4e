// What is known of how long the present sign-in will serve: learns from those that ended, and tells when this one will. It knows
// no MSAL and sends nothing.
import type { Clock } from '../../shared/clock.ts';
import type { ExpectedEnd } from '../../shared/contract/auth-state.ts';
import { isSignInFrequency, type EntraFailure } from '../../shared/entra-failure.ts';
import type { Connection } from './cache-envelope.ts';
import { EndWatch } from './end-watch.ts';
import type { SignInHistory } from './sign-in-history.ts';

type SignedIn = Pick<Connection, 'account' | 'connectedAt' | 'lastRefreshAt'>;

export interface SignInOutlookOptions {
  history: Pick<SignInHistory, 'periodMs' | 'ended' | 'stillGood'>;
  clock: Clock;
  closing: AbortSignal;
  onEnd: (end: ExpectedEnd | undefined) => void;
}

export class SignInOutlook {
  readonly #history: SignInOutlookOptions['history'];
  readonly #clock: Clock;
  readonly #watch: EndWatch;

  constructor({ history, ...options }: SignInOutlookOptions) {
    this.#history = history;
    this.#clock = options.clock;
    this.#watch = new EndWatch(options);
  }

  /** A refresh succeeded. */
  refreshed({ account, connectedAt }: SignedIn): void {
    this.#history.stillGood(account.id, this.#clock.now() - Date.parse(connectedAt));
  }

  /**
   * Milliseconds after which the tenant asks for a sign-in, when that is why this one was refused and it is known. `isFirst`:
   * the sign-in was good until now.
   */
  refused(failure: EntraFailure, signedIn: SignedIn, { isFirst }: { isFirst: boolean }): number | undefined {
    if (!isSignInFrequency(failure.aadsts)) return undefined;
    const { account, connectedAt, lastRefreshAt } = signedIn;
    const signedInAt = Date.parse(connectedAt);
    if (isFirst)
      this.#history.ended(account.id, {
        statedMs: failure.signInPeriodMs,
        goodAfterMs: Date.parse(lastRefreshAt) - signedInAt,
        refusedAfterMs: this.#clock.now() - signedInAt,
      });
    return this.#history.periodMs(account.id);
  }

  /** `signedIn`: undefined while there is no sign-in that could end. */
  follow(signedIn: SignedIn | undefined, { isFailing }: { isFailing: boolean }): void {
    this.#watch.follow(
      signedIn && {
        signedInAt: Date.parse(signedIn.connectedAt),
        lastRefreshAt: Date.parse(signedIn.lastRefreshAt),
        isFailing,
        periodMs: this.#history.periodMs(signedIn.account.id),
      },
    );
  }
}
