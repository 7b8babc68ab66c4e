// One patrol over its whole life: its occurrences, the run under way, and what of both must survive a crash. It runs the effects
// of `reducePatrol`; times to look at it come from outside.
import type { Clock } from '../../shared/clock.ts';
import type { ListedPatrol, PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { DowntimePlan } from '../../shared/patrols/downtime-plan.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import {
  reducePatrol,
  type PatrolAction,
  type PatrolEvent,
  type PatrolRules,
} from '../../shared/patrols/patrol-state.ts';
import type { RunData } from '../../shared/patrols/step-value.ts';
import { missedSignIn } from '../../shared/patrols/summarise.ts';
import { createTimetable, type Occurrence, type Timetable } from '../../shared/patrols/timetable.ts';
import { plainLine } from '../../shared/plain-text.ts';
import { SerialQueue } from '../../shared/serial-queue.ts';
import type { Logger } from '../logger.ts';
import { CurrentRun } from './current-run.ts';
import type { KeptPatrol, KeptPatrols } from './kept-patrols.ts';
import { listedPatrol } from './listed-patrol.ts';
import type { MakePatrolCall } from './patrol-call.ts';
import { PatrolLedger } from './patrol-ledger.ts';
import { nothingMissed, planMissed } from './plan-missed.ts';
import { runIdOf } from './run-id.ts';
import { withoutResults, type RunRecords } from './run-records.ts';
import type { RunSlots } from './run-slots.ts';
import { RunStopped } from './run-stopped.ts';
import { skipRecord } from './skip-records.ts';

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

const dayMs = 86_400_000;
/** An occurrence that is found so much too late was missed: the machine slept, or its clock was set. */
const lateMs = 90_000;
const stoppedRules: PatrolRules = { enabled: false, overlap: 'skip', missed: 'skip', catchUp: false };

export class ScheduledPatrol {
  readonly name: string;
  readonly #options: ScheduledPatrolOptions;
  readonly #kept: KeptPatrol;
  /** Undefined while it is stopped because of its problems, and after it was removed. */
  #patrol: Patrol | undefined;
  #timetable: Timetable | undefined;
  /** The first occurrence that is not accounted for, as of `handledUpTo` of the state. */
  #next: Occurrence | undefined;
  #lookedFrom: number | undefined;
  readonly #run: CurrentRun;
  #lastRun: PatrolRun | undefined;
  /** The record that a row of skipped occurrences goes on in. */
  #lastRecord: PatrolRun | undefined;
  /** What changes the patrol itself comes one after another; nothing is due meanwhile. */
  readonly #life = new SerialQueue();
  #changing = 0;
  readonly #ledger: PatrolLedger;
  #isClosing = false;

  constructor(options: ScheduledPatrolOptions) {
    this.#options = options;
    this.#kept = options.kept;
    this.name = options.kept.patrol;
    this.#lastRun = options.lastRun;
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
    return this.#changing > 0 ? undefined : this.#next?.startsAt;
  }

  get lastOkAt(): string | undefined {
    return this.#kept.lastOkAt;
  }

  /** ISO 8601. */
  get nextRunAt(): string | undefined {
    return this.#patrol?.enabled === true && this.#next !== undefined ? isoTime(this.#next.startsAt) : undefined;
  }

