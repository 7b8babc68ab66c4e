// The `fetch` of the SDK's HTTP transports: static headers, the bearer per request, our own connections, no redirects, and no
// bearer in what comes back.
import { fetch as undiciFetch, type Dispatcher } from 'undici';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { sendWithBearer, type BearerOptions } from './bearer.ts';
import { requestContext } from './sdk-request-context.ts';
import type { SentBearers } from './sent-bearers.ts';

export interface TransportFetchOptions extends BearerOptions {
  headers: Readonly<Record<string, string>>;
  dispatcher: Dispatcher;
  sent: SentBearers;
}

export function createTransportFetch({ headers, dispatcher, ...bearer }: TransportFetchOptions): FetchLike {
  return async (input, init) => {
    const url = new URL(input);
    const { traceHeaders, mayRefresh } = requestContext();
    const reply = await sendWithBearer<Response>({
      ...bearer,
      url,
      mayRefresh,
      signal: init?.signal ?? undefined,
      send: async (authorization) => {
        // Static headers come first: those of the protocol and the bearer win.
        const merged = new Headers(headers);
        const trace = init?.method === 'POST' ? traceHeaders : undefined;
        for (const own of [init?.headers, trace]) for (const [name, value] of new Headers(own)) merged.set(name, value);
        if (authorization.authorization !== undefined) merged.set('authorization', authorization.authorization);
        const request = { ...init, headers: Object.fromEntries(merged), redirect: 'manual', dispatcher };
        return undiciFetch(url, request as Parameters<typeof undiciFetch>[1]);
      },
      head: (response) => ({ status: response.status, header: (name) => response.headers.get(name) ?? undefined }),
      discard: (response) => void response.body?.cancel().catch(() => undefined),
    });
    return bearer.tokens === undefined ? reply : masked(reply, bearer.sent);
  };
}

function masked(response: Response, sent: SentBearers): Response {
  const { body, status, statusText, headers } = response;
  if (body === null || status < 200 || status > 599) return response;
  return new Response(body.pipeThrough(sent.maskStream()), { status, statusText, headers });
}
