// 120 days of an agent in simulated time: clocks change, servers and Entra are away, the machine sleeps and is killed, the password
// changes, the sign-in is revoked, and the tenant asks for a new one every 7 days. Nothing is lost, run twice, or said while blind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { AuthHealthEffect } from '../../agent/auth/auth-health.ts';
import { createLogger } from '../../agent/logger.ts';
import type { MakePatrolCall } from '../../agent/patrols/patrol-call.ts';
import { Patrols } from '../../agent/patrols/patrols.ts';
import type { Clock } from '../../shared/clock.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { createTimetable, type Schedule } from '../../shared/patrols/timetable.ts';
import { memoryFiles, type Life, type MemoryVolume } from '../support/memory-files.ts';
import { accountFor, recordsOn } from '../support/patrol-accounts.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';
import {
  openSimulatedAccount,
  SimulatedEntra,
  type SimulatedAccount,
  type SimulatedVolume,
} from '../support/simulated-entra.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
/** Clocks change on 14 March in New York and on 28 March in Berlin. */
const start = Date.parse('2027-02-15T00:00:00Z');
const length = 120;
const at = (days: number, hours = 0): number => start + days * day + hours * hour;

const read = (id: string, server: string) => ({ id, server, tool: 'read', arguments: {} });
const berlin = 'Europe/Berlin';
const patrols: Record<string, { schedule: Schedule } & Record<string, unknown>> = {
  morning: {
    schedule: { cron: '0 8 * * 1-5', timeZone: berlin, jitterSeconds: 600 },
    missed: 'runOnce',
    catchUp: true,
    steps: [read('mail', 'mail'), read('calendar', 'calendar')],
    output: ['Unread: ${length(steps.mail.result)}', 'Events: ${length(steps.calendar.result)}'],
  },
  quarterly: {
    schedule: { cron: '*/15 * * * *', timeZone: berlin, jitterSeconds: 0 },
    catchUp: true,
    steps: [
      read('mail', 'mail'),
      { ...read('each', 'mail'), forEach: { in: '${steps.mail.result}' } },
      { ...read('files', 'files'), when: '${length(steps.mail.result) > `0`}' },
    ],
    output: 'Unread: ${length(steps.mail.result)}, opened: ${length(steps.each.result)}',
  },
  strict: {
    schedule: { cron: '30 2 * * *', timeZone: 'America/New_York', jitterSeconds: 0 },
    onAuthRequired: 'fail',
    missed: 'runOnce',
    catchUp: true,
    steps: [read('calendar', 'calendar'), read('files', 'files')],
    output: 'Events: ${length(steps.calendar.result)}',
  },
  files: {
    schedule: { cron: '0 */4 * * *', timeZone: berlin, jitterSeconds: 120 },
    steps: [read('files', 'files')],
    output: 'Files: ${length(steps.files.result)}',
  },
  mixed: {
    schedule: { cron: '15 9-17/2 * * *', timeZone: berlin, jitterSeconds: 0 },
    steps: [{ ...read('mail', 'mail'), continueOnError: true }, read('files', 'files')],
    output: ['Unread: ${length(steps.mail.result)}', 'Files: ${length(steps.files.result)}'],
  },
  slow: {
    schedule: { cron: '*/10 8-9 * * *', timeZone: 'UTC', jitterSeconds: 0 },
    overlap: 'queue',
    timeoutSeconds: 3600,
    steps: [read('slow', 'slow')],
  },
  off: {
    schedule: { cron: '0 12 * * *', timeZone: berlin, jitterSeconds: 0 },
    enabled: false,
    steps: [read('a', 'files')],
  },
};

const away: Record<string, readonly [number, number][]> = {
  mail: [[at(30, 7), at(30, 9)]],
  calendar: [[at(30, 6.5), at(30, 7.5)]],
  files: [[at(60), at(60, 12)]],
};

class Months {
  readonly clock = new SimulatedClock(start);
  readonly entra = new SimulatedEntra(this.clock);
  readonly volume: MemoryVolume = new Map();
  readonly signIn: SimulatedVolume = {};
  readonly notices: string[] = [];
  readonly errors: string[] = [];
  /** Calls that were answered, by id. */
  readonly answered = new Set<string>();
  readonly made: string[] = [];
  #life: Life = { isDead: true };
  #account: SimulatedAccount | undefined;
  #patrols: Patrols | undefined;

