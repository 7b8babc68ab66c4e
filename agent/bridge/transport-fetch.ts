// The `fetch` of the SDK's HTTP transports: static headers, the bearer per request, our own connections, no redirects.
import { fetch as undiciFetch, type Dispatcher } from 'undici';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { sendWithBearer, type BearerOptions } from './bearer.ts';

export interface TransportFetchOptions extends BearerOptions {
  headers: Readonly<Record<string, string>>;
  dispatcher: Dispatcher;
}

export function createTransportFetch({ headers, dispatcher, ...bearer }: TransportFetchOptions): FetchLike {
  return (input, init) => {
    const url = new URL(input);
    return sendWithBearer<Response>({
      ...bearer,
      url,
      signal: init?.signal ?? undefined,
      send: async (authorization) => {
        // Static headers come first: those of the protocol and the bearer win.
        const merged = new Headers(headers);
        for (const [name, value] of new Headers(init?.headers)) merged.set(name, value);
        if (authorization.authorization !== undefined) merged.set('authorization', authorization.authorization);
        const request = { ...init, headers: Object.fromEntries(merged), redirect: 'manual', dispatcher };
        return undiciFetch(url, request as Parameters<typeof undiciFetch>[1]);
      },
      head: (response) => ({ status: response.status, header: (name) => response.headers.get(name) ?? undefined }),
      discard: (response) => void response.body?.cancel().catch(() => undefined),
    });
  };
}
