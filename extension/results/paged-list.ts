// Lists in their wrappers: under which key the items stand, and where what follows them is. It calls nothing.

export interface PagedList {
  key: string;
  items: readonly unknown[];
  /** Address of the next page, as the server wrote it. */
  next: string | undefined;
  /** The server has further items, whether or not it says where. */
  more: boolean;
}

/** The wrapper's key differs between servers. */
export const listKeys: readonly string[] = [
  'value',
  'messages',
  'chats',
  'events',
  'files',
  'people',
  'users',
  'items',
];
/** Graph's own, and that of servers that write it anew. */
const linkKeys = ['@odata.nextLink', 'nextLink'];

/** Undefined for what has no list, or several of which none has a usual name. */
export function pagedListOf(wrapper: object): PagedList | undefined {
  const members = new Map(Object.entries(wrapper));
  const lists = [...members].filter(([, member]) => Array.isArray(member));
  const key = listKeys.find((name) => Array.isArray(members.get(name))) ?? (lists.length === 1 ? lists[0]?.[0] : '');
  const items: unknown = members.get(key ?? '');
  if (key === undefined || !Array.isArray(items)) return undefined;
  const next = linkKeys.map((name) => members.get(name)).find((link) => typeof link === 'string' && link !== '');
  const more = next !== undefined || members.get('hasMoreResults') === true;
  return { key, items, next: typeof next === 'string' ? next : undefined, more };
}

/** The wrapper with another page's items after its own, and what follows that page in place of what followed it. */
export function withPage(wrapper: object, page: PagedList): object {
  const list = pagedListOf(wrapper);
  if (list === undefined) return wrapper;
  const { [list.key]: _, ...others } = Object.fromEntries(
    Object.entries(wrapper).filter(([key]) => !linkKeys.includes(key) && key !== 'hasMoreResults'),
  );
  const linkKey = linkKeys.find((name) => Object.hasOwn(wrapper, name)) ?? '@odata.nextLink';
  return {
    ...others,
    [list.key]: [...list.items, ...page.items],
    ...(Object.hasOwn(wrapper, 'hasMoreResults') && { hasMoreResults: page.more }),
    ...(page.next !== undefined && { [linkKey]: page.next }),
  };
}
