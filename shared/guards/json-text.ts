// JSON that stands in a text of the arguments, read as strictly as possible: what two readers could read differently is refused.
import { visit } from 'jsonc-parser';
import { findDuplicateKey } from '../duplicate-key.ts';

/** Undefined for a text that is no JSON, in which a name stands twice in one object, or is spelt with an escape. */
export function readJsonText(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return findDuplicateKey(text) === undefined && !hasEscapedName(text) ? { value } : undefined;
  } catch {
    return undefined;
  }
}

/** No honest caller needs one, and V8 misreads some beside others (https://github.com/nodejs/node/issues/63785). */
function hasEscapedName(text: string): boolean {
  if (!text.includes('\\')) return false;
  let found = false;
  visit(text, {
    onObjectProperty: (_name, offset, length) => {
      found ||= text.slice(offset, offset + length).includes('\\');
    },
  });
  return found;
}
