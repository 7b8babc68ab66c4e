// Tells the bus what happens to the connection: the state on every change, and the expired notice exactly once per episode.
import type { AuthHealthEffect } from './auth/auth-health.ts';
import type { Bus } from './bus.ts';

type Notice = Extract<AuthHealthEffect, { type: 'notify_expired' }>;

export class AuthAnnouncer {
  readonly #onLateNotice: (episodeId: string) => void;
  #bus: Pick<Bus, 'publish' | 'connected'> | undefined;
  /** A notice that came while the bus was away. */
  #waiting: Notice | undefined;

  /** `onLateNotice`: a notice that had to wait was sent. */
  constructor(options: { onLateNotice: (episodeId: string) => void }) {
    this.#onLateNotice = options.onLateNotice;
  }

  /** Connected for the first time or again: what was missed is told now. */
  connected(bus: Pick<Bus, 'publish' | 'connected'>): void {
    this.#bus = bus;
    const notice = this.#waiting;
    this.#waiting = undefined;
    if (notice !== undefined && this.run(notice) !== 'later') this.#onLateNotice(notice.episodeId);
  }

  /** `later` for a notice that waits for the bus. */
  run(effect: AuthHealthEffect): 'later' | void {
    if (effect.type === 'announce') {
      // Whoever misses a change asks for the state when it comes back.
      if (effect.state.status !== 'expired') this.#waiting = undefined;
      if (this.#bus?.connected === true) this.#bus.publish('authChanged', effect.state);
      return;
    }
    if (this.#bus?.connected !== true) {
      this.#waiting = effect;
      return 'later';
    }
    const { type: _type, ...notice } = effect;
    this.#bus.publish('authExpired', notice);
  }
}
