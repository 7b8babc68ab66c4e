// Whether a new session may help against a refused bearer: a server can bind a session to the token that it began with. Where it did
// not help, it is not tried again for a while, so that a server that refuses everything is not asked for a session with each call.
import type { Clock } from '../../shared/clock.ts';

const pauseMs = 60_000;

export class SessionRenewal {
  readonly #clock: Pick<Clock, 'now'>;
  /** Milliseconds since the epoch. */
  #failedAt: number | undefined;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  get mayHelp(): boolean {
    // A clock that was set back does not make it longer.
    return this.#failedAt === undefined || Math.abs(this.#clock.now() - this.#failedAt) >= pauseMs;
  }

  /** The bearer was refused in the new session, too. */
  failed(): void {
    this.#failedAt = this.#clock.now();
  }
}
