// Applies query options to a list of entities the way Graph does: filter, search, order, page, select. Knows no policy.
import { badRequest } from './graph-error.ts';
import type { GraphUrl } from './graph-url.ts';
import { parseFilter, valueAt, type Entity } from './filter.ts';
import { parseSearch, type SearchFields } from './search.ts';

export const DEFAULT_PAGE = 25;
export const LARGEST_PAGE = 100;

/** How a kind of entity wants to be listed. */
export type CollectionKind<T extends Entity> = {
  properties: readonly (keyof T & string)[];
  /** Injected when the caller selects nothing. */
  defaultSelect?: readonly (keyof T & string)[];
  defaultOrder?: string;
  largestPage?: number;
  /** Absent: this collection cannot be searched. */
  search?: (entity: T) => SearchFields;
  /** Exchange refuses to sort or filter search results. */
  searchStandsAlone?: boolean;
  expand?: Record<string, (entity: T) => unknown>;
};

export type Page = { entities: Entity[]; nextLink?: string; select?: readonly string[]; total: number };

export function queryCollection<T extends Entity>(items: readonly T[], url: GraphUrl, kind: CollectionKind<T>): Page {
  const { options } = url;
  const select = readSelect(url, kind) ?? kind.defaultSelect;
  const search = options.get('search');
  const filter = options.get('filter');
  const orderBy = options.get('orderby');
  if (search !== undefined && kind.searchStandsAlone) {
    if (filter) throw badRequest("The query parameter '$filter' is not supported with '$search'.", 'SearchWithFilter');
    if (orderBy)
      throw badRequest("The query parameter '$orderBy' is not supported with '$search'.", 'SearchWithOrderBy');
  }
  let found = [...items];
  if (search !== undefined) {
    const fieldsOf = kind.search;
    if (!fieldsOf) throw badRequest("The query parameter '$search' is not supported here.");
    const matches = parseSearch(search);
    found = found.filter((item) => matches(fieldsOf(item)));
  }
  if (filter) found = found.filter(parseFilter(filter, kind.properties));
  const order = orderBy ?? kind.defaultOrder;
  if (order) found.sort(comparator(order, kind.properties));
  const largest = kind.largestPage ?? LARGEST_PAGE;
  const top = Math.min(readCount(options.get('top'), 'top') ?? Math.min(DEFAULT_PAGE, largest), largest);
  const skip = readCount(options.get('skip'), 'skip') ?? 0;
  const expansions = readExpand(options.get('expand'), kind);
  const entities = found.slice(skip, skip + top).map((item) => ({
    ...pick(item, select),
    ...Object.fromEntries(expansions.map(([name, expand]) => [name, expand(item)])),
  }));
  const page: Page = { entities, total: found.length };
  if (select) page.select = select;
  if (found.length > skip + top) page.nextLink = nextLink(url, { select, top, skip: skip + top });
  return page;
}

/** One entity with $select and $expand applied; without $select everything is shown. */
export function showEntity<T extends Entity>(entity: T, url: GraphUrl, kind: CollectionKind<T>): Entity {
  const expansions = readExpand(url.options.get('expand'), kind);
  return {
    ...pick(entity, readSelect(url, kind)),
    ...Object.fromEntries(expansions.map(([name, expand]) => [name, expand(entity)])),
  };
}

export function pick(entity: Entity, select: readonly string[] | undefined): Entity {
  if (!select) return { ...entity };
  const shown: Entity = {};
  if ('@odata.etag' in entity) shown['@odata.etag'] = entity['@odata.etag'];
  if ('id' in entity) shown['id'] = entity['id'];
  for (const name of select) if (name in entity) shown[name] = entity[name];
  return shown;
}

function readSelect<T extends Entity>(url: GraphUrl, kind: CollectionKind<T>): string[] | undefined {
  const text = url.options.get('select');
  if (!text || text === '*') return undefined;
  const names = text.split(',').map((name) => name.trim());
  for (const name of names) {
    const root = name.split('/')[0] ?? '';
    if (!(kind.properties as readonly string[]).includes(root)) {
      throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${root}'.`);
    }
  }
  return names.map((name) => name.split('/')[0] ?? '');
}

function readExpand<T extends Entity>(
  text: string | undefined,
  kind: CollectionKind<T>,
): [string, (entity: T) => unknown][] {
  if (!text) return [];
  return text.split(',').map((part) => {
    const name = part.trim().replace(/\(.*$/, '');
    const expand = kind.expand?.[name];
    if (!expand) throw badRequest(`Parsing OData Select and Expand failed: Could not find a property named '${name}'.`);
    return [name, expand];
  });
}

function readCount(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined;
  if (!/^\d+$/.test(text)) throw badRequest(`Invalid value '${text}' for $${name} query option.`);
  return Number(text);
}

function comparator(orderBy: string, known: readonly string[]): (a: Entity, b: Entity) => number {
  const keys = orderBy.split(',').map((part) => {
    const [path = '', direction = 'asc'] = part.trim().split(/\s+/);
    if (!known.includes(path.split('/')[0] ?? '')) {
      throw badRequest(`Could not find a property named '${path}' on this type.`);
    }
    return { path, sign: direction.toLowerCase() === 'desc' ? -1 : 1 };
  });
  return (a, b) => {
    for (const { path, sign } of keys) {
      const [left, right] = [sortable(valueAt(a, path)), sortable(valueAt(b, path))];
      if (left < right) return -sign;
      if (left > right) return sign;
    }
    return 0;
  };
}

function sortable(value: unknown): string | number {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return Number(value);
  return typeof value === 'string' ? value.toLowerCase() : '';
}

/** Graph's own links: absolute, with an encoded dollar sign, and with $skip although Work IQ's policy blocks it. */
function nextLink(url: GraphUrl, page: { select: readonly string[] | undefined; top: number; skip: number }): string {
  const kept = [...url.options].filter(([name]) => !['select', 'top', 'skip'].includes(name));
  const time = (name: string): string =>
    name === 'startdatetime' ? 'startDateTime' : name === 'enddatetime' ? 'endDateTime' : `%24${name}`;
  const parts = [
    ...kept.map(([name, value]) => `${time(name)}=${encodeURIComponent(value)}`),
    ...(page.select ? [`%24select=${page.select.join('%2c')}`] : []),
    `%24top=${page.top}`,
    `%24skip=${page.skip}`,
  ];
  return `https://graph.microsoft.com/v1.0${url.path}?${parts.join('&')}`;
}
