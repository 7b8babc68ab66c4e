// What a benchmark yields: figures with their spread and, where there is one, the target they are held against.

export interface Measure {
  /** Stable key in bench.json. */
  id: string;
  /** What was measured, for people. */
  title: string;
  value: number;
  unit: 'ms' | 'ns' | 'MB' | 'x' | 'calls/s' | 'reads';
  /** First and third quartile of the single blocks or runs. */
  spread?: readonly [number, number];
  target?: Target;
  note?: string;
}

/** The value is good up to (`atMost`) or from (`atLeast`) this one on. */
export type Target = { atMost: number } | { atLeast: number };

export function isReached({ value, target }: Measure): boolean | undefined {
  if (target === undefined) return undefined;
  return 'atMost' in target ? value <= target.atMost : value >= target.atLeast;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

export function quartiles(values: readonly number[]): readonly [number, number] {
  return [quantile(values, 0.25), quantile(values, 0.75)];
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((left, right) => left - right);
  const position = (sorted.length - 1) * share;
  const below = sorted[Math.floor(position)] ?? NaN;
  const above = sorted[Math.ceil(position)] ?? NaN;
  return below + (above - below) * (position - Math.floor(position));
}
