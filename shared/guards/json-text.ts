// JSON that stands in a text of the arguments, read as strictly as possible: what two readers could read differently is refused.
import { findDuplicateKey } from '../duplicate-key.ts';

/** Undefined for a text that is no JSON, or in which a name stands twice in one object. */
export function readJsonText(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return findDuplicateKey(text) === undefined ? { value } : undefined;
  } catch {
    return undefined;
  }
}
