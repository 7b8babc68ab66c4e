// What the operator's webhook is told of the sign-in: that one is needed, is restored, will be needed soon, or that refreshes are
// in trouble for a while. It follows AuthState and knows neither Entra nor HTTP.
import { createHash } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { WebhookSender } from './webhook-sender.ts';

export interface AuthNoticesOptions {
  sender: Pick<WebhookSender, 'send' | 'openEpisodes'>;
  clock: Clock;
  /** Milliseconds that trouble has to last; what passes by itself wakes nobody. */
  troubleMs?: number;
}

const lane = 'auth';
const defaultTroubleMs = 2 * 60_000;
const troublePrefix = 'trouble-';

export class AuthNotices {
  readonly #options: AuthNoticesOptions;
  readonly #closing = new AbortController();
  /** Ends the wait for trouble to last. */
  #waiting: AbortController | undefined;
  #trouble: string | undefined;
  /** Episodes that this process was in, so that it knows when they end. */
  readonly #seen = new Set<string>();

  constructor(options: AuthNoticesOptions) {
    this.#options = options;
  }

  /** Call it with the state of the start and with every later one. */
  follow(state: AuthState): void {
    if (state.status === 'expired') this.#signInNeeded(state);
    if (state.status === 'connected' || state.status === 'degraded') this.#restored(state);
    if (state.endsAt?.soon === true) this.#endingSoon(state, state.endsAt);
    this.#followTrouble(state);
  }

  close(): void {
    this.#closing.abort();
  }

  #signInNeeded(state: AuthState): void {
    const { episodeId, reason, since } = state;
    if (episodeId === undefined || reason === undefined) return;
    this.#seen.add(episodeId);
    // Of an agent that was killed before it had stored the episode: it is the same one, met anew.
    const isTold = this.#options.sender.openEpisodes(lane).some(({ episode }) => !isTrouble(episode));
    if (isTold) return;
    this.#options.sender.send({
      type: 'auth.sign_in_needed',
      id: `${episodeId}.sign_in_needed`,
      lane,
      at: since,
      text: `${whose(state)} has ended. ${reason.message} ${reason.action}`,
      data: { episodeId, ...aboutOf(state), nextStep: state.nextStep },
      opens: episodeId,
    });
  }

  #restored(state: AuthState): void {
    for (const { episode, at } of this.#options.sender.openEpisodes(lane)) {
      // A start says "connected" before anything was tried: a refresh since then is proof, or that the end was seen.
      const isOver = this.#seen.has(episode) || Date.parse(state.lastRefreshAt ?? '') > Date.parse(at);
      if (!isOver || (isTrouble(episode) && state.status !== 'connected')) continue;
      this.#seen.delete(episode);
      this.#options.sender.send({
        type: 'auth.restored',
        id: `${episode}.restored`,
        lane,
        at: new Date(this.#options.clock.now()).toISOString(),
        text: `${whose(state)} works again.`,
        data: { episodeId: episode, account: state.account },
        closes: episode,
      });
    }
  }

  #endingSoon(state: AuthState, { at, cause, message }: NonNullable<AuthState['endsAt']>): void {
    const episodeId = `ending-${idOf(state.account?.id, cause, at)}`;
    this.#options.sender.send({
      type: 'auth.ending_soon',
      id: `${episodeId}.ending_soon`,
      lane,
      at: new Date(this.#options.clock.now()).toISOString(),
      text: `${whose(state)} ends on ${at}. ${message} Sign in again before that.`,
      data: { episodeId, account: state.account, endsAt: at, cause, nextStep: { kind: 'sign_in' } },
    });
  }

  #followTrouble(state: AuthState): void {
    if (state.status !== 'degraded') {
      this.#waiting?.abort();
      this.#waiting = undefined;
      this.#trouble = undefined;
      return;
    }
    const episodeId = `${troublePrefix}${idOf(state.account?.id, 'degraded', state.since)}`;
    if (this.#trouble === episodeId) return;
    this.#trouble = episodeId;
    this.#seen.add(episodeId);
    this.#waiting?.abort();
    const waiting = new AbortController();
    this.#waiting = waiting;
    const { sender, clock, troubleMs = defaultTroubleMs } = this.#options;
    clock.sleep(troubleMs, AbortSignal.any([waiting.signal, this.#closing.signal])).then(
      () => {
        // Over a restart it is still the same trouble.
        if (sender.openEpisodes(lane).some(({ episode }) => isTrouble(episode))) return;
        sender.send({
          type: 'auth.degraded',
          id: `${episodeId}.degraded`,
          lane,
          at: state.since,
          text: `${whose(state)} is in trouble. ${state.reason?.message ?? ''} ${state.reason?.action ?? ''}`.trim(),
          data: { episodeId, ...aboutOf(state) },
          opens: episodeId,
        });
      },
      () => undefined,
    );
  }
}

function isTrouble(episode: string): boolean {
  return episode.startsWith(troublePrefix);
}

function whose({ account }: AuthState): string {
  return `The Microsoft 365 sign-in${account === undefined ? '' : ` of ${account.username}`}`;
}

/** Claims of a challenge are left out: they are for the next sign-in alone. */
function aboutOf({ account, reason }: AuthState): Record<string, unknown> {
  if (reason === undefined) return { account };
  const { code, aadsts, message, action } = reason;
  return { account, reason: { code, aadsts, message, action } };
}

function idOf(...parts: (string | undefined)[]): string {
  return createHash('sha256').update(parts.join('|')).digest('hex').slice(0, 32);
}
