// One patrol over its whole life: its occurrences, the run under way, and what of both must survive a crash. It runs the effects
// of `reducePatrol`; times to look at it come from outside.
import type { Clock } from '../../shared/clock.ts';
import type { ListedPatrol, PatrolRun, SkipReason } from '../../shared/contract/patrol-messages.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import {
  reducePatrol,
  type PatrolAction,
  type PatrolEvent,
  type PatrolRules,
} from '../../shared/patrols/patrol-state.ts';
import type { RunData } from '../../shared/patrols/step-value.ts';
import { missedSignIn } from '../../shared/patrols/sight-of.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import { CurrentRun } from './current-run.ts';
import type { KeptPatrol, KeptPatrols } from './kept-patrols.ts';
import { listedPatrol } from './listed-patrol.ts';
import { PatrolAgenda, scheduleKey } from './patrol-agenda.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import type { PatrolFacts } from './patrol-facts.ts';
import { PatrolLedger } from './patrol-ledger.ts';
import { PatrolTrail } from './patrol-trail.ts';
import { nothingMissed } from './plan-missed.ts';
import { runIdOf } from './run-id.ts';
import type { RunRecords } from './run-records.ts';
import { noRunUnderWay, otherRunUnderWay, runningAlready, stoppedPatrol } from './run-refusals.ts';
import type { RunSlots } from './run-slots.ts';
import { RunStopped } from './run-stopped.ts';

export interface ScheduledPatrolOptions {
  kept: KeptPatrol;
  /** The last record that says how the patrol fares. */
  lastRun: PatrolRun | undefined;
  states: Pick<KeptPatrols, 'save' | 'saveSoon'>;
  records: RunRecords;
  slots: RunSlots;
  call: MakePatrolCall;
  account: () => RunData['account'];
  clock: Clock;
  logger: Logger;
  /** A run went on, or the patrol itself changed. */
  onChange: (run?: PatrolRun) => void;
  /** `count`: occurrences of a row that was skipped, otherwise 1. */
  onEnd: (status: string, count: number) => void;
}

const stoppedRules: PatrolRules = { enabled: false, overlap: 'skip', missed: 'skip', catchUp: false };

export class ScheduledPatrol {
  readonly name: string;
  readonly #options: ScheduledPatrolOptions;
  readonly #kept: KeptPatrol;
  /** Undefined while it is stopped because of its problems, and after it was removed. */
  #patrol: Patrol | undefined;
  readonly #agenda: PatrolAgenda;
  readonly #run: CurrentRun;
  readonly #trail: PatrolTrail;
  /** What changes the patrol itself comes one after another; nothing is due meanwhile. */
  readonly #life = new SerialQueue();
  #changing = 0;
  readonly #ledger: PatrolLedger;
  #isClosing = false;

