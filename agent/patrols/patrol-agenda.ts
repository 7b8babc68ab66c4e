// Which occurrence of one patrol comes next, and which went by with nobody to run them, each accounted for once. It runs nothing
// and writes nothing.
import type { Clock } from '../../shared/clock.ts';
import type { DowntimePlan } from '../../shared/patrols/downtime-plan.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';
import {
  createTimetable,
  type Occurrence,
  type OccurrenceSpan,
  type Timetable,
} from '../../shared/patrols/timetable.ts';
import type { Logger } from '../logger.ts';
import type { KeptPatrol } from './kept-patrols.ts';
import { nothingMissed, type PlanMissed } from './plan-missed.ts';

export interface PatrolAgendaOptions {
  /** It reads `handledUpTo` and moves it on. */
  kept: KeptPatrol;
  planMissed: PlanMissed;
  clock: Clock;
  logger: Logger;
}

export interface DowntimeAccount {
  /** What came while nobody was there to run it. */
  plan: DowntimePlan;
  /** What came after that, while the patrol was stopped; `plan` has none to run then. */
  whileStopped?: OccurrenceSpan;
  /** Milliseconds since the epoch, with `whileStopped`. */
  stoppedUpTo?: number;
}

const dayMs = 86_400_000;
/** An occurrence that is found so much too late was missed: the machine slept, or its clock was set. */
const lateMs = 90_000;

export class PatrolAgenda {
  readonly #options: PatrolAgendaOptions;
  #patrol: Patrol | undefined;
  #timetable: Timetable | undefined;
  #next: Occurrence | undefined;
  #lookedFrom: number | undefined;

  constructor(options: PatrolAgendaOptions) {
    this.#options = options;
  }

  /** The first occurrence that is not accounted for. */
  get next(): Occurrence | undefined {
    const { handledUpTo } = this.#options.kept.state;
    if (this.#lookedFrom === handledUpTo) return this.#next;
    this.#lookedFrom = handledUpTo;
    this.#next = this.#timetable?.next(handledUpTo);
    return this.#next;
  }

  /** Undefined: nothing will be due. */
  follow(patrol: Patrol | undefined): void {
    const { kept, clock } = this.#options;
    this.#patrol = patrol;
    this.#timetable = undefined;
    this.#lookedFrom = undefined;
    if (patrol === undefined) return;
    const schedule = scheduleKey(patrol);
    if (kept.schedule !== schedule) {
      // What the old schedule had until now is accounted for; the new one owes nothing for the time before.
      this.handled(clock.now());
      kept.schedule = schedule;
    }
    this.#timetable = createTimetable({ patrol: patrol.name, schedule: patrol.schedule });
  }

  /** `instant`: milliseconds since the epoch. */
  handled(instant: number): void {
    const { kept } = this.#options;
    kept.state = { ...kept.state, handledUpTo: instant };
  }

  /** What has come due; `late`: for so long that it was missed, and what is due after it waits for its turn. */
  due(): { occurrence: Occurrence; isLate: boolean } | undefined {
    const now = this.#options.clock.now();
    this.#noticeSetBack(now);
    const { next } = this;
    if (next === undefined || next.startsAt > now) return undefined;
    return { occurrence: next, isLate: now - next.startsAt > lateMs };
  }

  /** True when nothing of the schedule lies between. `last`: ISO 8601. */
  isRightAfter(last: string, { scheduledAt }: Occurrence): boolean {
    const at = Date.parse(last);
    return !Number.isNaN(at) && this.#timetable?.next(at)?.scheduledAt === scheduledAt;
  }

  /** Of the time in which the agent was down, or the patrol stopped since `kept.stoppedAt`, which it forgets. */
  async afterDowntime(): Promise<DowntimeAccount> {
    const { kept, clock } = this.#options;
    const { stoppedAt } = kept;
    delete kept.stoppedAt;
    const now = clock.now();
    const before = await this.#plan({ until: Math.min(stoppedAt ?? now, now) });
    if (stoppedAt === undefined) return { plan: before };
    const since = await this.#plan({ after: before.handledUpTo, missed: 'skip' });
    if (since.skipped === undefined) return { plan: before };
    // Those that came while it was stopped are none to make up for, and neither are older ones then.
    const plan = await this.#plan({ until: stoppedAt, missed: 'skip' });
    return { plan, whileStopped: since.skipped, stoppedUpTo: since.handledUpTo };
  }

  /** The agent slept, or its clock was set: the same rule as after a downtime. Undefined when nothing was missed. */
  async afterDelay(): Promise<DowntimePlan | undefined> {
    const plan = await this.#plan();
    return plan.handledUpTo > this.#options.kept.state.handledUpTo ? plan : undefined;
  }

  #plan({
    after = this.#options.kept.state.handledUpTo,
    until = this.#options.clock.now(),
    missed = this.#patrol?.missed ?? 'skip',
  }: { after?: number; until?: number; missed?: Patrol['missed'] } = {}): Promise<DowntimePlan> {
    if (this.#timetable === undefined) return Promise.resolve(nothingMissed(after));
    return this.#options.planMissed({ timetable: this.#timetable, lastHandled: after, now: until, missed });
  }

  /** A little means that nothing is due for that long, since it was run already; after more it would never run again. */
  #noticeSetBack(now: number): void {
    const { kept, logger } = this.#options;
    if (this.#timetable === undefined || kept.state.handledUpTo <= now + dayMs) return;
    logger.warn('The clock was set back by more than a day; the patrol goes on from now.', { patrol: kept.patrol });
    this.handled(now);
  }
}

/** Schedules with the same key have the same occurrences. */
export function scheduleKey({ schedule: { cron, timeZone } }: Pick<Patrol, 'schedule'>): string {
  return JSON.stringify([cron, timeZone]);
}
