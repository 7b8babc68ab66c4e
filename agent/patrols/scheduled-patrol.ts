// One patrol over its whole life: what patrols.json says of it, what is due, and what people ask of it become events of its state,
// one after another. What follows from them is not decided here; times to look at it come from outside.
import type { ListedPatrol, PatrolRun, SkipReason } from '../../shared/contract/patrol-messages.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import { listedPatrol } from './listed-patrol.ts';
import { PatrolAgenda, scheduleKey, type PatrolAgendaOptions } from './patrol-agenda.ts';
import { PatrolEffects, type PatrolEffectsOptions } from './patrol-effects.ts';
import type { PatrolFacts } from './patrol-facts.ts';
import { nothingMissed } from './plan-missed.ts';
import { runIdOf } from './run-id.ts';
import type { RunRecords } from './run-records.ts';
import { noRunUnderWay, otherRunUnderWay, runningAlready, stoppedPatrol } from './run-refusals.ts';
import { RunStopped } from './run-stopped.ts';

export interface ScheduledPatrolOptions extends Omit<PatrolEffectsOptions, 'agenda' | 'records'>, PatrolAgendaOptions {
  records: Pick<RunRecords, 'has' | 'write'>;
}

export class ScheduledPatrol {
  readonly name: string;
  readonly #options: ScheduledPatrolOptions;
  /** Undefined while it is stopped because of its problems, and after it was removed. */
  #patrol: Patrol | undefined;
  readonly #agenda: PatrolAgenda;
  readonly #effects: PatrolEffects;
  /** What changes the patrol itself comes one after another; nothing is due meanwhile. */
  readonly #life = new SerialQueue();
  #changing = 0;

  constructor(options: ScheduledPatrolOptions) {
    this.#options = options;
    this.name = options.kept.patrol;
    this.#agenda = new PatrolAgenda(options);
    this.#effects = new PatrolEffects({ ...options, agenda: this.#agenda });
  }

  /** Milliseconds since the epoch; undefined while nothing will be due. */
  get nextAt(): number | undefined {
    return this.#changing > 0 ? undefined : this.#agenda.next?.startsAt;
  }

  /** For metrics. */
  get facts(): PatrolFacts {
    const { lastOkAt, addedAt, verdict } = this.#options.kept;
    const isValid = this.#patrol !== undefined;
    return { name: this.name, isValid, nextRunAt: this.#nextRunAt, lastOkAt, addedAt, verdict };
  }

  /** ISO 8601. */
  get #nextRunAt(): string | undefined {
    const { next } = this.#agenda;
    return this.#patrol?.enabled === true && next !== undefined ? new Date(next.startsAt).toISOString() : undefined;
  }

  listed(problems: readonly string[]): ListedPatrol {
    const { running, lastRun } = this.#effects;
    return listedPatrol({
      name: this.name,
      patrol: this.#patrol,
      problems,
      nextRunAt: this.#nextRunAt,
      running,
      lastRun,
      owesCatchUp: this.#options.kept.state.owesCatchUp,
    });
  }

