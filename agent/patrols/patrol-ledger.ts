// What one patrol leaves on the volume, in an order that a crash at any instant forgives: first the state together with the
// records that follow from it, then the records.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import type { KeptPatrol, KeptPatrols } from './kept-patrols.ts';
import { defaultLimits } from './record-index.ts';
import { withoutResults, type RunRecords } from './run-records.ts';

export interface PatrolLedgerOptions {
  kept: KeptPatrol;
  states: Pick<KeptPatrols, 'save'>;
  records: Pick<RunRecords, 'write'>;
  logger: Logger;
}

/** Records that wait for a volume that takes none: what is older would be pruned when they are written. */
const maxPending = defaultLimits.perPatrol;

export class PatrolLedger {
  readonly #options: PatrolLedgerOptions;
  readonly #queue = new SerialQueue();
  #isInTrouble = false;
  #isRetrying = false;

  constructor(options: PatrolLedgerOptions) {
    this.#options = options;
  }

  /** The record belongs to the state as it is now; `commit` brings both to the volume. */
  add(record: PatrolRun): void {
    const { pending } = this.#options.kept;
    // Anew, so that a row that goes on is not the oldest.
    pending.delete(record.runId);
    pending.set(record.runId, record);
    const [oldest] = pending.keys();
    if (pending.size > maxPending && oldest !== undefined) pending.delete(oldest);
  }

  /** Resolves when the state as it is now, and its records, are on the volume. Rejects with a RockBotError. */
  commit(): Promise<void> {
    return this.#queue.run(() => this.#commit());
  }

  /** The same for whom it is enough that it happens soon; what fails is told, and tried again with the next change or `retry`. */
  commitSoon(): void {
    this.commit().catch(() => undefined);
  }

  /** To be called now and then: the volume may take again what it did not. */
  retry(): void {
    if (!this.#isInTrouble || this.#isRetrying) return;
    this.#isRetrying = true;
    void this.commit()
      .catch(() => undefined)
      .finally(() => {
        this.#isRetrying = false;
      });
  }

  /** How a run went on: a crash leaves more, and nothing depends on it. */
  note(record: PatrolRun): void {
    void this.#queue.run(() => this.#options.records.write(record).catch(() => undefined));
  }

  /** Writes how a run ended, before the state says that it did. What cannot be written now is written later without its results. */
  close(record: PatrolRun): Promise<void> {
    const { kept, records } = this.#options;
    return this.#queue.run(async () => {
      try {
        await records.write(record);
        kept.pending.delete(record.runId);
      } catch (error) {
        this.#failed(error);
        this.add(withoutResults(record));
      }
    });
  }

  idle(): Promise<void> {
    return this.#queue.idle();
  }

  async #commit(): Promise<void> {
    const { kept, states, records, logger } = this.#options;
    const { pending } = kept;
    const added = [...pending];
    try {
      await states.save();
      for (const [runId, record] of added) {
        // A later change of it has its own turn.
        if (pending.get(runId) !== record) continue;
        await records.write(record);
        if (pending.get(runId) === record) pending.delete(runId);
      }
    } catch (error) {
      this.#failed(error);
      const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
      throw new RockBotError({
        code: 'internal',
        message: `The agent cannot write to its volume (${code}), so that nothing would be left of the run; it was not begun.`,
        action: 'Look whether the volume is full or read-only.',
        cause: error,
      });
    }
    if (this.#isInTrouble) logger.info('What the patrol keeps can be written again.', { patrol: kept.patrol });
    this.#isInTrouble = false;
  }

  #failed(error: unknown): void {
    const { kept, logger } = this.#options;
    if (!this.#isInTrouble)
      logger.error('What the patrol keeps cannot be written; no run of it is begun meanwhile.', {
        patrol: kept.patrol,
        error,
      });
    this.#isInTrouble = true;
  }
}
