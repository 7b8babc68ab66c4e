// One episode in which the connection does not serve: it begins with Entra's refusal, is kept on the volume with whether its notice
// was sent, and so goes on over a restart. It knows no tokens and no timers.
import { randomUUID } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Clock } from '../../shared/clock.ts';
import type { AuthReason } from '../../shared/contract/auth-state.ts';
import type { AccountHealth } from './account-health.ts';
import type { ConnectionInForce } from './connection-in-force.ts';

export interface ExpiredEpisodeOptions {
  health: Pick<AccountHealth, 'expired' | 'waitingNotice' | 'dispatch' | 'noticeSent'>;
  connection: Pick<ConnectionInForce, 'live' | 'change' | 'store'>;
  clock: Pick<Clock, 'now'>;
}

export class ExpiredEpisode {
  readonly #options: ExpiredEpisodeOptions;

  constructor(options: ExpiredEpisodeOptions) {
    this.#options = options;
  }

  /** Begins it, or has it go on for another reason: `unchanged` when there is nothing new in the refusal. */
  refused(reason: AuthReason): 'begun' | 'changed' | 'unchanged' {
    const { health, connection, clock } = this.#options;
    if (connection.live === undefined) return 'unchanged';
    const before = health.expired;
    health.dispatch({ type: 'rejected', reason, episodeId: randomUUID() });
    const { expired } = health;
    if (expired === undefined || isDeepStrictEqual(before, expired)) return 'unchanged';
    const since = connection.live.connection.expired?.at ?? new Date(clock.now()).toISOString();
    const isNoticeDue = health.waitingNotice === expired.episodeId;
    connection.change({ expired: { ...expired, at: since, ...(isNoticeDue && { announced: false }) } });
    void connection.store();
    return before === undefined ? 'begun' : 'changed';
  }

  /** The notice, which had to wait, has been sent: remembered on the volume, since the agent may end before the next one. */
  noticeSent(episodeId: string): void {
    const { health, connection } = this.#options;
    health.noticeSent(episodeId);
    const expired = connection.live?.connection.expired;
    if (expired?.episodeId !== episodeId || expired.announced === undefined) return;
    const { announced: _sent, ...rest } = expired;
    connection.change({ expired: rest });
    void connection.store();
  }
}