  /** Takes up what was kept and accounts for the time since; undefined: it cannot be used. */
  start(patrol: Patrol | undefined, { isSignedIn }: { isSignedIn: () => boolean }): Promise<void> {
    return this.#change(async () => {
      const { kept, clock } = this.#options;
      if (patrol === undefined) {
        kept.stoppedAt ??= clock.now();
        // Nothing runs any more, whatever the state says.
        this.#effects.apply({ type: 'started', plan: nothingMissed(kept.state.handledUpTo) });
        return;
      }
      this.#use(patrol);
      await this.#accountForDowntime();
      if (isSignedIn()) this.#effects.apply({ type: 'signedIn' });
    });
  }

  /** Other rules, another schedule, or none that can be used. A run goes on unless its guards have changed. */
  replace(patrol: Patrol | undefined, { isSignedIn }: { isSignedIn: () => boolean }): Promise<void> {
    return this.#change(async () => {
      const before = this.#patrol;
      if (patrol === undefined) return this.#stop('invalid');
      if (before !== undefined) return this.#exchange(before, patrol);
      this.#use(patrol);
      // It may have been put right while its last run was still ending.
      await this.#effects.runEnded();
      await this.#accountForDowntime();
      if (isSignedIn()) this.#effects.apply({ type: 'signedIn' });
    });
  }

  /** It is in patrols.json no more; resolves when its run has ended. */
  async remove(): Promise<void> {
    await this.#change(() => this.#stop('disabled'));
    await this.#effects.runEnded();
    await this.#effects.kept();
  }

  /** To be called when something is due, and now and then in between. */
  tick(): void {
    this.#effects.keepAgain();
    if (this.#changing > 0 || !this.#takeUpDue()) return;
    void this.#change(() => this.#accountForLate()).finally(() => {
      this.#options.onChange();
    });
  }

  signedIn(): Promise<void> {
    return this.#change(async () => {
      if (this.#patrol !== undefined) this.#effects.apply({ type: 'signedIn' });
    });
  }

  /** Resolves with the record of the run that was started. Throws RockBotError. */
  async request(runId: string | undefined): Promise<PatrolRun> {
    const effects = this.#effects;
    const begun = await this.#change(async () => {
      if (this.#patrol === undefined) throw stoppedPatrol(this.name);
      const actions = effects.apply({ type: 'runRequested' }, runId);
      if (actions.some(({ type }) => type === 'refuse')) throw runningAlready(this.name, effects.running?.runId);
      return effects.running;
    });
    if (begun === undefined) throw RunStopped.interrupted();
    // Told once it is on the volume, so that it is not told of a run that nobody knows after a crash.
    await effects.kept();
    const current = effects.running;
    return current?.runId === begun.runId ? current : (effects.lastRun ?? begun);
  }

  /** The run under way, which was told to end. Throws RockBotError when there is none, or not the one that is meant. */
  cancel(why: string, runId?: string): PatrolRun {
    const underWay = this.#effects.running?.runId;
    if (runId !== undefined && underWay !== undefined && underWay !== runId)
      throw otherRunUnderWay(this.name, { meant: runId, underWay });
    const run = this.#effects.stopRun(RunStopped.cancelled(why));
    if (run !== undefined) return run;
    throw noRunUnderWay(this.name);
  }

  /** Ends the run under way as interrupted; its state stays, so that the next start goes on from it. */
  close(): Promise<void> {
    return this.#effects.close();
  }

  #change<Result>(task: () => Promise<Result>): Promise<Result> {
    this.#changing++;
    return this.#life.run(task).finally(() => {
      this.#changing--;
    });
  }

  #follow(patrol: Patrol | undefined): void {
    this.#patrol = patrol;
    this.#agenda.follow(patrol);
    this.#effects.follow(patrol);
  }

  #use(patrol: Patrol): void {
    this.#follow(patrol);
    this.#effects.keepSoon();
  }

  async #exchange(before: Patrol, patrol: Patrol): Promise<void> {
    const isOtherSchedule = this.#options.kept.schedule !== scheduleKey(patrol);
    if (this.#takeUpDue()) await this.#accountForLate();
    if (JSON.stringify(before.guards) !== JSON.stringify(patrol.guards))
      this.#effects.stopRun(RunStopped.cancelled('its guards have changed'));
    this.#use(patrol);
    const dropsWaiting = isOtherSchedule || !patrol.enabled || patrol.overlap === 'skip';
    if (dropsWaiting) this.#effects.apply({ type: 'disabled' });
  }

  async #stop(reason: 'invalid' | 'disabled'): Promise<void> {
    const { kept, clock } = this.#options;
    if (this.#patrol !== undefined && this.#takeUpDue()) await this.#accountForLate();
    this.#follow(undefined);
    const why = 'the patrol is stopped, because patrols.json says it differently or has a problem in it';
    this.#effects.stopRun(RunStopped.cancelled(why));
    kept.stoppedAt ??= clock.now();
    this.#effects.apply({ type: 'disabled', reason });
  }

  async #accountForDowntime(): Promise<void> {
    const { plan, whileStopped, stoppedUpTo } = await this.#agenda.afterDowntime();
    this.#effects.apply({ type: 'started', plan });
    if (whileStopped === undefined || stoppedUpTo === undefined) return;
    this.#agenda.handled(stoppedUpTo);
    this.#effects.skip({ reason: this.#reasonNotToRun('invalid'), span: whileStopped });
    this.#effects.keepSoon();
  }

  /** True when something was missed that is still to be accounted for. */
  #takeUpDue(): boolean {
    if (this.#effects.isClosing) return false;
    for (;;) {
      const due = this.#agenda.due();
      if (due === undefined) return false;
      if (due.isLate) return true;
      // It was run before a clock was set back.
      if (this.#options.records.has(runIdOf(due.occurrence))) this.#agenda.handled(due.occurrence.scheduledAt);
      else this.#effects.apply({ type: 'due', occurrence: due.occurrence });
    }
  }

  /** A run may be under way, other than after a downtime. */
  async #accountForLate(): Promise<void> {
    const plan = await this.#agenda.afterDelay();
    if (plan === undefined) return;
    this.#agenda.handled(plan.handledUpTo);
    if (plan.skipped !== undefined) this.#effects.skip({ reason: this.#reasonNotToRun('missed'), span: plan.skipped });
    if (plan.run !== undefined) this.#effects.apply({ type: 'due', occurrence: plan.run });
    this.#effects.keepSoon();
  }

  #reasonNotToRun(reason: SkipReason): SkipReason {
    return this.#patrol?.enabled === true ? reason : 'disabled';
  }
}
