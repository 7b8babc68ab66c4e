// Writes a value as JSON however deep it nests, which JSON.stringify does not: it overflows the stack.

export interface JsonTextOptions {
  /** Spaces per level; 0 for one line. */
  indent?: number;
}

interface Level {
  isArray: boolean;
  /** Values of an array, or [key, value] pairs of an object. */
  items: readonly unknown[] | readonly [string, unknown][];
  next: number;
}

/**
 * Infinity is written as 1e999: it came from a number too large to hold, and null would be another value. What JSON has no
 * word for is left out of objects and null elsewhere, as JSON.stringify does it. A bigint is a number of all its digits.
 */
export function jsonText(value: unknown, { indent = 0 }: JsonTextOptions = {}): string {
  const chunks: string[] = [];
  const levels: Level[] = [];
  const breakLine = (): void => {
    // A line of a hundred thousand levels would be mostly spaces.
    if (indent > 0) chunks.push('\n', ' '.repeat(indent * Math.min(levels.length, 200)));
  };
  const open = (item: unknown): void => {
    if (typeof item !== 'object' || item === null) {
      chunks.push(scalarText(item));
      return;
    }
    const isArray = Array.isArray(item);
    const items = isArray ? item : Object.entries(item).filter(([, member]) => member !== undefined);
    if (items.length === 0) chunks.push(isArray ? '[]' : '{}');
    else {
      chunks.push(isArray ? '[' : '{');
      levels.push({ isArray, items, next: 0 });
    }
  };
  open(value);
  for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
    if (level.next === level.items.length) {
      levels.pop();
      breakLine();
      chunks.push(level.isArray ? ']' : '}');
      continue;
    }
    if (level.next > 0) chunks.push(',');
    const item = level.items[level.next];
    level.next += 1;
    breakLine();
    if (level.isArray) open(item);
    else {
      const [key, member] = item as [string, unknown];
      chunks.push(JSON.stringify(key), indent > 0 ? ': ' : ':');
      open(member);
    }
  }
  return chunks.join('');
}

export function scalarText(value: unknown): string {
  if (value === Infinity) return '1e999';
  if (value === -Infinity) return '-1e999';
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  return 'null';
}
