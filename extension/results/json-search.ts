// Finds text in the keys and values of a JSON value of any size and depth, a slice at a time; no recursion.
import type { JsonKey } from './json-tree.ts';
import { scalarText } from './json-text.ts';

interface Level {
  readonly container: object;
  readonly keys: readonly string[] | undefined;
  readonly size: number;
  /** Where the container stands in the level above. */
  readonly key: JsonKey | undefined;
  readonly above: Level | undefined;
  next: number;
}

export interface JsonMatch {
  readonly level: Level | undefined;
  readonly key: JsonKey | undefined;
}

export interface JsonMatches {
  /** In the order of the text, at most `keptMatches`. */
  readonly found: readonly JsonMatch[];
  /** All of them. */
  readonly total: number;
}

const keptMatches = 10_000;

/** Case does not count. Yields after every `slice` members, so that a page can breathe between. */
export function* searchJson(value: unknown, query: string, slice = 20_000): Generator<void, JsonMatches, void> {
  const wanted = query.toLowerCase();
  const found: JsonMatch[] = [];
  let total = 0;
  let seen = 0;
  const look = (key: JsonKey | undefined, item: unknown, level: Level | undefined): Level | undefined => {
    const isHit =
      (typeof key === 'string' && key.toLowerCase().includes(wanted)) ||
      (!isContainer(item) && (typeof item === 'string' ? item : scalarText(item)).toLowerCase().includes(wanted));
    if (isHit) {
      total += 1;
      if (found.length < keptMatches) found.push({ level, key });
    }
    return isContainer(item) ? levelOf(item, key, level) : undefined;
  };
  if (wanted === '') return { found, total };
  let level = look(undefined, value, undefined);
  while (level !== undefined) {
    if (level.next === level.size) {
      level = level.above;
      continue;
    }
    const key: JsonKey = level.keys === undefined ? level.next : (level.keys[level.next] ?? '');
    level.next += 1;
    level = look(key, (level.container as Record<JsonKey, unknown>)[key], level) ?? level;
    seen += 1;
    if (seen % slice === 0) yield;
  }
  return { found, total };
}

/** From the root down, for `JsonTree.reveal`. */
export function pathOf({ level, key }: JsonMatch): JsonKey[] {
  const path = key === undefined ? [] : [key];
  for (let at = level; at !== undefined; at = at.above) if (at.key !== undefined) path.push(at.key);
  return path.reverse();
}

function levelOf(container: object, key: JsonKey | undefined, above: Level | undefined): Level {
  const keys = Array.isArray(container) ? undefined : Object.keys(container);
  const size = Array.isArray(container) ? container.length : (keys?.length ?? 0);
  return { container, keys, size, key, above, next: 0 };
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
