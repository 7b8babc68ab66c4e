// Tells JSON from prose in the text blocks of a tool's result: servers split one document over several blocks, or put a
// document into each.

export interface JsonTexts {
  /** Documents; `at` is the index of the text that one begins in. */
  values: { value: unknown; at: number }[];
  /** Texts that are no JSON, with their indexes. */
  plain: { text: string; at: number }[];
}

export type ParseJson = (text: string) => unknown;

/** More blocks are not put together. */
const longestDocument = 64;

/** `parse` throws for what is no JSON; with `parseExactJson` large integers come as bigint. */
export function readJsonTexts(texts: readonly string[], parse: ParseJson = JSON.parse): JsonTexts {
  if (texts.length === 0) return { values: [], plain: [] };
  const whole = parseJson(texts.join(''), parse);
  if (whole !== undefined) return { values: [{ value: whole, at: 0 }], plain: [] };
  const values: JsonTexts['values'] = [];
  const plain: JsonTexts['plain'] = [];
  for (let start = 0; start < texts.length; start += 1) {
    const first = texts[start] ?? '';
    const found = /^\s*[[{]/.test(first) ? documentAt(texts, start, parse) : undefined;
    if (found === undefined) plain.push({ text: first, at: start });
    else {
      values.push({ value: found.value, at: start });
      start = found.end - 1;
    }
  }
  return { values, plain };
}

function documentAt(
  texts: readonly string[],
  start: number,
  parse: ParseJson,
): { value: unknown; end: number } | undefined {
  let text = '';
  for (let end = start; end < Math.min(texts.length, start + longestDocument); end += 1) {
    text += texts[end];
    const value = /[\]}]\s*$/.test(text) ? parseJson(text, parse) : undefined;
    if (value !== undefined) return { value, end: end + 1 };
  }
  return undefined;
}

function parseJson(text: string, parse: ParseJson): unknown {
  if (!/^\s*[[{]/.test(text)) return undefined;
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}
