// Reads JSON that a person typed, and says in plain words where it stops being JSON.
import { parse, type ParseError } from 'jsonc-parser';
import type { JsonValue } from '../../shared/tool-schema/json-value.ts';

export type JsonReading = { readonly value: JsonValue } | { readonly problem: string };

/** Longer ones are no numbers that a call could mean. */
const maxDigits = 400;

/** Takes a number only when it survives: `12345678901234567890` would silently become another one. */
export function parseJsonText(text: string): JsonReading {
  if (text.trim() === '') return { problem: 'There is nothing here yet.' };
  let inexact: string | undefined;
  try {
    const value = JSON.parse(text, (_name, parsed: JsonValue, context?: { source?: string }) => {
      if (typeof parsed === 'number' && !isExact(parsed, context?.source ?? '')) inexact ??= context?.source ?? '';
      return parsed;
    }) as JsonValue;
    if (inexact === undefined) return { value };
    return { problem: `The number ${inexact.slice(0, 40)} is too long to be sent as it is. Put it in double quotes.` };
  } catch {
    return { problem: explain(text) };
  }
}

/** Whether a number would be sent as what was written; digits behind the decimal point may be rounded. */
export function isExact(value: number, written: string): boolean {
  if (!Number.isFinite(value)) return false;
  if (!/^[+-]?\d+$/.test(written) || Number.isSafeInteger(value) || String(value) === written) return true;
  return written.length <= maxDigits && BigInt(written) === BigInt(value);
}

function explain(text: string): string {
  const errors: ParseError[] = [];
  parse(text, errors, { disallowComments: true });
  const position = errors[0]?.offset;
  if (position === undefined) return 'This is no valid JSON. Put text and names in double quotes.';
  if (position >= text.trimEnd().length) return 'This JSON is not complete: something is missing at its end.';
  const before = text.slice(0, position).split('\n');
  const column = (before.at(-1)?.length ?? 0) + 1;
  const where = text.includes('\n') ? `line ${before.length}, column ${column}` : `character ${column}`;
  const near = /^[^\n\r]{0,12}/.exec(text.slice(position))?.[0].trim() ?? '';
  return `This is no valid JSON at ${where}, near "${near}".`;
}