  listed(problems: readonly string[]): ListedPatrol {
    return listedPatrol({
      name: this.name,
      patrol: this.#patrol,
      problems,
      nextRunAt: this.nextRunAt,
      running: this.#run.record,
      lastRun: this.#lastRun,
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
        this.#timetable = undefined;
        this.#next = undefined;
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
      if (this.#patrol === undefined)
        throw new RockBotError({
          code: 'invalid_request',
          message: `The patrol "${this.name}" is stopped, because it has problems.`,
          action: 'Correct patrols.json; patrols list names the problems.',
        });
      const actions = this.#apply({ type: 'runRequested' }, runId);
      if (actions.some(({ type }) => type === 'refuse'))
        throw new RockBotError({
          code: 'invalid_request',
          message: `The patrol "${this.name}" is running already (${this.#run.record?.runId ?? 'it is about to end'}).`,
          action: 'Wait for its end, or cancel it.',
        });
      record = this.#run.record;
    });
    const begun = record;
    if (begun === undefined) throw RunStopped.interrupted();
    // Told once it is on the volume, so that it is not told of a run that nobody knows after a crash.
    await this.#ledger.idle();
    const current = this.#run.record;
    return current?.runId === begun.runId ? current : (this.#lastRun ?? begun);
  }

  /** The run under way, which was told to end. Throws RockBotError when there is none, or not the one that is meant. */
  cancel(why: string, runId?: string): PatrolRun {
    const underWay = this.#run.record?.runId;
    if (runId !== undefined && underWay !== undefined && underWay !== runId)
      throw new RockBotError({
        code: 'invalid_request',
        message: `The run "${plainLine(runId, 40)}" of the patrol "${this.name}" is not under way; "${underWay}" is, and goes on.`,
        action: 'Cancel that one by its id if it is the one that you mean.',
      });
    const run = this.#run.stop(RunStopped.cancelled(why));
    if (run !== undefined) return run;
    throw new RockBotError({
      code: 'invalid_request',
      message: `No run of the patrol "${this.name}" is under way.`,
      action: 'Look at its history: it may have ended already.',
    });
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
    const { clock } = this.#options;
    const schedule = scheduleKey(patrol);
    if (this.#kept.schedule !== schedule) {
      // What the old schedule had until now is accounted for; the new one owes nothing for the time before.
      this.#kept.state = { ...this.#kept.state, handledUpTo: clock.now() };
      this.#kept.schedule = schedule;
    }
    this.#patrol = patrol;
    this.#timetable = createTimetable({ patrol: patrol.name, schedule: patrol.schedule });
    this.#lookedFrom = undefined;
    this.#lookAhead();
    this.#ledger.commitSoon();
  }

  #lookAhead(): void {
    const { handledUpTo } = this.#kept.state;
    if (this.#lookedFrom === handledUpTo) return;
    this.#lookedFrom = handledUpTo;
    this.#next = this.#timetable?.next(handledUpTo);
  }

  async #accountForDowntime(): Promise<void> {
    const { stoppedAt } = this.#kept;
    delete this.#kept.stoppedAt;
    const now = this.#options.clock.now();
    const before = await this.#plan({ until: Math.min(stoppedAt ?? now, now) });
    const sinceStopped =
      stoppedAt === undefined ? undefined : await this.#plan({ after: before.handledUpTo, missed: 'skip' });
    if (stoppedAt === undefined || sinceStopped?.skipped === undefined) {
      this.#apply({ type: 'started', plan: before });
      return;
    }
    // Those that came while it was stopped are none to make up for, and neither are older ones then.
    this.#apply({ type: 'started', plan: await this.#plan({ until: stoppedAt, missed: 'skip' }) });
    this.#kept.state = { ...this.#kept.state, handledUpTo: sinceStopped.handledUpTo };
    const reason = this.#patrol?.enabled === true ? 'invalid' : 'disabled';
    this.#skip({ type: 'skip', reason, span: sinceStopped.skipped });
    this.#lookAhead();
    this.#ledger.commitSoon();
  }

  #plan({
    after = this.#kept.state.handledUpTo,
    until = this.#options.clock.now(),
    missed = this.#patrol?.missed ?? 'skip',
  }: { after?: number; until?: number; missed?: Patrol['missed'] } = {}): Promise<DowntimePlan> {
    if (this.#timetable === undefined) return Promise.resolve(nothingMissed(after));
    return planMissed({ timetable: this.#timetable, lastHandled: after, now: until, missed });
  }

  /** True when something is due for so long that it was missed; what is due after that waits for its turn. */
  #takeUpDue(): boolean {
    const { clock, records } = this.#options;
    if (this.#timetable === undefined || this.#isClosing) return false;
    const now = clock.now();
    this.#noticeSetBack(now);
    for (;;) {
      const next = this.#next;
      if (next === undefined || next.startsAt > now) return false;
      if (now - next.startsAt > lateMs) return true;
      // It was run before a clock was set back.
      if (records.has(runIdOf(next))) {
        this.#kept.state = { ...this.#kept.state, handledUpTo: next.scheduledAt };
        this.#lookAhead();
      } else this.#apply({ type: 'due', occurrence: next });
    }
  }

  /** A little means that nothing is due for that long, since it was run already; after more it would never run again. */
  #noticeSetBack(now: number): void {
    const { state } = this.#kept;
    if (state.handledUpTo <= now + dayMs) return;
    this.#options.logger.warn('The clock was set back by more than a day; the patrol goes on from now.', {
      patrol: this.name,
    });
    this.#kept.state = { ...state, handledUpTo: now };
    this.#lookAhead();
    this.#ledger.commitSoon();
  }

  /** The agent slept, or its clock was set: the same rule as after a downtime, but a run may be under way. */
  async #accountForLate(): Promise<void> {
    const plan = await this.#plan();
    const { state } = this.#kept;
    if (plan.handledUpTo <= state.handledUpTo) return;
    this.#kept.state = { ...state, handledUpTo: plan.handledUpTo };
    const reason = this.#patrol?.enabled === true ? 'missed' : 'disabled';
    if (plan.skipped !== undefined) this.#skip({ type: 'skip', reason, span: plan.skipped });
    if (plan.run !== undefined) this.#apply({ type: 'due', occurrence: plan.run });
    this.#lookAhead();
    this.#ledger.commitSoon();
  }

  #apply(event: PatrolEvent, runId?: string): PatrolAction[] {
    if (this.#isClosing) return [];
    const { state, actions } = reducePatrol(this.#kept.state, event, this.#patrol ?? stoppedRules);
    this.#kept.state = state;
    this.#lookAhead();
    for (const action of actions) {
      if (action.type === 'skip') this.#skip(action);
      else if (action.type === 'run') this.#begin(action, runId);
    }
    this.#ledger.commitSoon();
    return actions;
  }

  #skip({ reason, span }: Extract<PatrolAction, { type: 'skip' }>): void {
    const { clock, onChange, onEnd } = this.#options;
    const callsPerRun = this.#patrol?.budget.callsPerRun ?? 0;
    const last = Date.parse(this.#lastRecord?.skipped?.last ?? '');
    // With nothing between that was run, or skipped for another reason.
    const goesOn = !Number.isNaN(last) && this.#timetable?.next(last)?.scheduledAt === span.first.scheduledAt;
    const before = goesOn ? this.#lastRecord : undefined;
    const record = skipRecord({ patrol: this.name, reason, span, before, now: clock.now(), callsPerRun });
    this.#lastRecord = record;
    this.#ledger.add(record);
    if (reason === 'missed' || reason === 'invalid') this.#lastRun = record;
    onEnd('skipped', span.count);
    onChange(record);
  }

  #begin({ trigger, occurrence }: Extract<PatrolAction, { type: 'run' }>, runId: string | undefined): void {
    const patrol = this.#patrol;
    if (patrol === undefined) throw new Error('A patrol that is stopped cannot run.');
    this.#lastRecord = this.#run.begin(patrol, {
      trigger,
      ...(occurrence !== undefined && { occurrence }),
      ...(runId !== undefined && { runId }),
    });
  }

  #ended(run: PatrolRun): void {
    const { logger, onChange, onEnd } = this.#options;
    const isNews = run.status !== 'ok' && this.#lastRun?.status !== run.status;
    this.#lastRun = withoutResults(run);
    this.#lastRecord = this.#lastRun;
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
    onChange(this.#lastRun);
  }

  #stopRun(why: string): void {
    this.#run.stop(RunStopped.cancelled(why));
  }
}

export function scheduleKey({ schedule: { cron, timeZone } }: Pick<Patrol, 'schedule'>): string {
  return JSON.stringify([cron, timeZone]);
}

function isoTime(instant: number): string {
  return new Date(instant).toISOString();
}
