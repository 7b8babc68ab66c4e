// How many calls of a server a UTC day still has, for all callers and for one. Counts are kept on the volume, so that a restart
// does not renew them.
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { CallLimits } from '../../shared/mcp-config/server-entry.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { KeptText } from '../files/kept-text.ts';

export interface BudgetUse {
  /** Calls of this UTC day. */
  callsToday: number;
  /** ISO 8601; when the counts begin anew. */
  resetsAt: string;
}

const count = z.number().int().nonnegative();

/** Lists of pairs, since names are strangers' words and one of them may be `__proto__`. */
const savedSchema = z.object({
  /** UTC, `2026-11-23`. */
  day: z.string(),
  servers: z.array(z.tuple([z.string(), z.object({ calls: count, callers: z.array(z.tuple([z.string(), count])) })])),
});

interface ServerCounts {
  calls: number;
  callers: Map<string, number>;
}

interface Counts {
  day: string;
  servers: Map<string, ServerCounts>;
}

const dayMs = 86_400_000;
/** Callers name themselves; beyond this many of one server the rest share one count. */
const maxCallers = 1_000;
const otherCallers = '(others)';

export interface CallBudgetOptions {
  kept: KeptText;
  clock: Clock;
  /** Hears of kept counts that make no sense; they begin anew then. */
  onProblem: (error: unknown) => void;
}

export class CallBudget {
  readonly #kept: KeptText;
  readonly #clock: Clock;
  #counts: Counts;

  private constructor({ kept, clock }: CallBudgetOptions, counts: Counts | undefined) {
    this.#kept = kept;
    this.#clock = clock;
    this.#counts = counts ?? { day: dayOf(clock.now()), servers: new Map() };
  }

  static async open(options: CallBudgetOptions): Promise<CallBudget> {
    const text = await options.kept.load();
    try {
      return new CallBudget(options, text === undefined ? undefined : parseCounts(text));
    } catch (error) {
      options.onProblem(error);
      return new CallBudget(options, undefined);
    }
  }

  /** Counts a call that is about to be sent. Throws RockBotError `throttled` when the day's budget is used up. */
  charge(server: string, caller: string, limits: CallLimits): void {
    const { callsPerDay, callsPerDayPerCaller } = limits;
    const counts = this.#of(server);
    const isKnown = counts.callers.has(caller) || counts.callers.size < maxCallers;
    const payer = isKnown ? caller : otherCallers;
    const ofCaller = counts.callers.get(payer) ?? 0;
    if (callsPerDay !== undefined && counts.calls >= callsPerDay)
      throw this.#usedUp(`The ${callsPerDay} calls of "${server}" for today are used up`);
    if (callsPerDayPerCaller !== undefined && ofCaller >= callsPerDayPerCaller)
      throw this.#usedUp(`The ${callsPerDayPerCaller} calls of "${server}" that one caller has a day are used up`);
    counts.calls++;
    counts.callers.set(payer, ofCaller + 1);
    if (callsPerDay !== undefined || callsPerDayPerCaller !== undefined)
      this.#kept.saveSoon(() => savedText(this.#counts));
  }

  use(server: string): BudgetUse {
    return { callsToday: this.#of(server).calls, resetsAt: new Date(this.#nextDay()).toISOString() };
  }

  close(): Promise<void> {
    return this.#kept.close();
  }

  #of(server: string): ServerCounts {
    const day = dayOf(this.#clock.now());
    if (day !== this.#counts.day) this.#counts = { day, servers: new Map() };
    let counts = this.#counts.servers.get(server);
    if (counts === undefined) {
      counts = { calls: 0, callers: new Map() };
      this.#counts.servers.set(server, counts);
    }
    return counts;
  }

  #usedUp(what: string): RockBotError {
    return new RockBotError({
      code: 'throttled',
      retryable: false,
      message: `${what}; this one was not sent.`,
      action: `Wait until ${new Date(this.#nextDay()).toISOString()}, or have the operator raise "limits" of the server in mcp.json.`,
      retryAfterMs: this.#nextDay() - this.#clock.now(),
    });
  }

  #nextDay(): number {
    return Math.floor(this.#clock.now() / dayMs + 1) * dayMs;
  }
}

function dayOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

function parseCounts(text: string): Counts {
  const { day, servers } = savedSchema.parse(JSON.parse(text));
  return {
    day,
    servers: new Map(servers.map(([name, { calls, callers }]) => [name, { calls, callers: new Map(callers) }])),
  };
}

function savedText({ day, servers }: Counts): string {
  const saved: z.infer<typeof savedSchema> = {
    day,
    servers: [...servers].map(([name, { calls, callers }]) => [name, { calls, callers: [...callers] }]),
  };
  return JSON.stringify(saved);
}
