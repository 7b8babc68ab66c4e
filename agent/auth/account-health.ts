// The health of the account as it goes on: runs the pure machine, completes what is told with the next step for this app, and
// remembers a notice that has to wait. It knows no tokens and no storage.
import type { Clock } from '../../shared/clock.ts';
import type { AuthReason, AuthState, NextStep } from '../../shared/contract/auth-state.ts';
import { nextStepOf, type EntraApp } from '../../shared/entra-next-step.ts';
import {
  authStateOf,
  initialHealth,
  reduceHealth,
  type AuthHealth,
  type AuthHealthEffect,
  type UntimedHealthEvent,
} from './auth-health.ts';

export interface AccountHealthOptions {
  /** With the scopes that decide whether the account is connected. */
  app: EntraApp;
  clock: Pick<Clock, 'now'>;
  /** `later` for a notice that cannot be sent now. */
  onEffect: (effect: AuthHealthEffect) => 'later' | void;
  /** After the effects of each event. */
  onEvent: (event: UntimedHealthEvent, health: AuthHealth) => void;
}

export class AccountHealth {
  readonly #options: AccountHealthOptions;
  #health: AuthHealth;
  #waitingNotice: string | undefined;

  constructor(options: AccountHealthOptions) {
    this.#options = options;
    this.#health = initialHealth(this.#isoNow());
  }

  /** Set while a new sign-in is needed, or somebody has to lift what Entra refuses for. */
  get expired(): AuthHealth['expired'] {
    return this.#health.expired;
  }

  /** The episode whose notice waits to be sent. */
  get waitingNotice(): string | undefined {
    return this.#waitingNotice;
  }

  state(): AuthState {
    return this.#withNextStep(authStateOf(this.#health));
  }

  noticeSent(episodeId: string): void {
    if (this.#waitingNotice === episodeId) this.#waitingNotice = undefined;
  }

  dispatch(event: UntimedHealthEvent): void {
    const { health, effects } = reduceHealth(this.#health, { ...event, at: this.#isoNow() });
    this.#health = health;
    for (const effect of effects)
      if (this.#options.onEffect(this.#complete(effect)) === 'later' && effect.type === 'notify_expired')
        this.#waitingNotice = effect.episodeId;
    this.#options.onEvent(event, health);
  }

  #complete(effect: AuthHealthEffect): AuthHealthEffect {
    return effect.type === 'announce'
      ? { ...effect, state: this.#withNextStep(effect.state) }
      : { ...effect, nextStep: this.#nextStep(effect.reason) };
  }

  #withNextStep(state: AuthState): AuthState {
    if (state.status !== 'expired' || state.reason === undefined) return state;
    return { ...state, nextStep: this.#nextStep(state.reason) };
  }

  #nextStep(reason: Pick<AuthReason, 'code' | 'aadsts'>): NextStep {
    return nextStepOf(reason, this.#options.app);
  }

  #isoNow(): string {
    return new Date(this.#options.clock.now()).toISOString();
  }
}
