// Sees a table in an array of like objects: its columns, what a cell reads, how it sorts and filters; it draws nothing.
import { jsonText } from './json-text.ts';

export type Cell = string | number | bigint | boolean | null;

export interface TableColumn {
  key: string;
  label: string;
  kind: 'text' | 'number' | 'date';
  /** Characters that it would like to have. */
  width: number;
}

export interface TableModel {
  columns: readonly TableColumn[];
  rows: readonly Readonly<Record<string, unknown>>[];
}

const maxColumns = 40;
/** Cells that are looked at for the widths; in a larger table those of every so many rows. */
const measuredCells = 200_000;
const maxCellLength = 500;
const maxWidth = 60;
/** Characters of "23 Nov 2026, 11:05 PM". */
const dateWidth = 21;

interface ColumnCount {
  filled: number;
  numbers: number;
  dates: number;
  width: number;
}

/** Undefined when the values are no objects, or have too little in common. */
export function tableOf(values: readonly unknown[]): TableModel | undefined {
  if (values.length === 0 || !values.every(isRecord)) return undefined;
  const counts = new Map<string, ColumnCount>();
  const columnGuess = Math.max(1, Object.keys(values[0] ?? {}).length);
  const step = Math.max(1, Math.ceil((values.length * columnGuess) / measuredCells));
  let measured = 0;
  for (let index = 0; index < values.length; index += step) {
    const row = values[index] ?? {};
    measured += 1;
    for (const [key, value] of Object.entries(row)) {
      if (key.startsWith('@odata.')) continue;
      const count = counts.get(key) ?? { filled: 0, numbers: 0, dates: 0, width: 0 };
      counts.set(key, count);
      if (counts.size > maxColumns) return undefined;
      if (value === null || value === undefined) continue;
      count.filled += 1;
      if (typeof value === 'number' || typeof value === 'bigint') count.numbers += 1;
      if (isDate(value)) count.dates += 1;
      count.width = Math.max(count.width, Math.min(maxWidth, String(cellOf(row, key) ?? '').length));
    }
  }
  const filled = [...counts.values()].reduce((sum, count) => sum + count.filled, 0);
  // Half of the cells would be empty: these are not like objects.
  if (counts.size === 0 || filled < (measured * counts.size) / 2) return undefined;
  const columns = [...counts].map(([key, { filled: count, numbers, dates, width }]): TableColumn => {
    const kind = count === 0 ? 'text' : numbers === count ? 'number' : dates === count ? 'date' : 'text';
    return {
      key,
      label: key,
      kind,
      width: Math.max(kind === 'date' ? dateWidth : width, Math.min(20, key.length + 3), 4),
    };
  });
  return { columns, rows: values };
}

/** What a cell shows: a scalar as it is, a thing by its name, and the rest as JSON, cut. */
export function cellOf(row: Readonly<Record<string, unknown>>, key: string): Cell {
  const value = Object.hasOwn(row, key) ? row[key] : undefined;
  return scalarOf(value) ?? (value === null || value === undefined ? null : summaryOf(value));
}

/** Indexes of the rows that hold the text in any cell, in the order asked for. */
export function arrangeRows(
  { columns, rows }: TableModel,
  { filter, sort }: { filter: string; sort: { key: string; descending: boolean } | undefined },
): number[] {
  const wanted = filter.trim().toLowerCase();
  let indexes = rows.map((_, index) => index);
  if (wanted !== '') {
    indexes = indexes.filter((index) =>
      columns.some(({ key }) =>
        String(cellOf(rows[index] ?? {}, key) ?? '')
          .toLowerCase()
          .includes(wanted),
      ),
    );
  }
  if (sort === undefined) return indexes;
  const { key, descending } = sort;
  const sign = descending ? -1 : 1;
  const isTime = columns.some((column) => column.key === key && column.kind === 'date');
  const keyed = indexes.map((index) => {
    const cell = cellOf(rows[index] ?? {}, key);
    // Times of several zones do not sort as texts.
    return { index, cell: isTime && typeof cell === 'string' ? Date.parse(cell) : cell };
  });
  const collator = new Intl.Collator(undefined, { numeric: true, sensitivity: 'base' });
  return keyed
    .sort((a, b) => {
      // Nothing stands last, whichever way.
      if (a.cell === null || b.cell === null) return Number(a.cell === null) - Number(b.cell === null);
      if (isNumber(a.cell) && isNumber(b.cell)) return sign * (a.cell < b.cell ? -1 : a.cell > b.cell ? 1 : 0);
      return sign * collator.compare(String(a.cell), String(b.cell));
    })
    .map(({ index }) => index);
}

function isNumber(cell: Cell): cell is number | bigint {
  return typeof cell === 'number' || typeof cell === 'bigint';
}

function scalarOf(value: unknown): Cell | undefined {
  if (typeof value === 'string') return value.slice(0, maxCellLength);
  if (typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean') return value;
  return undefined;
}

function summaryOf(value: object): string {
  if (Array.isArray(value)) {
    const parts = value
      .slice(0, 20)
      .map((item: unknown) => scalarOf(item) ?? (isRecord(item) ? nameOf(item) : undefined));
    if (parts.every((part) => part !== undefined)) {
      return `${parts.join(', ')}${value.length > 20 ? ` and ${value.length - 20} more` : ''}`.slice(0, maxCellLength);
    }
    return `${value.length} ${value.length === 1 ? 'item' : 'items'}`;
  }
  const record = value as Record<string, unknown>;
  return nameOf(record) ?? shortJson(record);
}

/** Graph nests the name of a person or place one or two levels down. */
function nameOf(record: Readonly<Record<string, unknown>>): string | undefined {
  for (const key of ['displayName', 'name', 'address', 'dateTime']) {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    if (typeof value === 'string' && value !== '') return value.slice(0, maxCellLength);
  }
  for (const key of ['emailAddress', 'user']) {
    const value = Object.hasOwn(record, key) ? record[key] : undefined;
    if (isRecord(value) && !Object.hasOwn(value, key)) {
      const name = nameOf(value);
      if (name !== undefined) return name;
    }
  }
  return undefined;
}

function shortJson(record: Readonly<Record<string, unknown>>): string {
  const entries = Object.entries(record);
  const isFlat = entries.every(([, value]) => typeof value !== 'object' || value === null);
  if (entries.length <= 8 && isFlat) return jsonText(record).slice(0, maxCellLength);
  return `${entries.length} ${entries.length === 1 ? 'field' : 'fields'}`;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isDate(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(value) && Number.isFinite(Date.parse(value));
}
