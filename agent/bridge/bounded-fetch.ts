// The `fetch` of the SDK's transports with bounds for what replies may bring: the SDK reads a reply whole into memory.
import type { Transformer } from 'node:stream/web';
import type { FetchLike } from '@modelcontextprotocol/sdk/shared/transport.js';
import type { AnswerRoom } from './answer-memory.ts';
import { boundedEvents } from './bounded-events.ts';
import { ReplyTooLargeError } from './http-exchange.ts';
import { pacedEvents, type Pace } from './paced-events.ts';

const maxReplyBytes = 64 * 1024 * 1024;
/** Bytes of a reply that is no success: more than is ever shown of it. */
const maxRefusalBytes = 64 * 1024;
/**
 * Bytes of one message in a stream that carries the messages of all calls. Smaller than a reply: nobody's time bounds such a stream,
 * so that what is half there may stay for as long as the server likes.
 */
export const maxMessageBytes = 16 * 1024 * 1024;

export interface BoundedFetchOptions {
  fetch: FetchLike;
  /** For one reply: it is read as room is made for it. */
  openRoom: () => AnswerRoom;
  /** Gets the body of the request whose reply was cut off: the SDK does not tell whoever waits for it. */
  onTooLarge: (requestBody: unknown) => void;
  /** A stream that the server keeps open for its own messages was cut off: the SDK would open it again. */
  onStreamTooLarge: () => void;
  /** Of such a stream. */
  pace: Pace;
}

export function boundedFetch({ fetch, openRoom, onTooLarge, onStreamTooLarge, pace }: BoundedFetchOptions): FetchLike {
  return async (url, init) => {
    const response = await fetch(url, init);
    const { status, statusText, headers, body } = response;
    if (body === null || status < 200 || status > 599) return response;
    const through = (bound: TransformStream<Uint8Array, Uint8Array>): Response =>
      new Response(body.pipeThrough(bound), { status, statusText, headers });
    if (!response.ok) return through(beginning(maxRefusalBytes));
    if (init?.method === 'POST') {
      const tooLarge = (): void => {
        onTooLarge(init.body);
      };
      return status === 200 ? through(boundedReply(openRoom(), tooLarge)) : response;
    }
    const bounded = body.pipeThrough(pacedEvents(pace)).pipeThrough(boundedEvents(maxMessageBytes, onStreamTooLarge));
    return new Response(bounded, { status, statusText, headers });
  };
}

function boundedReply(room: AnswerRoom, onTooLarge: () => void): TransformStream<Uint8Array, Uint8Array> {
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
        controller.error(new ReplyTooLargeError(maxReplyBytes));
        onTooLarge();
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
  return new TransformStream(transformer);
}

/** So many bytes, whatever comes behind them. */
function beginning(bytes: number): TransformStream<Uint8Array, Uint8Array> {
  let left = bytes;
  return new TransformStream({
    transform(chunk, controller) {
      controller.enqueue(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) controller.terminate();
    },
  });
}
