// The messages that one reply travels in: a large one in parts, where the requester can put them together. It knows no NATS.
import { metadataHeaders } from '../../shared/contract/metadata.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';

export interface ReplyMessage {
  payload: Uint8Array;
  /** Its `rb-chunk`; absent on a reply in one piece. */
  chunk?: string;
}

const chunkBytes = 512 * 1024;

/** Without `acceptsChunks` a reply larger than `maxPayload` bytes becomes the error `payload_too_large`. */
export function replyMessages(
  reply: Uint8Array,
  { maxPayload, acceptsChunks }: { maxPayload: number; acceptsChunks: boolean },
): ReplyMessage[] {
  if (reply.length <= maxPayload) return [{ payload: reply }];
  if (!acceptsChunks) return [{ payload: tooLarge(reply.length, maxPayload) }];
  const size = Math.min(chunkBytes, maxPayload);
  const count = Math.ceil(reply.length / size);
  return Array.from({ length: count }, (_, index) => ({
    payload: reply.subarray(index * size, (index + 1) * size),
    chunk: `${index}/${count}`,
  }));
}

function tooLarge(bytes: number, maxPayload: number): Uint8Array {
  const error = new RockBotError({
    code: 'payload_too_large',
    message: `What was asked for was carried out, but the reply has ${bytes} bytes and one message of this bus at most ${maxPayload}.`,
    action: `Send the header ${metadataHeaders.acceptChunks}: 1 and put the parts together as docs/contract.md says, or ask for less.`,
  });
  return Buffer.from(JSON.stringify({ ok: false, error: toWireError(error) }));
}
