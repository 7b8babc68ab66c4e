// Run records on the volume: one file each, written whole, read when somebody asks, and fewer when they are too many, too old
// or too large. It runs nothing.
import { patrolRunSchema, type PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Clock } from '../../shared/clock.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import type { PatrolFiles } from './patrol-files.ts';
import { RecordIndex, type RecordEntry, type RecordLimits } from './record-index.ts';

export interface RunRecordsOptions {
  files: PatrolFiles;
  limits: RecordLimits;
  clock: Clock;
  logger: Logger;
}

export interface RecordFilter {
  patrol?: string | undefined;
  limit: number;
  /** Milliseconds since the epoch; older than this. */
  before?: number | undefined;
}

const namePattern = /^(\d{8}T\d{9}Z)\.([A-Za-z0-9][\w.-]{0,63})\.([A-Za-z0-9_-]{1,40})\.json$/;

export class RunRecords {
  readonly #options: RunRecordsOptions;
  readonly #index = new RecordIndex();
  /** Writes and removals come one after another. */
  readonly #queue = new SerialQueue();

  private constructor(options: RunRecordsOptions) {
    this.#options = options;
  }

  static async open(options: RunRecordsOptions): Promise<RunRecords> {
    const { files } = options;
    const records = new RunRecords(options);
    for (const { name, bytes } of await files.list()) {
      const entry = entryOf(name, bytes);
      if (entry === undefined) continue;
      const other = records.#index.get(entry.runId);
      // A kill came between the new file and the removal of the old one.
      if (other !== undefined && other.at > entry.at) await records.#removeOld(entry);
      else {
        if (other !== undefined) await records.#removeOld(other);
        records.#index.put(entry);
      }
    }
    await records.#queue.run(() => records.#prune());
    return records;
  }

  has(runId: string): boolean {
    return this.#index.get(runId) !== undefined;
  }

  /** Names of the patrols that have records. */
  patrols(): string[] {
    return this.#index.patrols();
  }

  /** Writes the record in place of an earlier one of the same run. Rejects with the file system's error. */
  write(run: PatrolRun): Promise<void> {
    const { files } = this.#options;
    return this.#queue.run(async () => {
      const content = recordText(run);
      const entry: RecordEntry = {
        at: timeOf(run),
        patrol: run.patrol,
        runId: run.runId,
        bytes: Buffer.byteLength(content),
      };
      await files.write(fileName(entry), content);
      const before = this.#index.get(run.runId);
      this.#index.put(entry);
      if (before !== undefined && fileName(before) !== fileName(entry)) await this.#removeOld(before);
      await this.#prune();
    });
  }

  /** Without the results of steps, newest first. */
  async find({ patrol, limit, before = Infinity }: RecordFilter): Promise<PatrolRun[]> {
    const found: PatrolRun[] = [];
    for (const entry of this.#index.entries(patrol)) {
      if (found.length >= limit) break;
      if (entry.at >= before) continue;
      const run = await this.#read(entry, { whole: false });
      if (run !== undefined) found.push(run);
    }
    return found;
  }

  /** With its results; undefined when there is none, or none that can be read. */
  async get(runId: string): Promise<PatrolRun | undefined> {
    const entry = this.#index.get(runId);
    return entry === undefined ? undefined : this.#read(entry, { whole: true });
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #read(entry: RecordEntry, { whole }: { whole: boolean }): Promise<PatrolRun | undefined> {
    const { files, logger } = this.#options;
    const name = fileName(entry);
    try {
      const text = await (whole ? files.read(name) : files.readLine(name));
      if (text !== undefined) return parseRecord(text, entry);
    } catch (error) {
      logger.warn('A run record cannot be read.', { file: name, error });
      // What the file system refuses now may be well later.
      if ((error as NodeJS.ErrnoException).code !== undefined) return undefined;
      await files.setAside(name).catch(() => undefined);
    }
    // It may have got another file meanwhile.
    const current = this.#index.get(entry.runId);
    if (current !== undefined && current !== entry) return this.#read(current, { whole });
    this.#index.delete(entry);
    return undefined;
  }

  async #prune(): Promise<void> {
    const { limits, clock } = this.#options;
    for (const entry of this.#index.surplus(limits, clock.now()))
      if (await this.#removeOld(entry)) this.#index.delete(entry);
  }

  async #removeOld(entry: RecordEntry): Promise<boolean> {
    const { files, logger } = this.#options;
    try {
      await files.remove(fileName(entry));
      return true;
    } catch (error) {
      logger.warn('An old run record could not be removed.', { file: fileName(entry), error });
      return false;
    }
  }
}

/** The place of a record among others: newest first is by this. */
function timeOf({ startedAt, endedAt }: PatrolRun): number {
  const at = Date.parse(startedAt ?? endedAt ?? '');
  return Number.isNaN(at) ? 0 : at;
}

function fileName({ at, patrol, runId }: RecordEntry): string {
  return `${new Date(at).toISOString().replace(/[-:.]/g, '')}.${patrol}.${runId}.json`;
}

function entryOf(name: string, bytes: number): RecordEntry | undefined {
  const [, stamp, patrol, runId] = namePattern.exec(name) ?? [];
  if (stamp === undefined || patrol === undefined || runId === undefined) return undefined;
  const at = Date.parse(stamp.replace(/^(....)(..)(..)T(..)(..)(..)(...)Z$/, '$1-$2-$3T$4:$5:$6.$7Z'));
  return Number.isNaN(at) ? undefined : { at, patrol, runId, bytes };
}

/** The record without results on a line, the results on another, so that a list of runs reads first lines only. */
function recordText(run: PatrolRun): string {
  const results = run.steps.map(({ result }) => result ?? null);
  const second = results.some((result) => result !== null) ? `${JSON.stringify(results)}\n` : '';
  return `${JSON.stringify(withoutResults(run))}\n${second}`;
}

export function withoutResults(run: PatrolRun): PatrolRun {
  return { ...run, steps: run.steps.map(({ result: _result, ...step }) => step) };
}

/** Throws for what is no record, or another's. */
function parseRecord(text: string, { runId, patrol }: RecordEntry): PatrolRun {
  const end = text.indexOf('\n');
  const [first, second] = end === -1 ? [text, ''] : [text.slice(0, end), text.slice(end + 1)];
  const run = patrolRunSchema.parse(JSON.parse(first));
  if (run.runId !== runId || run.patrol !== patrol) throw new Error('The record is of another run than its name says.');
  if (second.trim() === '') return run;
  const results: unknown = JSON.parse(second);
  if (!Array.isArray(results)) throw new Error('The results of the record are no list.');
  const steps = run.steps.map((step, index) => {
    const result: unknown = results[index];
    return result === null || result === undefined ? step : { ...step, result };
  });
  return { ...run, steps };
}
