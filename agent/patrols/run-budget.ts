// How many calls a run, and a patrol in a UTC day, may still make.
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { Patrol } from '../../shared/patrols/patrol.ts';

/** Calls of a UTC day, `2027-03-01`. */
export interface DayCount {
  day: string;
  calls: number;
}

export interface RunBudgetOptions {
  patrol: Pick<Patrol, 'name' | 'budget'>;
  clock: Clock;
  /** Of the patrol's last runs. */
  used: DayCount | undefined;
  onCount: (used: DayCount) => void;
}

export class RunBudget {
  readonly #options: RunBudgetOptions;
  #used: DayCount;
  #calls = 0;

  constructor(options: RunBudgetOptions) {
    this.#options = options;
    this.#used = options.used ?? { day: '', calls: 0 };
  }

  /** Counts a call that is about to be made. Throws RockBotError `throttled`. */
  charge(): void {
    const { callsPerRun, callsPerDay } = this.#options.patrol.budget;
    if (this.#calls >= callsPerRun) throw this.#usedUp(`The ${callsPerRun} calls of one run are`, 'callsPerRun');
    const { day, calls } = this.#today();
    if (callsPerDay !== undefined && calls >= callsPerDay)
      throw this.#usedUp(`The ${callsPerDay} calls of the UTC day ${day} are`, 'callsPerDay');
    this.#count(1);
  }

  /** It was not made after all. */
  refund(): void {
    this.#count(-1);
  }

  use(): PatrolRun['budget'] {
    const { callsPerRun, callsPerDay } = this.#options.patrol.budget;
    return {
      calls: this.#calls,
      callsPerRun,
      callsToday: this.#today().calls,
      ...(callsPerDay !== undefined && { callsPerDay }),
    };
  }

  #count(change: 1 | -1): void {
    const { day, calls } = this.#today();
    this.#calls += change;
    this.#used = { day, calls: Math.max(0, calls + change) };
    this.#options.onCount(this.#used);
  }

  #today(): DayCount {
    const day = new Date(this.#options.clock.now()).toISOString().slice(0, 10);
    return this.#used.day === day ? this.#used : { day, calls: 0 };
  }

  #usedUp(what: string, key: string): RockBotError {
    return new RockBotError({
      code: 'throttled',
      retryable: false,
      message: `${what} used up; this one was not sent.`,
      action: `Have the patrol ask for less, or raise budget.${key} of "${this.#options.patrol.name}" in patrols.json.`,
    });
  }
}
