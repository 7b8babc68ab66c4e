// Tries again what Entra refused for a reason that others can lift (consent, policy, registration): after a while by itself,
// and when somebody calls, but not in a rush. It knows no token.
import { backoffDelay } from '../../shared/backoff.ts';
import type { Clock } from '../../shared/clock.ts';
import type { AuthReason } from '../../shared/contract/auth-state.ts';

export interface RefusalRetryOptions {
  /** One try; it never rejects. */
  run: () => Promise<void>;
  clock: Pick<Clock, 'now'>;
  /** Milliseconds between tries that nobody asked for. */
  backoff?: { baseMs: number; maxMs: number };
}

/** Milliseconds: the first after half a minute to a minute, then ever rarer. */
const defaultBackoff = { baseMs: 60_000, maxMs: 15 * 60_000 };
/** Milliseconds between tries because of calls. */
const perCallMs = 60_000;

const liftedByOthers: readonly string[] = ['consent_required', 'admin_action_required'];

/** True when the refresh token may serve again without a new sign-in. */
export function mayBeLifted({ code }: Pick<AuthReason, 'code'>): boolean {
  return liftedByOthers.includes(code);
}

/** The reason as told while it is tried again; unchanged when only a sign-in helps. */
export function withRetryNamed(reason: AuthReason): AuthReason {
  return mayBeLifted(reason)
    ? { ...reason, action: `${reason.action} The agent also tries again by itself, at least every 15 minutes.` }
    : reason;
}

export class RefusalRetry {
  readonly #options: RefusalRetryOptions;
  #tries = 0;
  /** Milliseconds since the epoch; before the first refusal of a process nothing was tried. */
  #lastTryAt = 0;
  #nextTryAt = 0;
  #underWay: Promise<void> | undefined;

  constructor(options: RefusalRetryOptions) {
    this.#options = options;
  }

  /** Entra has just refused for the first time. */
  begin(): void {
    this.#tries = 0;
    this.#noteTry();
  }

  /** Milliseconds until the next try is due; 0 for a refusal of an earlier process. */
  delayMs(): number {
    const { maxMs } = this.#options.backoff ?? defaultBackoff;
    // Bounded, in case the clock was set back.
    return Math.min(maxMs, Math.max(0, this.#nextTryAt - this.#options.clock.now()));
  }

  /** Tries now; who comes while a try is under way waits for that one. */
  run(): Promise<void> {
    this.#underWay ??= this.#try().finally(() => {
      this.#underWay = undefined;
    });
    return this.#underWay;
  }

  /** A try for somebody who waits for it, or undefined when the last one was only just now. */
  runForCall(): Promise<void> | undefined {
    if (this.#underWay !== undefined) return this.#underWay;
    return Math.abs(this.#options.clock.now() - this.#lastTryAt) < perCallMs ? undefined : this.run();
  }

  async #try(): Promise<void> {
    this.#noteTry();
    await this.#options.run();
  }

  #noteTry(): void {
    this.#lastTryAt = this.#options.clock.now();
    this.#nextTryAt = this.#lastTryAt + backoffDelay(this.#tries++, this.#options.backoff ?? defaultBackoff);
  }
}
