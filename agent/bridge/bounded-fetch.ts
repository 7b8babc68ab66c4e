// The `fetch` of the SDK's transports with bounds for what replies may bring: the SDK reads a reply whole into memory.
import type { Transformer } from 'node:stream/web';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { AnswerRoom } from './answer-memory.ts';
import { ReplyTooLargeError } from './http-exchange.ts';

const maxReplyBytes = 64 * 1024 * 1024;

export interface BoundedFetchOptions {
  fetch: FetchLike;
  /** For one reply: it is read as room is made for it. */
  openRoom: () => AnswerRoom;
  /**
   * Gets the body of the request whose reply was cut off: the SDK does not tell whoever waits for it. Streams that the server
   * keeps open for its own messages have no end and no bound.
   */
  onTooLarge: (requestBody: unknown) => void;
}

export function boundedFetch({ fetch, openRoom, onTooLarge }: BoundedFetchOptions): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    if (init?.method !== 'POST' || response.status !== 200 || response.body === null) return response;
    const room = openRoom();
    let received = 0;
    let reserved = 0;
    const release = (): void => {
      room.release();
    };
    const transformer: Transformer<Uint8Array, Uint8Array> & { cancel: () => void } = {
      async transform(chunk, controller) {
        received += chunk.length;
        if (received > maxReplyBytes) {
          release();
          controller.error(new ReplyTooLargeError('The reply is larger than 64 MB.'));
          onTooLarge(init.body);
          return;
        }
        controller.enqueue(chunk);
        if (received <= reserved) return;
        reserved = Math.min(received * 2, maxReplyBytes);
        await room.reserve(reserved);
      },
      flush: release,
      cancel: release,
    };
    const { status, statusText, headers } = response;
    return new Response(response.body.pipeThrough(new TransformStream(transformer)), { status, statusText, headers });
  };
}
