// Asks a server for all pages of a list, up to a bound: one that never stops giving pages is cut off. It knows no list.

export interface Listed<Item> {
  items: Item[];
  /** The server has more than was asked for. */
  truncated: boolean;
}

export interface PageOptions {
  maxItems: number;
}

const maxPages = 50;

export async function listPages<Item>(
  { maxItems }: PageOptions,
  ask: (page: { cursor: string } | undefined) => Promise<{ items: Item[]; nextCursor?: string | null | undefined }>,
): Promise<Listed<Item>> {
  const items: Item[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < maxPages && items.length <= maxItems; page++) {
    const listed = await ask(cursor === undefined ? undefined : { cursor });
    for (const item of listed.items) items.push(item);
    cursor = listed.nextCursor ?? undefined;
    if (cursor === undefined) break;
  }
  return { items: items.slice(0, maxItems), truncated: cursor !== undefined || items.length > maxItems };
}
