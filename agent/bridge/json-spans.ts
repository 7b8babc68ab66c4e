// Finds where the members of a JSON object stand in its bytes, so that a large value can be passed on without being parsed
// and serialised again. It proves balance, not validity: whoever reads the value in the end parses it.

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openObject = 0x7b;
const closeObject = 0x7d;
const openList = 0x5b;
const closeList = 0x5d;
const space = 0x20;

/** Half-open byte range. */
export type Span = readonly [from: number, to: number];

/**
 * The spans of the values in the object at `from`…`to`, by member name; with `inside`, also those of that member's own
 * members as `inside.name`. Undefined for anything that is not plainly one object: duplicate or escaped names, bad nesting.
 * Works on bytes, since the bytes of a UTF-8 sequence are never structural.
 */
export function memberSpans(
  bytes: Uint8Array,
  from: number,
  to: number,
  inside?: string,
): Map<string, Span> | undefined {
  const spans = new Map<string, Span>();
  // Name and start of the member being read, at depth 1 and 2.
  const names: (string | undefined)[] = [undefined, undefined, undefined];
  const starts = [0, 0, 0];
  let depth = 0;
  const finish = (at: number): boolean => {
    const name = depth <= 2 ? names[depth] : undefined;
    if (name === undefined) return true;
    if (spans.has(name)) return false;
    spans.set(name, [starts[depth] ?? 0, at]);
    names[depth] = undefined;
    return true;
  };
  for (let index = from; index < to; index++) {
    const byte = bytes[index] ?? 0;
    if (depth === 0 && byte !== openObject && byte > space) return undefined;
    if (byte === quote) {
      const nameFrom = index + 1;
      let isEscaped = false;
      for (index++; index < to && bytes[index] !== quote; index++) {
        if (bytes[index] === backslash) {
          index++;
          isEscaped = true;
        }
      }
      if (index >= to) return undefined;
      const mayBeName =
        (depth === 1 || (depth === 2 && inside !== undefined && names[1] === inside)) && names[depth] === undefined;
      if (!mayBeName) continue;
      let after = index + 1;
      while (after < to && (bytes[after] ?? 0) <= space) after++;
      if (bytes[after] !== colon) continue;
      if (isEscaped) return undefined;
      const name = String.fromCharCode(...bytes.subarray(nameFrom, Math.min(index, nameFrom + 256)));
      names[depth] = depth === 1 ? name : `${inside ?? ''}.${name}`;
      starts[depth] = after + 1;
      index = after;
    } else if (byte === openObject || byte === openList) {
      depth++;
    } else if (byte === closeObject || byte === closeList) {
      if (!finish(index)) return undefined;
      depth--;
      if (depth === 0) return isBlank(bytes, index + 1, to) ? spans : undefined;
    } else if (byte === comma && !finish(index)) {
      return undefined;
    }
  }
  return undefined;
}

function isBlank(bytes: Uint8Array, from: number, to: number): boolean {
  for (let index = from; index < to; index++) if ((bytes[index] ?? 0) > space) return false;
  return true;
}
