// JSON that stands in a text of the arguments, read as strictly as possible: what two readers could read differently is refused.
import { visit } from 'jsonc-parser';

/** Undefined for a text that is no JSON, or in which a name stands twice in one object. */
export function readJsonText(text: string): { value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return hasDuplicates(text) ? undefined : { value };
  } catch {
    return undefined;
  }
}

function hasDuplicates(text: string): boolean {
  const open: Set<string>[] = [];
  let isFound = false;
  visit(text, {
    onObjectBegin: () => {
      open.push(new Set());
    },
    onObjectProperty: (name) => {
      const names = open.at(-1);
      if (names?.has(name) === true) isFound = true;
      names?.add(name);
    },
    onObjectEnd: () => {
      open.pop();
    },
  });
  return isFound;
}
