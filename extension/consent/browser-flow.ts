// Signs in with the browser of this machine (authorization code with PKCE, answer to a loopback port); it shows nothing
// itself. The library knows neither cancel nor time limit, so both are added here.
import { request as httpRequest } from 'node:http';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { createEntraNetwork } from './entra-network.ts';
import { acquireWithBrowser } from './msal.ts';
import { describeSignInFailure } from './sign-in-failure.ts';
import { failurePage, successPage } from './sign-in-page.ts';
import type { SignInPorts } from './sign-in-ports.ts';
import type { SignedIn, SignInRequest } from './sign-in.ts';

export const browserTimeLimitMs = 5 * 60_000;

/**
 * `openBrowser` is given the address to open; it must not fail when it cannot open one, since the user may do that.
 * @throws RockBotError `cancelled`, `auth_required` (declined, too late) or what Entra's refusal means
 */
export async function signInWithBrowser(
  request: SignInRequest,
  options: SignInPorts & { openBrowser: (url: string) => Promise<void>; timeLimitMs?: number | undefined },
): Promise<SignedIn> {
  const { timeLimitMs = browserTimeLimitMs } = options;
  const limit = new AbortController();
  const timer = setTimeout(() => limit.abort(tooLate(timeLimitMs)), timeLimitMs);
  const signal = options.signal === undefined ? limit.signal : AbortSignal.any([options.signal, limit.signal]);
  const network = createEntraNetwork({ http: options.http, signal });
  let authorizationUrl: string | undefined;
  const cancel = (): void => {
    if (authorizationUrl !== undefined) endLoopback(authorizationUrl);
  };
  signal.addEventListener('abort', cancel, { once: true });
  try {
    signal.throwIfAborted();
    return await acquireWithBrowser(
      {
        ...request,
        successPage,
        errorPage: failurePage,
        openBrowser: async (url) => {
          signal.throwIfAborted();
          authorizationUrl = url;
          await options.openBrowser(url);
        },
      },
      network,
    );
  } catch (error) {
    const { lastRefusal, lastFailure } = network;
    throw describeSignInFailure({ error, request, lastRefusal, lastFailure, signal });
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', cancel);
  }
}

/** Answers the library's own listener in the user's place, which is the one way to close it. */
function endLoopback(authorizationUrl: string): void {
  const query = new URL(authorizationUrl).searchParams;
  const redirectUri = query.get('redirect_uri');
  if (redirectUri === null) return;
  const body = new URLSearchParams({
    error: 'user_cancelled',
    error_description: 'The sign-in was cancelled.',
    state: query.get('state') ?? '',
  }).toString();
  const request = httpRequest({
    host: '127.0.0.1',
    port: new URL(redirectUri).port,
    path: '/',
    method: 'POST',
    agent: false,
    timeout: 2_000,
    headers: { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) },
  });
  request.on('response', (response) => response.resume());
  // The listener may just have ended by itself.
  request.on('error', () => undefined);
  request.on('timeout', () => request.destroy());
  request.end(body);
}

function tooLate(timeLimitMs: number): RockBotError {
  return new RockBotError({
    code: 'auth_required',
    message: `Nobody completed the sign-in within ${Math.round(timeLimitMs / 1_000)} s.`,
    action: 'Start the sign-in again; where no browser can be opened, use the device code.',
  });
}
