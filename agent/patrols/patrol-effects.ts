// The state of one patrol and what follows from its changes: runs that begin and end, occurrences that are skipped, each with its
// record. It runs the effects of `reducePatrol`; it knows no time at which anything is due, and no patrols.json.
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import {
  reducePatrol,
  type PatrolAction,
  type PatrolEvent,
  type PatrolRules,
} from '../../shared/patrols/patrol-state.ts';
import { missedSignIn } from '../../shared/patrols/sight-of.ts';
import { CurrentRun, type CurrentRunOptions } from './current-run.ts';
import { PatrolLedger, type PatrolLedgerOptions } from './patrol-ledger.ts';
import { PatrolTrail, type PatrolTrailOptions } from './patrol-trail.ts';
import { RunStopped } from './run-stopped.ts';

export interface PatrolEffectsOptions
  extends
    Omit<CurrentRunOptions, 'ledger' | 'states' | 'onProgress' | 'onEnded'>,
    Omit<PatrolLedgerOptions, 'states'>,
    Pick<PatrolTrailOptions, 'lastRun' | 'agenda'> {
  states: CurrentRunOptions['states'] & PatrolLedgerOptions['states'];
  /** A run went on, or the patrol itself changed. */
  onChange: (run?: PatrolRun) => void;
  /** `count`: occurrences of a row that was skipped, otherwise 1. */
  onEnd: (status: string, count: number) => void;
}

const stoppedRules: PatrolRules = { enabled: false, overlap: 'skip', missed: 'skip', catchUp: false };

export class PatrolEffects {
  readonly #options: PatrolEffectsOptions;
  readonly #ledger: PatrolLedger;
  readonly #run: CurrentRun;
  readonly #trail: PatrolTrail;
  #patrol: Patrol | undefined;
  #isClosing = false;

  constructor(options: PatrolEffectsOptions) {
    this.#options = options;
    this.#trail = new PatrolTrail({ ...options, patrol: options.kept.patrol });
    this.#ledger = new PatrolLedger(options);
    this.#run = new CurrentRun({
      ...options,
      ledger: this.#ledger,
      onProgress: options.onChange,
      onEnded: (run) => {
        this.#ended(run);
      },
    });
  }

  /** Without results; undefined while none is under way. */
  get running(): PatrolRun | undefined {
    return this.#run.record;
  }

  /** The last record that says how the patrol fares, without results. */
  get lastRun(): PatrolRun | undefined {
    return this.#trail.lastRun;
  }

  /** Nothing happens any more. */
  get isClosing(): boolean {
    return this.#isClosing;
  }

  /** What its rules and runs are from now on; undefined: it is stopped. */
  follow(patrol: Patrol | undefined): void {
    this.#patrol = patrol;
  }

  /** `runId`: of the run that it may begin, as somebody wants it. */
  apply(event: PatrolEvent, runId?: string): PatrolAction[] {
    if (this.#isClosing) return [];
    const { kept } = this.#options;
    const { state, actions } = reducePatrol(kept.state, event, this.#patrol ?? stoppedRules);
    kept.state = state;
    for (const action of actions) {
      if (action.type === 'skip') this.skip(action);
      else if (action.type === 'run') this.#begin(action, runId);
    }
    this.keepSoon();
    return actions;
  }

  /** For what was accounted for beside the state; `keepSoon` is to follow. */
  skip({ reason, span }: Omit<Extract<PatrolAction, { type: 'skip' }>, 'type'>): void {
    const { clock, onChange, onEnd } = this.#options;
    const record = this.#trail.skipped({ reason, span }, clock.now(), this.#patrol?.budget.callsPerRun ?? 0);
    this.#ledger.add(record);
    onEnd('skipped', span.count);
    onChange(record);
  }

  keepSoon(): void {
    this.#ledger.commitSoon();
  }

  /** Writes what could not be written before; to be called now and then. */
  keepAgain(): void {
    this.#ledger.retry();
  }

  /** Resolves when all that was to be written has been tried. */
  kept(): Promise<void> {
    return this.#ledger.idle();
  }

  /** The record of the run that was told to end, if there is one. */
  stopRun(reason: RunStopped): PatrolRun | undefined {
    return this.#run.stop(reason);
  }

  /** Resolves when it is written how the run under way ended. */
  runEnded(): Promise<void> {
    return this.#run.ended();
  }

  /** Ends the run under way as interrupted; its state stays, so that the next start goes on from it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#run.stop(RunStopped.interrupted());
    await this.#run.ended();
    await this.#ledger.idle();
  }

  #begin({ trigger, occurrence }: Extract<PatrolAction, { type: 'run' }>, runId: string | undefined): void {
    const patrol = this.#patrol;
    if (patrol === undefined) throw new Error('A patrol that is stopped cannot run.');
    const about = { trigger, ...(occurrence !== undefined && { occurrence }), ...(runId !== undefined && { runId }) };
    this.#trail.begun(this.#run.begin(patrol, about));
  }

  #ended(run: PatrolRun): void {
    const { kept, logger, onChange, onEnd } = this.#options;
    const { record, isNews } = this.#trail.ended(run);
    logger[isNews ? 'warn' : 'info']('A run of a patrol has ended.', {
      patrol: run.patrol,
      runId: run.runId,
      trigger: run.trigger,
      status: run.status,
      durationMs: run.durationMs,
      calls: run.budget.calls,
      ...(run.blind.length > 0 && { blind: [...new Set(run.blind.map(({ server }) => server))] }),
    });
    onEnd(run.status, 1);
    // When the agent stops, the next start goes on from here as it does after a crash.
    if (!this.#isClosing) {
      delete kept.runId;
      this.apply({ type: 'ended', missedSignIn: missedSignIn(run.blind) });
    }
    onChange(record);
  }
}