  async begin(): Promise<void> {
    const life: Life = { isDead: false };
    this.#life = life;
    const clock = this.#clockOf(life);
    const logger = createLogger({ level: 'error', write: (line) => void this.errors.push(line) });
    this.#account = await openSimulatedAccount({
      entra: this.entra,
      volume: this.signIn,
      clock,
      logger,
      onEffect: (effect) => {
        this.#heard(effect);
      },
    });
    const { session } = this.#account;
    this.#patrols = await Patrols.open({
      files: memoryFiles({ volume: this.volume, life }),
      call: this.#call(clock),
      auth: () => session.state(),
      clock,
      logger,
      onChange: () => undefined,
      onEnd: () => undefined,
      limits: { perPatrol: 1e6, total: 1e6, ageMs: 1e15, bytes: 1e12 },
    });
    await this.#patrols.configure(JSON.stringify({ patrols }));
  }

  async stop(): Promise<void> {
    await this.#patrols?.close();
    await this.#account?.session.close();
  }

  /** As kill -9 does it. */
  kill(): void {
    this.#life.isDead = true;
  }

  async reconnect(): Promise<void> {
    this.entra.signIn();
    await this.#account?.handOff();
  }

  get state(): string | undefined {
    return this.#account?.session.state().status;
  }

  #heard(effect: AuthHealthEffect): void {
    if (effect.type === 'notify_expired') this.notices.push(effect.episodeId);
    else this.#patrols?.authChanged();
  }

  #clockOf(life: Life): Clock {
    return {
      now: () => this.clock.now(),
      sleep: async (ms, signal) => {
        await this.clock.sleep(ms, signal);
        if (life.isDead) await new Promise<never>(() => undefined);
      },
    };
  }

  /** The servers: with the agent's own way to a bearer, as far as it matters here. */
  #call(clock: Clock): MakePatrolCall {
    return async ({ callId, server }, { signal }) => {
      this.made.push(callId);
      await clock.sleep(server === 'slow' ? 13 * minute : 700, signal);
      const now = clock.now();
      if (away[server]?.some(([from, to]) => now >= from && now < to) === true)
        throw new RockBotError({ code: 'server_unavailable', message: `"${server}" is away.`, action: 'Wait.' });
      if (server === 'mail' || server === 'calendar') {
        const { workiq } = this.#account as SimulatedAccount;
        const token = await workiq.token(signal);
        // Throws when there is no other one.
        if (!this.entra.accepts(token)) await workiq.refresh({ rejected: token, signal });
      }
      this.answered.add(callId);
      return { result: { content: [], structuredContent: ['one', 'two', 'three'] }, bytes: 60, failures: [] };
    };
  }
}

const steps: readonly { at: number; happens: (months: Months) => Promise<void> | void }[] = [
  { at: at(0, 1.1), happens: (months) => months.reconnect() },
  { at: at(10, 3), happens: ({ entra }) => void (entra.isAway = true) },
  { at: at(10, 8), happens: ({ entra }) => void (entra.isAway = false) },
  {
    at: at(20, 5.1),
    happens: ({ entra }) => {
      entra.revoke('AADSTS50133: Session is invalid due to expiration or recent password change.');
    },
  },
  { at: at(23, 9.3), happens: (months) => months.reconnect() },
  { at: at(35, 7.2), happens: (months) => months.stop() },
  { at: at(35, 20), happens: (months) => months.begin() },
  // A laptop that sleeps over its patrols.
  {
    at: at(40, 1),
    happens: ({ clock }) => {
      clock.jump(9 * hour);
    },
  },
  {
    at: at(50, 11),
    happens: ({ entra }) => {
      entra.revoke(
        'AADSTS50173: The provided grant has expired due to it being revoked, a fresh auth token is needed.',
      );
    },
  },
  // In the middle of an episode: the notice must not be sent again.
  {
    at: at(53, 8.02),
    happens: (months) => {
      months.kill();
    },
  },
  { at: at(53, 11), happens: (months) => months.begin() },
  { at: at(58, 6.1), happens: (months) => months.reconnect() },
  {
    at: at(70, 8.1),
    happens: (months) => {
      months.kill();
    },
  },
  { at: at(70, 8.2), happens: (months) => months.begin() },
  {
    at: at(80, 12),
    happens: ({ clock }) => {
      clock.jump(-90 * minute);
    },
  },
  { at: at(90), happens: ({ entra }) => void (entra.signInFrequencyMs = 7 * day) },
  { at: at(92, 10.1), happens: (months) => months.reconnect() },
];

