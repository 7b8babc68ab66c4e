// How many calls a server still has in a UTC day, for all callers and for one, also out of accounts that it shares with others.
// Counts are kept on the volume twice, so that neither a restart nor a torn file renews them.
import * as z from 'zod';
import type { Clock } from '../../shared/clock.ts';
import type { ListedLimits } from '../../shared/contract/tool-messages.ts';
import type { CallLimits } from '../../shared/mcp-config/server-entry.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { KeptText } from '../files/kept-text.ts';

/** What several servers count their calls in: a profile, or a server whose limits others inherit. */
export interface SharedAccount {
  kind: 'profile' | 'server';
  /** Name of the profile or of the server. */
  of: string;
  limits: DailyLimits;
  /** Where the operator can raise them, for messages. */
  place: string;
}

type DailyLimits = Pick<CallLimits, 'callsPerDay' | 'callsPerDayPerCaller'>;

export type BudgetUse = Pick<ListedLimits, 'callsToday' | 'resetsAt' | 'shared'>;

const count = z.number().int().nonnegative();

/** Lists of pairs, since names are strangers' words and one of them may be `__proto__`. */
const savedSchema = z.object({
  /** UTC, `2026-11-23`. */
  day: z.string(),
  servers: z.array(z.tuple([z.string(), z.object({ calls: count, callers: z.array(z.tuple([z.string(), count])) })])),
});

interface AccountCounts {
  calls: number;
  callers: Map<string, number>;
}

interface Counts {
  day: string;
  servers: Map<string, AccountCounts>;
}

const dayMs = 86_400_000;
/** Callers name themselves; beyond this many of one server the rest share one count. */
const maxCallers = 1_000;
const otherCallers = '(others)';

export interface CallBudgetOptions {
  kept: KeptText;
  /** The same counts once more, for when the first file is torn or gone. */
  spare?: KeptText;
  clock: Clock;
  /** Hears of kept counts that make no sense; the spare ones are taken then. */
  onProblem: (error: unknown) => void;
}

export class CallBudget {
  readonly #files: readonly KeptText[];
  readonly #clock: Clock;
  /** By server. */
  readonly #shared = new Map<string, readonly SharedAccount[]>();
  #counts: Counts;
  /** The UTC day whose counts are lost. */
  #lostDay: string | undefined;

  private constructor({ kept, spare, clock }: CallBudgetOptions, counts: Counts | undefined) {
    this.#files = spare === undefined ? [kept] : [kept, spare];
    this.#clock = clock;
    this.#counts = counts ?? { day: dayOf(clock.now()), servers: new Map() };
  }

  static async open(options: CallBudgetOptions): Promise<CallBudget> {
    let isTorn = false;
    for (const file of [options.kept, options.spare]) {
      const text = await file?.load();
      if (text === undefined) continue;
      try {
        return new CallBudget(options, parseCounts(text));
      } catch (error) {
        isTorn = true;
        options.onProblem(error);
      }
    }
    const budget = new CallBudget(options, undefined);
    if (isTorn) budget.#lostDay = budget.#counts.day;
    return budget;
  }

  /** What an operator has to know of the counts, as a sentence without its full stop. */
  get problem(): string | undefined {
    if (this.#lostDay !== dayOf(this.#clock.now())) return undefined;
    return 'call-budgets.json could not be read: calls before the last start are not counted in the budgets of today';
  }

  /** From now on calls of the server are counted in these accounts, too. */
  share(server: string, accounts: readonly SharedAccount[]): void {
    this.#shared.set(server, accounts);
  }

  /**
   * Counts a call that is about to be sent. Throws RockBotError `throttled` when the day's budget of the server, or of an account
   * that it shares, is used up; then the call is counted in none.
   */
  charge(server: string, caller: string, limits: CallLimits): void {
    const own: SharedAccount = { kind: 'server', of: server, limits, place: `"limits" of "${server}" in mcp.json` };
    const accounts = [own, ...this.#sharedOf(server)];
    const open = accounts.map((account) => this.#opened(account, caller));
    for (const { counts, payer, ofCaller } of open) {
      counts.calls++;
      counts.callers.set(payer, ofCaller + 1);
    }
    if (!accounts.some(isLimited)) return;
    for (const file of this.#files) file.saveSoon(() => savedText(this.#counts));
  }

  #opened(account: SharedAccount, caller: string): { counts: AccountCounts; payer: string; ofCaller: number } {
    const { callsPerDay, callsPerDayPerCaller } = account.limits;
    const name = account.kind === 'profile' ? `the profile "${account.of}"` : `"${account.of}"`;
    const counts = this.#of(keyOf(account));
    const isKnown = counts.callers.has(caller) || counts.callers.size < maxCallers;
    const payer = isKnown ? caller : otherCallers;
    const ofCaller = counts.callers.get(payer) ?? 0;
    if (callsPerDay !== undefined && counts.calls >= callsPerDay)
      throw this.#usedUp(account, `The ${callsPerDay} calls of ${name} for today are used up`);
    if (callsPerDayPerCaller !== undefined && ofCaller >= callsPerDayPerCaller)
      throw this.#usedUp(account, `The ${callsPerDayPerCaller} calls of ${name} that one caller has a day are used up`);
    return { counts, payer, ofCaller };
  }

  /** As it is listed with the server. */
  use(server: string): BudgetUse {
    const shared = this.#sharedOf(server)
      .filter(isLimited)
      .map((account) => {
        const { kind, of, limits } = account;
        return { kind, of, ...limits, callsToday: this.#of(keyOf(account)).calls };
      });
    return {
      callsToday: this.#of(server).calls,
      resetsAt: new Date(this.#nextDay()).toISOString(),
      ...(shared.length > 0 && { shared }),
    };
  }

  #sharedOf(server: string): readonly SharedAccount[] {
    return this.#shared.get(server) ?? [];
  }

  async close(): Promise<void> {
    for (const file of this.#files) await file.close();
  }

  #of(key: string): AccountCounts {
    const day = dayOf(this.#clock.now());
    if (day !== this.#counts.day) this.#counts = { day, servers: new Map() };
    let counts = this.#counts.servers.get(key);
    if (counts === undefined) {
      counts = { calls: 0, callers: new Map() };
      this.#counts.servers.set(key, counts);
    }
    return counts;
  }

  #usedUp({ place }: SharedAccount, what: string): RockBotError {
    return new RockBotError({
      code: 'throttled',
      retryable: false,
      message: `${what}; this one was not sent.`,
      action: `Wait until ${new Date(this.#nextDay()).toISOString()}, or have the operator raise ${place}.`,
      retryAfterMs: this.#nextDay() - this.#clock.now(),
    });
  }

  #nextDay(): number {
    return Math.floor(this.#clock.now() / dayMs + 1) * dayMs;
  }
}

/** No server is called like this. */
function keyOf({ kind, of }: SharedAccount): string {
  return kind === 'profile' ? `(profile) ${of}` : of;
}

function isLimited({ limits }: SharedAccount): boolean {
  return limits.callsPerDay !== undefined || limits.callsPerDayPerCaller !== undefined;
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
