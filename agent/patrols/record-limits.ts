// Which run records have to go, so that they stay within their bounds. It knows no files.

export interface RecordLimits {
  perPatrol: number;
  /** Of all patrols together. */
  total: number;
  ageMs: number;
  /** Bytes of all of them. */
  bytes: number;
}

export const defaultLimits: RecordLimits = {
  perPatrol: 200,
  total: 5_000,
  ageMs: 90 * 86_400_000,
  bytes: 256 * 1024 * 1024,
};

interface Sized {
  at: number;
  patrol: string;
  bytes: number;
}

/**
 * `entries`: oldest first. The last record of a patrol stays however old it is; where there is too little room, the patrol
 * that takes the most gives up its oldest.
 */
export function chooseSurplus<Entry extends Sized>(
  entries: readonly Entry[],
  { limits, now }: { limits: RecordLimits; now: number },
): Entry[] {
  let bytes = entries.reduce((sum, entry) => sum + entry.bytes, 0);
  let count = entries.length;
  const surplus: Entry[] = [];
  const patrols = new Map<string, Entry[]>();
  for (const entry of entries) {
    const own = patrols.get(entry.patrol);
    if (own === undefined) patrols.set(entry.patrol, [entry]);
    else own.push(entry);
  }
  const drop = (own: Entry[]): void => {
    const entry = own.shift();
    if (entry === undefined) return;
    surplus.push(entry);
    bytes -= entry.bytes;
    count--;
  };
  for (const own of patrols.values())
    while (own.length > limits.perPatrol || (own.length > 1 && (own[0]?.at ?? now) < now - limits.ageMs)) drop(own);
  for (const [isTooMuch, weight] of [
    [() => count > limits.total, () => 1],
    [() => bytes > limits.bytes, (entry: Entry) => entry.bytes],
  ] as const) {
    while (isTooMuch()) {
      const largest = largestOf([...patrols.values()], weight) ?? oldestOf([...patrols.values()]);
      if (largest === undefined) break;
      drop(largest);
    }
  }
  return surplus;
}

function largestOf<Entry>(groups: readonly Entry[][], weight: (entry: Entry) => number): Entry[] | undefined {
  let largest: Entry[] | undefined;
  let most = 0;
  for (const group of groups) {
    const size = group.reduce((sum, entry) => sum + weight(entry), 0);
    if (group.length > 1 && size > most) {
      largest = group;
      most = size;
    }
  }
  return largest;
}

/** Where each patrol has its last record only. */
function oldestOf<Entry extends Sized>(groups: readonly Entry[][]): Entry[] | undefined {
  return groups
    .filter((group) => group.length > 0)
    .sort((left, right) => (left[0]?.at ?? 0) - (right[0]?.at ?? 0))
    .at(0);
}
