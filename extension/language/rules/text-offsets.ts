// From a part of a string's value to its place in the JSON text, whatever is escaped before it.
import type { Node } from 'jsonc-parser';

/** Offsets in the document of `start` to `end` of the value of a string. */
export function partOfString(text: string, node: Node, start: number, end: number): { from: number; to: number } {
  const value = String(node.value);
  const first = node.offset + 1;
  if (node.length === value.length + 2) return { from: first + start, to: first + end };
  const raw = text.slice(first, node.offset + node.length - 1);
  let at = 0;
  let from = raw.length;
  for (const { 0: piece, index } of raw.matchAll(/\\u[0-9a-fA-F]{4}|\\.|[^\\]/gs)) {
    if (at === start) from = index;
    if (at === end) return { from: first + from, to: first + index };
    at += piece.startsWith('\\') ? 1 : piece.length;
  }
  return { from: first + Math.min(from, raw.length), to: first + raw.length };
}
