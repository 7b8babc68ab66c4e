// The one run of a patrol that may be under way: begun with its record, noted while it goes on, told to end, and finished.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun, RunTrigger } from '../../shared/contract/patrol-messages.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import type { RunData } from '../../shared/patrols/step-value.ts';
import type { Occurrence } from '../../shared/patrols/timetable.ts';
import type { Logger } from '../logger.ts';
import type { KeptPatrol, KeptPatrols } from './kept-patrols.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import type { PatrolLedger } from './patrol-ledger.ts';
import { openedRun, performRun } from './perform-run.ts';
import type { RunSlots } from './run-slots.ts';
import type { RunStopped } from './run-stopped.ts';
import { verdictOf } from './run-verdict.ts';

export interface CurrentRunOptions {
  kept: KeptPatrol;
  ledger: PatrolLedger;
  states: Pick<KeptPatrols, 'saveSoon'>;
  slots: RunSlots;
  call: MakePatrolCall;
  account: () => RunData['account'];
  clock: Clock;
  logger: Logger;
  /** It has begun, or a step of it has ended. */
  onProgress: (run: PatrolRun) => void;
  /** Its record is written; another run may begin. */
  onEnded: (run: PatrolRun) => void;
}

/** Milliseconds between writes of what it has done so far. */
const noteMs = 1_000;

export class CurrentRun {
  readonly #options: CurrentRunOptions;
  #run: { record: PatrolRun; controller: AbortController; ended: Promise<void> } | undefined;
  #notedAt = 0;

  constructor(options: CurrentRunOptions) {
    this.#options = options;
  }

  /** Without results; undefined while none is under way. */
  get record(): PatrolRun | undefined {
    return this.#run?.record;
  }

  /** Resolves when it is written how the run under way ended. */
  async ended(): Promise<void> {
    await this.#run?.ended;
  }

  /**
   * The record is opened with the state that says so: both are on the volume before the first call. `runId`: as somebody
   * wants it.
   */
  begin(patrol: Patrol, about: { trigger: RunTrigger; occurrence?: Occurrence; runId?: string }): PatrolRun {
    const { clock, kept, ledger, account, states } = this.#options;
    const record = openedRun(patrol, { ...about, now: clock.now() });
    kept.runId = record.runId;
    ledger.add(record);
    const controller = new AbortController();
    const performing = performRun({
      ...this.#options,
      patrol,
      run: record,
      recorded: ledger.commit(),
      controller,
      account: account(),
      lastOkAt: kept.lastOkAt,
      used: kept.used,
      onCount: (used) => {
        kept.used = used;
        states.saveSoon();
      },
      onProgress: (progress) => {
        this.#goesOn(progress);
      },
    });
    this.#run = { record, controller, ended: performing.then((final) => this.#finish(final)) };
    return record;
  }

  /** The record of the run that was told to end, if there is one. */
  stop(reason: RunStopped): PatrolRun | undefined {
    this.#run?.controller.abort(reason);
    return this.#run?.record;
  }

  #goesOn(record: PatrolRun): void {
    const { clock, ledger, onProgress } = this.#options;
    const hasBegun = this.#run?.record === record;
    if (this.#run !== undefined) this.#run.record = record;
    onProgress(record);
    const now = clock.now();
    if (hasBegun || Math.abs(now - this.#notedAt) < noteMs) return;
    this.#notedAt = now;
    ledger.note(record);
  }

  async #finish(final: PatrolRun): Promise<void> {
    const { kept, ledger, onEnded } = this.#options;
    await ledger.close(final);
    if (final.status === 'ok') kept.lastOkAt = final.startedAt;
    kept.verdict = verdictOf(final) ?? kept.verdict;
    this.#run = undefined;
    onEnded(final);
  }
}
