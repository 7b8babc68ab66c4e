// What is known of run records without reading them, and which of them have to go. It knows no files.

export interface RecordEntry {
  /** Milliseconds since the epoch: when the run started, or the skipping was noted. */
  at: number;
  patrol: string;
  runId: string;
  bytes: number;
}

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

export class RecordIndex {
  /** Oldest first. */
  readonly #patrols = new Map<string, RecordEntry[]>();
  readonly #byId = new Map<string, RecordEntry>();
  #bytes = 0;

  get(runId: string): RecordEntry | undefined {
    return this.#byId.get(runId);
  }

  put(entry: RecordEntry): void {
    const before = this.#byId.get(entry.runId);
    if (before !== undefined) this.delete(before);
    this.#byId.set(entry.runId, entry);
    this.#bytes += entry.bytes;
    const own = this.#patrols.get(entry.patrol) ?? [];
    this.#patrols.set(entry.patrol, own);
    // Nearly always at the end.
    own.splice(own.findLastIndex((other) => byAge(other, entry) <= 0) + 1, 0, entry);
  }

  delete(entry: RecordEntry): void {
    if (this.#byId.get(entry.runId) !== entry) return;
    this.#byId.delete(entry.runId);
    this.#bytes -= entry.bytes;
    const own = this.#patrols.get(entry.patrol) ?? [];
    own.splice(own.lastIndexOf(entry), 1);
    if (own.length === 0) this.#patrols.delete(entry.patrol);
  }

  /** Newest first. */
  entries(patrol?: string): RecordEntry[] {
    if (patrol !== undefined) return (this.#patrols.get(patrol) ?? []).toReversed();
    return [...this.#byId.values()].sort((left, right) => byAge(right, left));
  }

  patrols(): string[] {
    return [...this.#patrols.keys()];
  }

  /**
   * What has to go. The last record of a patrol stays however old it is; where there is too little room, the patrol that takes
   * the most gives up its oldest, and where each has one left, the oldest of them goes.
   */
  surplus(limits: RecordLimits, now: number): RecordEntry[] {
    const oldest = now - limits.ageMs;
    const surplus = [...this.#patrols.values()].flatMap((own) => {
      const tooMany = own.length - limits.perPatrol;
      return own.slice(0, -1).filter((entry, index) => index < tooMany || entry.at < oldest);
    });
    let count = this.#byId.size - surplus.length;
    let bytes = surplus.reduce((sum, entry) => sum - entry.bytes, this.#bytes);
    if (count <= limits.total && bytes <= limits.bytes) return surplus;
    const gone = new Set(surplus);
    const left = [...this.#patrols.values()].map((own) => own.filter((entry) => !gone.has(entry)));
    while (count > 0 && (count > limits.total || bytes > limits.bytes)) {
      const weight = count > limits.total ? () => 1 : ({ bytes: size }: RecordEntry) => size;
      const entry = (heaviest(left, weight) ?? lastOfAll(left))?.shift();
      if (entry === undefined) break;
      surplus.push(entry);
      count--;
      bytes -= entry.bytes;
    }
    return surplus;
  }
}

function byAge(left: RecordEntry, right: RecordEntry): number {
  return left.at - right.at || (left.runId < right.runId ? -1 : left.runId > right.runId ? 1 : 0);
}

/** Of those that have more than one. */
function heaviest(groups: readonly RecordEntry[][], weight: (entry: RecordEntry) => number): RecordEntry[] | undefined {
  const sums = groups
    .filter(({ length }) => length > 1)
    .map((group) => ({ group, sum: group.reduce((sum, entry) => sum + weight(entry), 0) }));
  return sums.sort((left, right) => right.sum - left.sum)[0]?.group;
}

function lastOfAll(groups: readonly RecordEntry[][]): RecordEntry[] | undefined {
  return groups
    .filter(({ length }) => length > 0)
    .sort(([left], [right]) => (left?.at ?? 0) - (right?.at ?? 0))
    .at(0);
}
