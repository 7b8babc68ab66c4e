// The `fetch` of the SDK's transports with a bound for what one reply may bring: the SDK reads a reply whole into memory.
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import { ReplyTooLargeError } from './http-exchange.ts';

const maxReplyBytes = 64 * 1024 * 1024;

/**
 * `onTooLarge` gets the body of the request whose reply was cut off: the SDK does not tell whoever waits for it. Streams that
 * the server keeps open for its own messages have no end and no bound.
 */
export function boundedFetch(fetch: FetchLike, onTooLarge: (requestBody: unknown) => void): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method !== 'POST' || response.status !== 200 || response.body === null) return response;
    let received = 0;
    const bounded = response.body.pipeThrough(
      new TransformStream<Uint8Array, Uint8Array>({
        transform(chunk, controller) {
          received += chunk.length;
          if (received <= maxReplyBytes) {
            controller.enqueue(chunk);
            return;
          }
          controller.error(new ReplyTooLargeError('The reply is larger than 64 MB.'));
          onTooLarge(init.body);
        },
      }),
    );
    const { status, statusText, headers } = response;
    return new Response(bounded, { status, statusText, headers });
  };
}
