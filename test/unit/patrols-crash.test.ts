// Patrols whose agent is killed at any write and whose clock is set at any time: every occurrence is accounted for exactly once,
// and nothing is called twice.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createLogger } from '../../agent/logger.ts';
import { Patrols } from '../../agent/patrols/patrols.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { createTimetable } from '../../shared/patrols/timetable.ts';
import { memoryFiles, type Life, type MemoryVolume } from '../support/memory-files.ts';
import { accountFor, recordsOn } from '../support/patrol-accounts.ts';
import * as fc from '../support/repeatable-fast-check.ts';
import { SimulatedClock } from '../support/simulated-clock.ts';

const minute = 60_000;
const hour = 60 * minute;
const start = Date.parse('2027-03-27T00:00:30Z');
const limits = { perPatrol: 1e6, total: 1e6, ageMs: 1e15, bytes: 1e12 };

const schedules = {
  often: { cron: '*/7 * * * *', timeZone: 'Europe/Berlin', jitterSeconds: 90 },
  daily: { cron: '30 2 * * *', timeZone: 'Europe/Berlin', jitterSeconds: 0 },
  queued: { cron: '*/20 * * * *', timeZone: 'UTC', jitterSeconds: 0 },
  off: { cron: '13 * * * *', timeZone: 'UTC', jitterSeconds: 0 },
};
const rules: Record<keyof typeof schedules, object> = {
  often: { catchUp: true, missed: 'runOnce' },
  daily: { missed: 'runOnce', catchUp: true },
  queued: { overlap: 'queue', missed: 'runOnce' },
  off: { enabled: false },
};
const step = { server: 's', tool: 't' };
const file = JSON.stringify({
  patrols: Object.fromEntries(
    Object.entries(schedules).map(([name, schedule]) => [
      name,
      { schedule, ...rules[name as keyof typeof rules], timeoutSeconds: 3600, steps: [step, step] },
    ]),
  ),
});

type Happening =
  | { type: 'pass'; minutes: number }
  | { type: 'kill'; inWrites: number; after: boolean; downMinutes: number }
  | { type: 'stop'; downMinutes: number }
  | { type: 'jump'; minutes: number }
  | { type: 'sign'; isIn: boolean }
  | { type: 'slow'; seconds: number }
  | { type: 'request'; patrol: keyof typeof schedules };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({ type: fc.constant('pass' as const), minutes: fc.integer({ min: 1, max: 300 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      type: fc.constant('kill' as const),
      inWrites: fc.nat(30),
      after: fc.boolean(),
      downMinutes: fc.integer({ min: 0, max: 200 }),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('stop' as const), downMinutes: fc.integer({ min: 0, max: 200 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ type: fc.constant('jump' as const), minutes: fc.integer({ min: -180, max: 600 }) }),
  },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('sign' as const), isIn: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ type: fc.constant('slow' as const), seconds: fc.nat(2000) }) },
  {
    weight: 1,
    arbitrary: fc.record({ type: fc.constant('request' as const), patrol: fc.constantFrom('often', 'daily', 'off') }),
  },
);

interface Process {
  patrols: Promise<Patrols>;
  life: Life;
}

class World {
  readonly volume: MemoryVolume = new Map();
  readonly clock = new SimulatedClock(start);
  readonly calls: string[] = [];
  readonly log: string[] = [];
  isSignedIn = true;
  generation = 1;
  slowSeconds = 1;
  fate: (() => 'goesOn' | 'diesBefore' | 'diesAfter') | undefined;
  process: Process;
  latest = start;

  constructor() {
    this.process = this.begin();
  }