  constructor(options: ScheduledPatrolOptions) {
    this.#options = options;
    this.#kept = options.kept;
    this.name = options.kept.patrol;
    this.#agenda = new PatrolAgenda(options);
    this.#trail = new PatrolTrail({ patrol: this.name, lastRun: options.lastRun, agenda: this.#agenda });
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

  /** Milliseconds since the epoch; undefined while nothing will be due. */
  get nextAt(): number | undefined {
    return this.#changing > 0 ? undefined : this.#agenda.next?.startsAt;
  }

  /** For metrics. */
  get facts(): PatrolFacts {
    const { lastOkAt, addedAt, verdict } = this.#kept;
    const isValid = this.#patrol !== undefined;
    return { name: this.name, isValid, nextRunAt: this.#nextRunAt, lastOkAt, addedAt, verdict };
  }

  /** ISO 8601. */
  get #nextRunAt(): string | undefined {
    const { next } = this.#agenda;
    return this.#patrol?.enabled === true && next !== undefined ? new Date(next.startsAt).toISOString() : undefined;
  }

  listed(problems: readonly string[]): ListedPatrol {
    return listedPatrol({
      name: this.name,
      patrol: this.#patrol,
      problems,
      nextRunAt: this.#nextRunAt,
      running: this.#run.record,
      lastRun: this.#trail.lastRun,
      owesCatchUp: this.#kept.state.owesCatchUp,
    });
  }

  /** Takes up what was kept and accounts for the time since; undefined: it cannot be used. */
  start(patrol: Patrol | undefined, { isSignedIn }: { isSignedIn: () => boolean }): Promise<void> {
    return this.#change(async () => {
      const { kept } = this.#options;
      if (patrol === undefined) {
        kept.stoppedAt ??= this.#options.clock.now();
        // Nothing runs any more, whatever the state says.
        this.#apply({ type: 'started', plan: nothingMissed(kept.state.handledUpTo) });
        return;
      }
      this.#use(patrol);
      await this.#accountForDowntime();
      if (isSignedIn()) this.#apply({ type: 'signedIn' });
    });
  }

  /** Other rules, another schedule, or none that can be used. A run goes on unless its guards have changed. */
  replace(
    patrol: Patrol | undefined,
    { isSignedIn, reason = 'invalid' }: { isSignedIn: () => boolean; reason?: 'invalid' | 'disabled' },
  ): Promise<void> {
    return this.#change(async () => {
      const before = this.#patrol;
      const sameSchedule = patrol !== undefined && this.#kept.schedule === scheduleKey(patrol);
      if (before !== undefined && patrol !== undefined) {
        if (this.#takeUpDue()) await this.#accountForLate();
        if (JSON.stringify(before.guards) !== JSON.stringify(patrol.guards)) this.#stopRun('its guards have changed');
        this.#use(patrol);
        const dropsWaiting = !sameSchedule || !patrol.enabled || patrol.overlap === 'skip';
        if (dropsWaiting) this.#apply({ type: 'disabled' });
        return;
      }
      if (patrol === undefined) {
        if (before !== undefined && this.#takeUpDue()) await this.#accountForLate();
        this.#patrol = undefined;
        this.#agenda.follow(undefined);
        this.#stopRun('the patrol is stopped, because patrols.json says it differently or has a problem in it');
        this.#kept.stoppedAt ??= this.#options.clock.now();
        this.#apply({ type: 'disabled', reason });
        return;
      }
      this.#use(patrol);
      // It may have been put right while its last run was still ending.
      await this.#run.ended();
      await this.#accountForDowntime();
      if (isSignedIn()) this.#apply({ type: 'signedIn' });
    });
  }

  /** Looks whether something is due. */
  tick(): void {
    if (this.#changing > 0 || !this.#takeUpDue()) return;
    void this.#change(() => this.#accountForLate()).finally(() => {
      this.#options.onChange();
    });
  }

  signedIn(): Promise<void> {
    return this.#change(async () => {
      if (this.#patrol !== undefined) this.#apply({ type: 'signedIn' });
    });
  }

  /** Resolves with the record of the run that was started. Throws RockBotError. */
  async request(runId: string | undefined): Promise<PatrolRun> {
    let record: PatrolRun | undefined;
    await this.#change(async () => {
      if (this.#patrol === undefined) throw stoppedPatrol(this.name);
      const actions = this.#apply({ type: 'runRequested' }, runId);
      if (actions.some(({ type }) => type === 'refuse')) throw runningAlready(this.name, this.#run.record?.runId);
      record = this.#run.record;
    });
    const begun = record;
    if (begun === undefined) throw RunStopped.interrupted();
    // Told once it is on the volume, so that it is not told of a run that nobody knows after a crash.
    await this.#ledger.idle();
    const current = this.#run.record;
    return current?.runId === begun.runId ? current : (this.#trail.lastRun ?? begun);
  }

  /** The run under way, which was told to end. Throws RockBotError when there is none, or not the one that is meant. */
  cancel(why: string, runId?: string): PatrolRun {
    const underWay = this.#run.record?.runId;
    if (runId !== undefined && underWay !== undefined && underWay !== runId)
      throw otherRunUnderWay(this.name, { meant: runId, underWay });
    const run = this.#run.stop(RunStopped.cancelled(why));
    if (run !== undefined) return run;
    throw noRunUnderWay(this.name);
  }

  /** It is in patrols.json no more; resolves when its run has ended. */
  async remove(): Promise<void> {
    await this.replace(undefined, { isSignedIn: () => false, reason: 'disabled' });
    await this.#run.ended();
    await this.#ledger.idle();
  }

  /** Ends the run under way as interrupted; its state stays, so that the next start goes on from it. */
  async close(): Promise<void> {
    this.#isClosing = true;
    this.#run.stop(RunStopped.interrupted());
    await this.#run.ended();
    await this.#ledger.idle();
  }

  #change<T>(task: () => Promise<T>): Promise<T> {
    this.#changing++;
    return this.#life.run(task).finally(() => {
      this.#changing--;
    });
  }

  #use(patrol: Patrol): void {
    this.#patrol = patrol;
    this.#agenda.follow(patrol);
    this.#ledger.commitSoon();
  }

  async #accountForDowntime(): Promise<void> {
    const { plan, whileStopped, stoppedUpTo } = await this.#agenda.afterDowntime();
    this.#apply({ type: 'started', plan });
    if (whileStopped === undefined || stoppedUpTo === undefined) return;
    this.#agenda.handled(stoppedUpTo);
    this.#skip({ type: 'skip', reason: this.#reasonNotToRun('invalid'), span: whileStopped });
    this.#ledger.commitSoon();
  }

  /** True when something was missed that is still to be accounted for. */
  #takeUpDue(): boolean {
    if (this.#isClosing) return false;
    for (;;) {
      const due = this.#agenda.due();
      if (due === undefined) return false;
      if (due.isLate) return true;
      // It was run before a clock was set back.
      if (this.#options.records.has(runIdOf(due.occurrence))) this.#agenda.handled(due.occurrence.scheduledAt);
      else this.#apply({ type: 'due', occurrence: due.occurrence });
    }
  }

  /** A run may be under way, other than after a downtime. */
  async #accountForLate(): Promise<void> {
    const plan = await this.#agenda.afterDelay();
    if (plan === undefined) return;
    this.#agenda.handled(plan.handledUpTo);
    if (plan.skipped !== undefined)
      this.#skip({ type: 'skip', reason: this.#reasonNotToRun('missed'), span: plan.skipped });
    if (plan.run !== undefined) this.#apply({ type: 'due', occurrence: plan.run });
    this.#ledger.commitSoon();
  }

  #reasonNotToRun(reason: SkipReason): SkipReason {
    return this.#patrol?.enabled === true ? reason : 'disabled';
  }

  #apply(event: PatrolEvent, runId?: string): PatrolAction[] {
    if (this.#isClosing) return [];
    const { state, actions } = reducePatrol(this.#kept.state, event, this.#patrol ?? stoppedRules);
    this.#kept.state = state;
    for (const action of actions) {
      if (action.type === 'skip') this.#skip(action);
      else if (action.type === 'run') this.#begin(action, runId);
    }
    this.#ledger.commitSoon();
    return actions;
  }

  #skip({ reason, span }: Extract<PatrolAction, { type: 'skip' }>): void {
    const { clock, onChange, onEnd } = this.#options;
    const record = this.#trail.skipped({ reason, span }, clock.now(), this.#patrol?.budget.callsPerRun ?? 0);
    this.#ledger.add(record);
    onEnd('skipped', span.count);
    onChange(record);
  }

  #begin({ trigger, occurrence }: Extract<PatrolAction, { type: 'run' }>, runId: string | undefined): void {
    const patrol = this.#patrol;
    if (patrol === undefined) throw new Error('A patrol that is stopped cannot run.');
    const about = { trigger, ...(occurrence !== undefined && { occurrence }), ...(runId !== undefined && { runId }) };
    this.#trail.begun(this.#run.begin(patrol, about));
  }

  #ended(run: PatrolRun): void {
    const { logger, onChange, onEnd } = this.#options;
    const { record, isNews } = this.#trail.ended(run);
    logger[isNews ? 'warn' : 'info']('A run of a patrol has ended.', {
      patrol: this.name,
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
      delete this.#kept.runId;
      this.#apply({ type: 'ended', missedSignIn: missedSignIn(run.blind) });
    }
    onChange(record);
  }

  #stopRun(why: string): void {
    this.#run.stop(RunStopped.cancelled(why));
  }
}
