// Finds a name that stands twice in one object of a JSON text: readers take the last one silently, and with it a rule may be lost.
import { visit } from 'jsonc-parser';

/** The first such name with its line, from 1. */
export function findDuplicateKey(text: string): { name: string; line: number } | undefined {
  const open: Set<string>[] = [];
  let found: { name: string; line: number } | undefined;
  visit(
    text,
    {
      onObjectBegin: () => {
        open.push(new Set());
      },
      onObjectProperty: (name, _offset, _length, line) => {
        const names = open.at(-1);
        if (names?.has(name) === true) found ??= { name: name.slice(0, 60), line: line + 1 };
        names?.add(name);
      },
      onObjectEnd: () => {
        open.pop();
      },
    },
    { allowTrailingComma: true },
  );
  return found;
}
