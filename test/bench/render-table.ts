// The figures as a table for a terminal; it decides nothing.
import { isReached, type Measure } from './measure.ts';

export function renderTable(measures: readonly Measure[]): string {
  const rows = measures.map((measure) => [
    measure.title,
    formatted(measure.value, measure.unit),
    measure.spread === undefined
      ? ''
      : `${formatted(measure.spread[0], measure.unit)} … ${formatted(measure.spread[1], measure.unit)}`,
    targetOf(measure),
    verdictOf(measure),
  ]);
  const header = ['', 'median', 'quartiles', 'target', ''];
  const widths = header.map((_, column) => Math.max(...[header, ...rows].map((row) => (row[column] ?? '').length)));
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  ')
      .trimEnd();
  return `\n${[header, ...rows].map(line).join('\n')}\n`;
}

function formatted(value: number, unit: Measure['unit']): string {
  if (unit === 'x') return `${value.toFixed(2)} x`;
  return `${value.toFixed(value >= 100 || Number.isInteger(value) ? 0 : value >= 10 ? 1 : 3)} ${unit}`;
}

function targetOf({ target, unit }: Measure): string {
  if (target === undefined) return '';
  return 'atMost' in target ? `at most ${String(target.atMost)} ${unit}` : `at least ${String(target.atLeast)} ${unit}`;
}

function verdictOf(measure: Measure): string {
  const reached = isReached(measure);
  return reached === undefined ? '' : reached ? 'reached' : 'MISSED';
}
