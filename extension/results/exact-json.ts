// Reads JSON text with its large integers as they are written: as numbers they would come out as others. It knows no results.

/** Digits from which on an integer may be too large for a number; in most texts there is none. */
const longDigits = /\d{16}/;

type Reviver = (key: string, value: unknown, context?: { source?: string }) => unknown;

/**
 * As JSON.parse, with integers beyond 2^53 as bigint where the engine tells the source of a number.
 * @throws SyntaxError
 */
export function parseExactJson(text: string): unknown {
  if (!longDigits.test(text)) return JSON.parse(text);
  return (JSON.parse as (text: string, reviver: Reviver) => unknown)(text, (_, value, context) =>
    typeof value === 'number' && !Number.isSafeInteger(value) && /^-?\d{1,400}$/.test(context?.source ?? '')
      ? BigInt(context?.source ?? '')
      : value,
  );
}
