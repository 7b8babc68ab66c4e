// Puts the profile's bearer on a request, and on a 401 asks once for a fresh one and sends once more. The one place where
// a bearer meets a URL: it goes to allowed origins only, and no redirect is ever followed with it.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { TokenProvider } from '../auth/token-provider.ts';
import { SentBearers } from './sent-bearers.ts';
import { RefreshWithheldError } from './server-tokens.ts';
import { describeChallenge, parseBearerChallenge } from './www-authenticate.ts';

export interface BearerOptions {
  server: string;
  /** Undefined for a server without `auth`: then no bearer is sent, and a 401 is final. */
  tokens?: TokenProvider | undefined;
  /** Remembers what the server is sent, for whoever passes on what it answers. */
  sent?: SentBearers | undefined;
}

export interface ReplyHead {
  status: number;
  header: (name: string) => string | undefined;
}

/** The server refuses the bearer, also a fresh one: whatever was sent with it was not run. */
export class RefusedBearerError extends RockBotError {}

/** The server points elsewhere. With 307 and 308 it has not run what it was sent; the others are also said afterwards (RFC 9110, 15.4). */
export class RedirectedError extends RockBotError {
  mayHaveRun = false;
}

/**
 * Runs `send` with the Authorization header (empty without a profile). Throws RockBotError: what the provider throws,
 * RefusedBearerError (`auth_required`) after a second 401, RedirectedError (`server_unavailable`).
 */
export async function sendWithBearer<Reply>(
  options: BearerOptions & {
    url: URL;
    signal?: AbortSignal | undefined;
    send: (headers: { authorization?: string }) => Promise<Reply>;
    head: (reply: Reply) => ReplyHead;
    /** Called with a reply that is not used any further. */
    discard?: (reply: Reply) => void;
    /** False: the first 401 is the last word. True when left out. */
    mayRefresh?: boolean | undefined;
  },
): Promise<Reply> {
  const { server, tokens, sent = new SentBearers(), url, signal, send, head, discard, mayRefresh = true } = options;
  if (tokens === undefined) return refuseRedirect(await send({}), options);
  assertAllowed(tokens, url, server);
  const pending = tokens.token(signal);
  const token = typeof pending === 'string' ? pending : await pending;
  sent.remember(token);
  const first = await send({ authorization: `Bearer ${token}` });
  if (head(first).status !== 401) return settle(first, tokens, options);
  const challenge = parseBearerChallenge(head(first).header('www-authenticate'));
  discard?.(first);
  const refused = (said: string | undefined): RefusedBearerError =>
    new RefusedBearerError({
      code: 'auth_required',
      message: `The server "${server}" refuses the bearer of profile "${tokens.profile}", also a fresh one${said === undefined ? '' : ` (${sent.mask(said)})`}.`,
      action: "Check that the profile's scopes are the ones this server wants; then sign in again.",
    });
  if (!mayRefresh) {
    tokens.refused?.(token, challenge?.claims);
    throw refused(describeChallenge(challenge));
  }
  const fresh = await tokens.refresh({ rejected: token, claims: challenge?.claims, signal }).catch((error: unknown) => {
    throw error instanceof RefreshWithheldError ? refused(describeChallenge(challenge)) : error;
  });
  sent.remember(fresh);
  const second = await send({ authorization: `Bearer ${fresh}` });
  if (head(second).status !== 401) return settle(second, tokens, options);
  tokens.refused?.(fresh, challenge?.claims);
  const said = describeChallenge(parseBearerChallenge(head(second).header('www-authenticate')) ?? challenge);
  discard?.(second);
  throw refused(said);
}

/** Throws when the profile's bearer may not go to the URL's origin. */
export function assertAllowed(tokens: TokenProvider, url: URL, server: string): void {
  if (tokens.allowedOrigins.has(url.origin) && url.username === '' && url.password === '') return;
  const setting =
    tokens.profile === 'workiq' ? 'WorkIQ__AllowedOrigins' : `Auth__Profiles__${tokens.profile}__AllowedOrigins`;
  throw new RockBotError({
    code: 'forbidden',
    message: `The bearer of profile "${tokens.profile}" may not go to ${url.origin}, the address of the server "${server}".`,
    action: `Correct the server's url in mcp.json, or have the operator add the origin to ${setting}.`,
  });
}

function settle<Reply>(
  reply: Reply,
  tokens: TokenProvider,
  options: Parameters<typeof refuseRedirect<Reply>>[1],
): Reply {
  const settled = refuseRedirect(reply, options);
  if (options.head(settled).status < 300) tokens.accepted?.();
  return settled;
}

/** The reply itself when it is no redirect. Throws RedirectedError. */
export function refuseRedirect<Reply>(
  reply: Reply,
  {
    head,
    discard,
    server,
  }: { head: (reply: Reply) => ReplyHead; discard?: ((reply: Reply) => void) | undefined; server: string },
): Reply {
  const { status, header } = head(reply);
  if (status < 300 || status > 399 || status === 304) return reply;
  const location = header('location');
  discard?.(reply);
  const error = new RedirectedError({
    code: 'server_unavailable',
    message: `The server "${server}" redirects${location === undefined ? '' : ` to ${originOf(location)}`}; redirects are not followed.`,
    action: "Put the final address into the server's url in mcp.json, if you trust it.",
    retryable: false,
  });
  error.mayHaveRun = status !== 307 && status !== 308;
  throw error;
}

function originOf(location: string): string {
  return URL.canParse(location) ? new URL(location).origin : 'another path';
}