  begin(): Process {
    const life: Life = { isDead: false };
    const never = new Promise<never>(() => undefined);
    const clock = {
      now: () => this.clock.now(),
      sleep: async (ms: number, signal?: AbortSignal) => {
        await this.clock.sleep(ms, signal);
        if (life.isDead) await never;
      },
    };
    const open = async (): Promise<Patrols> => {
      const patrols = await Patrols.open({
        files: memoryFiles({ volume: this.volume, life, onChange: () => this.fate?.() ?? 'goesOn' }),
        call: async ({ callId }, { signal }) => {
          if (life.isDead) await never;
          this.calls.push(callId);
          await clock.sleep(this.slowSeconds * 1000, signal);
          if (!this.isSignedIn)
            throw new RockBotError({ code: 'auth_required', message: 'Nobody is signed in.', action: 'Sign in.' });
          return { result: { content: [] }, bytes: 14, failures: [] };
        },
        auth: () => ({ status: this.isSignedIn ? 'connected' : 'expired', generation: this.generation }),
        clock,
        logger: createLogger({ level: 'warn', write: (line) => void this.log.push(line) }),
        onChange: () => undefined,
        onEnd: () => undefined,
        limits,
      });
      await patrols.configure(file);
      return patrols;
    };
    return { patrols: open(), life };
  }

  /** Another process takes over where one has died. */
  async revive(downMinutes = 0): Promise<void> {
    this.fate = undefined;
    await this.clock.settle();
    this.clock.jump(downMinutes * minute);
    this.process = this.begin();
    await this.clock.settle();
  }

  async happen(event: Happening): Promise<void> {
    switch (event.type) {
      case 'pass':
        return this.clock.runUntil(this.clock.now() + event.minutes * minute);
      case 'kill': {
        let writes = event.inWrites;
        this.fate = () => (writes-- > 0 ? 'goesOn' : event.after ? 'diesAfter' : 'diesBefore');
        await this.clock.runUntil(this.clock.now() + 3 * hour);
        this.process.life.isDead = true;
        return this.revive(event.downMinutes);
      }
      case 'stop': {
        const closing = (await this.process.patrols).close();
        await this.clock.settle();
        await closing;
        return this.revive(event.downMinutes);
      }
      case 'jump':
        // By more than a day it goes on from then, and what was skipped before may be run.
        if (this.clock.now() + event.minutes * minute > this.latest - 20 * hour)
          this.clock.jump(event.minutes * minute);
        return;
      case 'sign':
        if (event.isIn && !this.isSignedIn) this.generation++;
        this.isSignedIn = event.isIn;
        (await this.process.patrols).authChanged();
        return;
      case 'slow':
        this.slowSeconds = event.seconds;
        return;
      case 'request':
        await (await this.process.patrols).run(event.patrol).catch((error: unknown) => {
          assert.ok(error instanceof RockBotError, String(error));
        });
    }
  }
}

describe('patrols - kills, stops and clocks that are set', () => {
  test('patrols - every occurrence is accounted for exactly once and nothing is called twice [P10]', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { minLength: 1, maxLength: 25 }), async (happenings) => {
        const world = new World();
        await world.clock.settle();
        for (const event of happenings) {
          await world.happen(event);
          world.latest = Math.max(world.latest, world.clock.now());
        }
        // Until every time that was ever shown is in the past again.
        world.slowSeconds = 0;
        await world.clock.runUntil(world.latest + 26 * hour);
        const patrols = await world.process.patrols;
        const end = world.clock.now();
        await patrols.close();
        const records = recordsOn(world.volume);
        assert.deepEqual(
          records.filter(({ status }) => status === 'running'),
          [],
        );
        assert.equal(new Set(world.calls).size, world.calls.length, 'a call was made twice');
        for (const [name, schedule] of Object.entries(schedules)) {
          const timetable = createTimetable({ patrol: name, schedule });
          const due = [...timetable.between(start, end)].filter(({ startsAt }) => startsAt <= end);
          accountFor(name, { timetable, records, from: start, to: due.at(-1)?.scheduledAt ?? start });
        }
        const unexpected = world.log.filter((line) => /"level":"error"/.test(line));
        assert.deepEqual(unexpected, []);
      }),
      { numRuns: 60, endOnFailure: false },
    );
  });
});
