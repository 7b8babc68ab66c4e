// Bounds the single event of an event stream that may go on for ever; the stream passes as it is. It knows no message.
// Source: WHATWG HTML, 9.2.5: events end with an empty line, lines with CR, LF, or both.
import { ReplyTooLargeError } from './http-exchange.ts';

const lineFeed = 0x0a;
const carriageReturn = 0x0d;
const emptyLines = ['\n\n', '\n\r', '\r\r'];

/** Errors with ReplyTooLargeError, after it has told, when more than `maxBytes` of an event that has not ended have come. */
export function boundedEvents(maxBytes: number, onTooLarge: () => void): TransformStream<Uint8Array, Uint8Array> {
  /** Bytes since the last event ended. */
  let pending = 0;
  let last = 0;
  return new TransformStream({
    transform(chunk, controller) {
      const end = eventEnd(chunk, last);
      pending = end === undefined ? pending + chunk.length : chunk.length - end;
      last = chunk.at(-1) ?? last;
      if (pending <= maxBytes) {
        controller.enqueue(chunk);
        return;
      }
      onTooLarge();
      controller.error(new ReplyTooLargeError(maxBytes));
    },
  });
}

/** Where in the chunk the last event ends; `before`: the byte that came before the chunk. */
function eventEnd(chunk: Uint8Array, before: number): number | undefined {
  const bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
  const found = Math.max(...emptyLines.map((line) => bytes.lastIndexOf(line, undefined, 'latin1')));
  if (found >= 0) return found + 2;
  const isEnd = (byte: number | undefined): boolean => byte === lineFeed || byte === carriageReturn;
  const isSplit = isEnd(before) && isEnd(bytes[0]) && !(before === carriageReturn && bytes[0] === lineFeed);
  return isSplit ? 1 : undefined;
}