test('patrols - over 120 days every occurrence is accounted for once, blindness is never silence, and each episode has one notice [P12, P13, S2]', async () => {
  const months = new Months();
  await months.begin();
  for (const { at: instant, happens } of steps) {
    await months.clock.runUntil(instant);
    await happens(months);
    await months.clock.settle();
  }
  await months.clock.runUntil(at(length));
  assert.equal(months.state, 'expired');
  await months.stop();

  const records = recordsOn(months.volume);
  const total = { run: 0, skipped: 0 };
  for (const [patrol, { schedule }] of Object.entries(patrols)) {
    const timetable = createTimetable({ patrol, schedule });
    const due = [...timetable.between(start, at(length))].filter(({ startsAt }) => startsAt <= at(length));
    const { run, skipped } = accountFor(patrol, { timetable, records, from: start, to: due.at(-1)?.scheduledAt ?? 0 });
    total.run += run;
    total.skipped += skipped;
    assert.ok(patrol === 'off' ? skipped === due.length : run > 50, `${patrol}: ${run} runs`);
  }
  assert.ok(total.run > 10_000, `${total.run} runs`);
  assert.equal(new Set(months.made).size, months.made.length, 'a call was made twice');
  for (const record of records) checkHonesty(record, months.answered);
  assert.deepEqual(months.errors, []);

  // The password, the revocation, the new rule of the tenant, and its seven days.
  assert.equal(new Set(months.notices).size, 4);
  assert.equal(months.notices.length, 4);
  checkCatchUps(records);
  checkPending(records);
  console.log(`# ${total.run} run and ${total.skipped} skipped occurrences, ${months.made.length} calls`);
});

/** What the record says is held against what servers really answered. */
function checkHonesty(run: PatrolRun, answered: ReadonlySet<string>): void {
  if (run.status === 'skipped') return;
  const saw = run.steps.map((step, index) => {
    const count = step.items?.total ?? 1;
    return (
      step.outcome === 'skipped' ||
      Array.from({ length: count }, (_, item) => item).every((item) => answered.has(`${run.runId}-${index}-${item}`))
    );
  });
  const sawAll = saw.every((seen) => seen);
  assert.equal(run.status === 'ok', sawAll, `${run.runId} (${run.status}): ${run.summary}`);
  if (sawAll) return;
  assert.match(run.summary, /^(?:Blind|Failed|Interrupted): /, run.runId);
  assert.ok(run.status === 'interrupted' || run.blind.length > 0, run.runId);
  if (run.output === undefined) return;
  for (const [index, step] of run.steps.entries()) {
    if (saw[index] === true) continue;
    const word = { mail: 'Unread', calendar: 'Events', files: 'Files', each: 'opened' }[step.id] ?? '?';
    assert.ok(!run.output.includes(`${word}:`), `${run.runId} says "${run.output}"`);
  }
}

/** One for each patrol that was blind, right after each sign-in. */
function checkCatchUps(records: readonly PatrolRun[]): void {
  const signIns = [at(0, 1.1), at(23, 9.3), at(58, 6.1), at(92, 10.1)];
  for (const patrol of Object.keys(patrols)) {
    const caughtUp = records
      .filter((run) => run.patrol === patrol && run.trigger === 'catchUp')
      .sort((left, right) => (left.runId < right.runId ? -1 : 1));
    for (const run of caughtUp) {
      const since = signIns.map((instant) => Date.parse(run.startedAt ?? '') - instant);
      assert.ok(
        since.some((ms) => ms >= 0 && ms <= 1_000),
        `${patrol}: caught up at ${run.startedAt}`,
      );
    }
    const expected = { morning: 3, quarterly: 4, strict: 3 }[patrol] ?? 0;
    assert.equal(caughtUp.length, expected, patrol);
  }
}

/** While a sign-in is needed those that need none see everything, and the others say what they cannot see. */
function checkPending(records: readonly PatrolRun[]): void {
  const pending = [
    [at(20, 6), at(23, 9)],
    [at(50, 12), at(58, 5)],
    [at(100), at(length)],
  ] as const;
  for (const [from, to] of pending) {
    const runs = records.filter(({ startedAt, status }) => {
      const instant = Date.parse(startedAt ?? '');
      return instant > from && instant < to && status !== 'interrupted';
    });
    const statuses = (patrol: string): Set<string> =>
      new Set(runs.filter((run) => run.patrol === patrol).map(({ status }) => status));
    assert.deepEqual(statuses('files'), new Set(['ok']));
    assert.deepEqual(statuses('quarterly'), new Set(['blind']));
    assert.deepEqual(statuses('strict'), new Set(['failed']));
    assert.deepEqual(statuses('mixed'), new Set(['blind']));
    for (const run of runs.filter(({ patrol }) => patrol === 'mixed'))
      assert.match(run.output ?? '', /^\(not seen: mail\)\nFiles: 3$/);
  }
}
