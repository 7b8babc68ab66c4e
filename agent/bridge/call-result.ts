// The outcome of one tool call on a server: the raw JSON of the result, and the parsed one where somebody has to look inside.
import type { CallToolResult } from '@modelcontextprotocol/sdk/types.js';

export interface CallResult {
  /** JSON text (UTF-8) of the MCP result with room around it; see ResultBytes. */
  json: ResultBytes;
  /** Parsed; undefined for a large plain success, which nobody needs to look into. */
  parsed: CallToolResult | undefined;
}

/** Bytes `from`…`to` of a buffer whose bytes before `from` and at `to` may be overwritten by whoever holds it. */
export interface ResultBytes {
  buffer: Buffer;
  from: number;
  to: number;
}

/** Puts `head` before the result and closes the object behind it: `{"…":…,"result":` + result + `}`, without copying it. */
export function wrapResult({ buffer, from, to }: ResultBytes, head: string): Uint8Array {
  const length = Buffer.byteLength(head);
  if (length <= from && to < buffer.length) {
    buffer.write(head, from - length, 'utf8');
    buffer[to] = 0x7d;
    return buffer.subarray(from - length, to + 1);
  }
  return Buffer.concat([Buffer.from(head), buffer.subarray(from, to), Buffer.from('}')]);
}

export function resultBytesOf(result: unknown): ResultBytes {
  const buffer = Buffer.from(JSON.stringify(result));
  return { buffer, from: 0, to: buffer.length };
}
