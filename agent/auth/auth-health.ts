// The state of the connection to Microsoft 365 as a pure machine; effects are named here and run elsewhere.
import type { Account, AuthReason, AuthState, ExpectedEnd, NextStep } from '../../shared/contract/auth-state.ts';
import { mayBeLifted } from './refusal-retry.ts';

interface Connected {
  account: Account;
  /** ISO 8601. */
  lastRefreshAt: string;
  accessTokenExpiresAt?: string | undefined;
}

export interface AuthHealth {
  generation: number;
  since: string;
  connection?: Connected | undefined;
  /** Set while a new sign-in is needed, or somebody has to lift what Entra refuses for. */
  expired?: { episodeId: string; reason: AuthReason } | undefined;
  /** Why the connection is `degraded`, one entry per cause. */
  trouble: { refresh?: AuthReason | undefined; store?: AuthReason | undefined };
  /** Why there is no connection, when there is more to say than that nobody signed in. */
  note?: AuthReason | undefined;
  /** When the connection will end by itself. */
  end?: ExpectedEnd | undefined;
}

export type UntimedHealthEvent =
  | {
      type: 'loaded';
      generation: number;
      /** When the loaded state began, ISO 8601. */
      since?: string | undefined;
      connection?: Connected | undefined;
      expired?: AuthHealth['expired'];
      /** The notice of the episode was not sent before the agent ended. */
      noticeDue?: boolean | undefined;
      note?: AuthReason | undefined;
    }
  | { type: 'handed_off'; generation: number; connection: Connected }
  | { type: 'refreshed'; accessTokenExpiresAt?: string | undefined }
  | { type: 'refresh_failed'; reason: AuthReason }
  | { type: 'rejected'; reason: AuthReason; episodeId: string }
  | { type: 'store_failed'; reason: AuthReason }
  | { type: 'store_recovered' }
  | { type: 'end_expected'; end: ExpectedEnd | undefined }
  | { type: 'disconnected' };

/** `at` is ISO 8601. */
export type AuthHealthEvent = UntimedHealthEvent & { at: string };

export type AuthHealthEffect =
  | { type: 'announce'; state: AuthState }
  | {
      type: 'notify_expired';
      accountId: string;
      username: string;
      reason: AuthReason;
      nextStep?: NextStep | undefined;
      episodeId: string;
      at: string;
    };

export function initialHealth(at: string): AuthHealth {
  return { generation: 0, since: at, trouble: {} };
}

/** The next state and what to do about it. Every change of `AuthState.status` or its reason is announced. */
export function reduceHealth(
  health: AuthHealth,
  event: AuthHealthEvent,
): { health: AuthHealth; effects: AuthHealthEffect[] } {
  const next = apply(health, event);
  const before = authStateOf(health);
  const after = authStateOf({ ...next, since: health.since });
  const statusChanged =
    event.type === 'handed_off' || before.status !== after.status || before.episodeId !== after.episodeId;
  const began = event.type === 'loaded' && event.since !== undefined ? event.since : event.at;
  const settled = { ...next, since: statusChanged ? began : health.since };
  const effects: AuthHealthEffect[] = [];
  if (JSON.stringify(before) !== JSON.stringify(after)) effects.push({ type: 'announce', state: authStateOf(settled) });
  const isNoticeDue =
    (event.type === 'rejected' && health.expired === undefined) ||
    (event.type === 'loaded' && event.noticeDue === true);
  if (isNoticeDue && settled.expired !== undefined && settled.connection !== undefined) {
    const { reason, episodeId } = settled.expired;
    const { id: accountId, username } = settled.connection.account;
    effects.push({ type: 'notify_expired', accountId, username, reason, episodeId, at: began });
  }
  return { health: settled, effects };
}

function apply(health: AuthHealth, event: AuthHealthEvent): AuthHealth {
  switch (event.type) {
    case 'loaded':
      return {
        ...health,
        generation: event.generation,
        connection: event.connection,
        expired: event.expired,
        note: event.note,
      };
    case 'handed_off':
      return { generation: event.generation, since: health.since, connection: event.connection, trouble: {} };
    case 'refreshed':
      if (health.connection === undefined) return health;
      return {
        ...health,
        connection: {
          ...health.connection,
          lastRefreshAt: event.at,
          accessTokenExpiresAt: event.accessTokenExpiresAt ?? health.connection.accessTokenExpiresAt,
        },
        expired: undefined,
        trouble: { ...health.trouble, refresh: undefined },
      };
    case 'refresh_failed':
      if (health.connection === undefined || health.expired !== undefined) return health;
      return { ...health, trouble: { ...health.trouble, refresh: event.reason } };
    case 'rejected':
      if (health.connection === undefined) return health;
      // An episode goes on until a sign-in or a refresh ends it; a further rejection may only tell what is in the way now.
      if (health.expired !== undefined) {
        const { reason } = event;
        return mayBeLifted(health.expired.reason) ? { ...health, expired: { ...health.expired, reason } } : health;
      }
      return {
        ...health,
        expired: { episodeId: event.episodeId, reason: event.reason },
        trouble: { store: health.trouble.store },
      };
    case 'store_failed':
      return { ...health, trouble: { ...health.trouble, store: event.reason } };
    case 'store_recovered':
      return { ...health, trouble: { ...health.trouble, store: undefined } };
    case 'end_expected':
      return { ...health, end: event.end };
    case 'disconnected':
      return { generation: health.generation, since: health.since, trouble: {} };
  }
}

/** What everybody may know of the state. */
export function authStateOf(health: AuthHealth): AuthState {
  const { generation, since, connection, expired, trouble, note, end } = health;
  if (connection === undefined) {
    return { status: 'not_connected', since, generation, ...(note !== undefined && { reason: note }) };
  }
  const reason = expired?.reason ?? trouble.store ?? trouble.refresh;
  return {
    status: expired !== undefined ? 'expired' : reason !== undefined ? 'degraded' : 'connected',
    account: connection.account,
    since,
    generation,
    ...(connection.accessTokenExpiresAt !== undefined && { accessTokenExpiresAt: connection.accessTokenExpiresAt }),
    lastRefreshAt: connection.lastRefreshAt,
    ...(reason !== undefined && { reason }),
    ...(expired !== undefined && { episodeId: expired.episodeId }),
    ...(expired === undefined && end !== undefined && { endsAt: end }),
  };
}
