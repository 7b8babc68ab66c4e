// When a token is to be refreshed: pure functions of times in milliseconds.

/** Longest time between two refreshes, so that the refresh token never comes near its 90 idle days. */
const keepAliveMs = 24 * 60 * 60 * 1000;

export interface HeldToken {
  secret: string;
  obtainedAt: number;
  expiresAt: number;
  /** From here on a refresh is started, while the token still serves. */
  refreshAt: number;
  /** From here on the token is not used any more. */
  usableUntil: number;
  /** The claims challenge it was asked for with. */
  claims?: string | undefined;
}

/**
 * A token with its times: refreshed in the last tenth to fifth of its life, at most 5 to 10 minutes early, with jitter so
 * that many agents spread out; used until shortly before it expires, to allow for the way to the server.
 */
export function holdToken(
  token: { secret: string; obtainedAt: number; expiresAt: number },
  random = Math.random,
): HeldToken {
  const life = Math.max(0, token.expiresAt - token.obtainedAt);
  const early = Math.min(life * 0.1, 300_000) * (1 + random());
  const margin = Math.min(life * 0.05, 5_000);
  return { ...token, refreshAt: token.expiresAt - early, usableUntil: token.expiresAt - margin };
}

/** Milliseconds until the next keep-alive refresh: 80 to 95 % of the longest time, counted from the last refresh. */
export function keepAliveDelay(lastRefreshAt: number, now: number, random = Math.random): number {
  const longest = keepAliveMs * (0.8 + 0.15 * random());
  // A last refresh in the future was dated by a clock that has been set back since.
  return Math.min(longest, Math.max(0, lastRefreshAt + longest - now));
}
