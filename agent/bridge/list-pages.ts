// Asks a server for all pages of a list, up to a bound: one that never stops giving pages, or gives too much, is cut off. It knows
// no list.

export interface Listed<Item> {
  items: Item[];
  /** The server has more than was asked for. */
  truncated: boolean;
}

export interface PageOptions {
  maxItems: number;
  /** Characters of JSON of all items together. */
  maxLength: number;
}

const maxPages = 50;

export async function listPages<Item>(
  { maxItems, maxLength }: PageOptions,
  ask: (page: { cursor: string } | undefined) => Promise<{ items: Item[]; nextCursor?: string | null | undefined }>,
): Promise<Listed<Item>> {
  const items: Item[] = [];
  let length = 0;
  let cursor: string | undefined;
  for (let page = 0; page < maxPages; page++) {
    const listed = await ask(cursor === undefined ? undefined : { cursor });
    for (const item of listed.items) {
      length += jsonLength(item) ?? Infinity;
      // What does not fit is not kept while further pages are asked for.
      if (items.length === maxItems || length > maxLength) return { items, truncated: true };
      items.push(item);
    }
    cursor = listed.nextCursor ?? undefined;
    if (cursor === undefined) return { items, truncated: false };
  }
  return { items, truncated: true };
}

/** Characters as JSON; undefined for what is nested too deeply to be written. */
export function jsonLength(value: unknown): number | undefined {
  try {
    return JSON.stringify(value)?.length ?? 0;
  } catch {
    return undefined;
  }
}
