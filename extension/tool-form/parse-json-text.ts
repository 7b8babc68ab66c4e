// Reads JSON that a person typed, and says in plain words where it stops being JSON.
import type { JsonValue } from './json-value.ts';

export type JsonReading = { readonly value: JsonValue } | { readonly problem: string };

/** Takes a number only when it survives: `12345678901234567890` would silently become another one. */
export function parseJsonText(text: string): JsonReading {
  if (text.trim() === '') return { problem: 'There is nothing here yet.' };
  let inexact: string | undefined;
  try {
    const value = JSON.parse(text, (_name, parsed: JsonValue, context?: { source?: string }) => {
      if (typeof parsed === 'number' && !isExact(parsed, context?.source)) inexact ??= context?.source;
      return parsed;
    }) as JsonValue;
    if (inexact === undefined) return { value };
    return { problem: `The number ${inexact.slice(0, 40)} is too long to be sent as it is. Put it in double quotes.` };
  } catch (error) {
    return { problem: explain(text, error) };
  }
}

function isExact(value: number, source: string | undefined): boolean {
  if (!Number.isFinite(value)) return false;
  return source === undefined || !/^-?\d+$/.test(source) || Number.isSafeInteger(value);
}

/** Engines say the place as `at position 12`, `at line 1 column 3` or not at all. */
function explain(text: string, error: unknown): string {
  const message = error instanceof Error ? error.message : '';
  const found = /at position (\d+)/.exec(message)?.[1];
  const position = found === undefined ? endOfText(text, message) : Number(found);
  if (position === undefined) return 'This is no valid JSON. Put text and names in double quotes.';
  if (position >= text.trimEnd().length) return 'This JSON is not complete: something is missing at its end.';
  const before = text.slice(0, position).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const where = text.includes('\n') ? `line ${before.length}, column ${column}` : `character ${column}`;
  return `This is no valid JSON at ${where}, near "${near(text, position)}".`;
}

function endOfText(text: string, message: string): number | undefined {
  return message.includes('end of JSON') ? text.length : undefined;
}

function near(text: string, position: number): string {
  return text
    .slice(position, position + 12)
    .split(/[\n\r]/)[0]
    ?.trim() as string;
}
