// Where rows of known heights stand in a long list; pure.

export interface RowOffsets {
  readonly total: number;
  top(index: number): number;
  height(index: number): number;
  /** The row at a distance from the top, from 0 to count - 1. */
  at(offset: number): number;
}

export function rowOffsets(count: number, height: number | ((index: number) => number)): RowOffsets {
  if (typeof height === 'number') {
    return {
      total: count * height,
      top: (index) => index * height,
      height: () => height,
      at: (offset) => clamp(Math.floor(offset / height), count),
    };
  }
  const tops = new Float64Array(count + 1);
  for (let index = 0; index < count; index += 1) tops[index + 1] = (tops[index] ?? 0) + height(index);
  return {
    total: tops[count] ?? 0,
    top: (index) => tops[index] ?? 0,
    height: (index) => (tops[index + 1] ?? 0) - (tops[index] ?? 0),
    at: (offset) => {
      let [low, high] = [0, count];
      while (low < high) {
        const middle = (low + high) >>> 1;
        if ((tops[middle + 1] ?? Infinity) <= offset) low = middle + 1;
        else high = middle;
      }
      return clamp(low, count);
    },
  };
}

function clamp(index: number, count: number): number {
  return Math.max(0, Math.min(count - 1, index));
}
