// What patrols must not forget over a restart, in one file: written at once where a run waits for it, and soon where counts may
// wait. It decides nothing.
import * as z from 'zod';
import { patrolRunSchema, type PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { patrolStateSchema } from '../../shared/patrols/patrol-state.ts';
import type { PatrolFiles } from './patrol-files.ts';
import type { DayCount } from './run-budget.ts';
import { verdicts } from './run-verdict.ts';

/** Calls of a UTC day. */
const dayCountSchema = z.object({ day: z.string(), calls: z.number().int().nonnegative() });

const keptPatrolSchema = z.object({
  patrol: z.string(),
  state: patrolStateSchema,
  /** Cron and time zone that the state is about: under others its times mean nothing. */
  schedule: z.string(),
  /** Since when it is stopped because of its problems, milliseconds since the epoch. */
  stoppedAt: z.number().optional(),
  /** Of the run under way. */
  runId: z.string().optional(),
  /** Start of the last run that saw everything, ISO 8601. */
  lastOkAt: z.string().optional(),
  /** Of the last run that went to its end. */
  verdict: z.enum(verdicts).optional(),
  /** When the agent saw the patrol first, ISO 8601. */
  addedAt: z.string().optional(),
  used: dayCountSchema.optional(),
  /** Records that follow from the state and may not be written yet: the state and they come about together. */
  pending: z.array(patrolRunSchema).default([]),
});

const fileSchema = z.object({
  version: z.literal(1),
  patrols: z.array(z.unknown()),
  /** Of patrols that were removed, by name: one that comes back on the same day has made its calls all the same. */
  removed: z
    .array(z.tuple([z.string(), dayCountSchema]))
    .catch([])
    .default([]),
});

type Removed = Map<string, DayCount>;

/** Names of removed patrols that are kept. */
const maxRemoved = 1_000;

export type KeptPatrol = Omit<z.infer<typeof keptPatrolSchema>, 'pending'> & { pending: Map<string, PatrolRun> };

export interface KeptPatrolsOptions {
  files: PatrolFiles;
  /** Hears of a file that cannot be read; what is of no use in it is set aside. */
  onProblem: (error: unknown) => void;
  /** Milliseconds for which counts are collected: what a crash can lose of them. */
  delayMs?: number;
}

const fileName = 'state.json';

export class KeptPatrols {
  readonly #options: KeptPatrolsOptions;
  readonly #patrols: Map<string, KeptPatrol>;
  readonly #removed: Removed;
  /** True when what was known before is not known now. */
  readonly wasLost: boolean;
  #written: string | undefined;
  #writing: Promise<void> | undefined;
  #next: Promise<void> | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  private constructor(
    options: KeptPatrolsOptions,
    patrols: Map<string, KeptPatrol>,
    wasLost: boolean,
    removed: Removed = new Map(),
  ) {
    this.#removed = removed;
    this.#options = options;
    this.#patrols = patrols;
    this.wasLost = wasLost;
  }

  static async open(options: KeptPatrolsOptions): Promise<KeptPatrols> {
    const { files, onProblem } = options;
    try {
      const text = await files.read(fileName);
      if (text === undefined) return new KeptPatrols(options, new Map(), true);
      const { patrols, isWhole, removed } = parseFile(text);
      if (!isWhole) onProblem(new Error('Some of what was kept makes no sense.'));
      return new KeptPatrols(options, patrols, !isWhole, removed);
    } catch (error) {
      onProblem(error);
      await files.setAside(fileName).catch(() => undefined);
      return new KeptPatrols(options, new Map(), true);
    }
  }

  get(patrol: string): KeptPatrol | undefined {
    return this.#patrols.get(patrol);
  }

  /** One that was removed before goes on with the calls of its day. */
  set(kept: KeptPatrol): void {
    const used = kept.used ?? this.#removed.get(kept.patrol);
    this.#removed.delete(kept.patrol);
    this.#patrols.set(kept.patrol, used === undefined ? kept : Object.assign(kept, { used }));
  }

  /** Forgets all but the calls of its day. */
  delete(patrol: string): boolean {
    const used = this.#patrols.get(patrol)?.used;
    if (used !== undefined) {
      for (const [name, { day }] of this.#removed) if (day < used.day) this.#removed.delete(name);
      if (this.#removed.size < maxRemoved) this.#removed.set(patrol, used);
    }
    return this.#patrols.delete(patrol);
  }

  names(): string[] {
    return [...this.#patrols.keys()];
  }

  /** Resolves when all that is known now is on the volume; rejects with the file system's error. */
  save(): Promise<void> {
    if (this.#writing === undefined) {
      this.#writing = this.#write().finally(() => {
        this.#writing = undefined;
      });
      return this.#writing;
    }
    // What is being written may be older than what is known now.
    this.#next ??= this.#writing
      .catch(() => undefined)
      .then(() => {
        this.#next = undefined;
        return this.save();
      });
    return this.#next;
  }

  saveSoon(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.save().catch(this.#options.onProblem);
    }, this.#options.delayMs ?? 500).unref();
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.save().catch(this.#options.onProblem);
  }

  async #write(): Promise<void> {
    const patrols = [...this.#patrols.values()].map((kept) => ({ ...kept, pending: [...kept.pending.values()] }));
    const text = JSON.stringify({ version: 1, patrols, removed: [...this.#removed] });
    if (text === this.#written) return;
    await this.#options.files.write(fileName, text);
    this.#written = text;
  }
}

function parseFile(text: string): { patrols: Map<string, KeptPatrol>; isWhole: boolean; removed: Removed } {
  const file = fileSchema.parse(JSON.parse(text));
  const parsed = file.patrols.map((raw) => keptPatrolSchema.safeParse(raw));
  const patrols = parsed.flatMap(({ data }) =>
    data === undefined
      ? []
      : [[data.patrol, { ...data, pending: new Map(data.pending.map((run) => [run.runId, run])) }] as const],
  );
  return {
    patrols: new Map(patrols),
    isWhole: parsed.every(({ success }) => success),
    removed: new Map(file.removed),
  };
}
