// When patrols run: their time, the rules for what came too late, changes of patrols.json, sign-ins, and a volume that fails.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { memoryFiles } from '../support/memory-files.ts';
import { openPatrolDesk, toolResult, type PatrolDesk } from '../support/patrol-desk.ts';
import { recordsOn } from '../support/patrol-accounts.ts';

const minute = 60_000;
const hour = 60 * minute;
const daily = { cron: '0 8 * * *' };
const steps = [{ server: 's', tool: 'read' }];
const eight = Date.parse('2027-03-01T08:00:00Z');

function statuses(desk: PatrolDesk): string[] {
  return recordsOn(desk.volume)
    .sort((left, right) => (left.runId < right.runId ? -1 : 1))
    .map(({ status, skipped, trigger }) =>
      skipped === undefined ? `${trigger} ${status}` : `${skipped.reason} x${skipped.count}`,
    );
}

/** Calls wait until the test lets them go on. */
function holdCalls(desk: PatrolDesk): () => void {
  const held: (() => void)[] = [];
  desk.answer = (_call, { signal }) =>
    new Promise((resolve, reject) => {
      held.push(() => {
        resolve(toolResult([]));
      });
      signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
    });
  return () => {
    for (const release of held.splice(0)) release();
  };
}

describe('patrol schedule', () => {
  test('patrol schedule - it runs at its time, not before, and says when it runs next', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: daily, steps } } });
    assert.equal(desk.patrols.list()[0]?.nextRunAt, '2027-03-01T08:00:00.000Z');
    await desk.clock.runUntil(eight - 1);
    assert.equal(desk.calls.length, 0);
    await desk.clock.runUntil(eight);
    assert.equal(desk.calls.length, 1);
    assert.equal(desk.lastRun('p')?.occurrenceId, 'p@2027-03-01T08:00:00Z');
    assert.equal(desk.patrols.list()[0]?.nextRunAt, '2027-03-02T08:00:00.000Z');
    assert.deepEqual(
      desk.told.map(({ status }) => status),
      ['running', 'ok'],
    );
  });

  test('patrol schedule - a machine that sleeps, and a clock that jumps either way', async () => {
    const desk = await openPatrolDesk({
      patrols: {
        skips: { schedule: { cron: '*/10 * * * *' }, steps },
        catches: { schedule: { cron: '*/10 * * * *' }, missed: 'runOnce', steps },
      },
    });
    await desk.clock.runUntil(eight + minute);
    desk.clock.jump(5 * hour);
    // Within a minute it is noticed.
    await desk.clock.runUntil(desk.clock.now() + minute);
    assert.equal(desk.lastRun('skips')?.status, 'skipped');
    assert.equal(desk.lastRun('skips')?.skipped?.count, 30);
    assert.match(desk.lastRun('skips')?.summary ?? '', /^Skipped: 30 occurrences/);
    assert.equal(desk.lastRun('catches')?.scheduledAt, '2027-03-01T13:00:00.000Z');
    assert.equal(desk.calls.length, 3);
    desk.clock.jump(-3 * hour);
    await desk.clock.runUntil(desk.clock.now() + 2 * hour);
    assert.equal(desk.calls.length, 3);
    await desk.clock.runUntil(desk.clock.now() + 2 * hour);
    assert.ok(desk.calls.length > 3);
    // A clock that was years ahead must not silence a patrol for years, nor run again what was run.
    desk.clock.jump(9_000 * hour);
    await desk.clock.runUntil(desk.clock.now() + 15 * minute);
    desk.clock.jump(-9_000 * hour);
    const before = desk.calls.length;
    await desk.clock.runUntil(desk.clock.now() + hour);
    assert.ok(desk.calls.length - before >= 10 && desk.calls.length - before <= 14, `${desk.calls.length - before}`);
    assert.equal(new Set(desk.calls.map(({ callId }) => callId)).size, desk.calls.length);
  });

  test('patrol schedule - due while it runs: skipped, or one waits', async () => {
    const schedule = { cron: '* * * * *' };
    const desk = await openPatrolDesk({
      patrols: { skips: { schedule, steps }, queues: { schedule, overlap: 'queue', steps } },
    });
    const release = holdCalls(desk);
    await desk.clock.runUntil(eight + 4.5 * minute);
    assert.equal(desk.calls.length, 2);
    release();
    await desk.clock.settle();
    assert.equal(desk.calls.length, 3);
    assert.equal(desk.calls.at(-1)?.patrol, 'queues');
    const [queued] = await desk.patrols.history({ patrol: 'queues', limit: 1 });
    assert.equal(queued?.scheduledAt, '2027-03-01T08:01:00.000Z');
    const rows = recordsOn(desk.volume).filter(({ status }) => status === 'skipped');
    // One record for each row.
    assert.deepEqual(rows.map(({ patrol, skipped }) => [patrol, skipped?.count]).sort(), [
      ['queues', 3],
      ['skips', 4],
    ]);
  });

  test('patrol schedule - after a downtime what was missed is skipped, or the latest is run', async () => {
    const patrols = {
      skips: { schedule: { cron: '0 * * * *' }, steps },
      once: { schedule: { cron: '0 * * * *' }, missed: 'runOnce', steps },
    };
    const first = await openPatrolDesk({ patrols });
    await first.clock.runUntil(eight + minute);
    await first.patrols.close();
    const second = await openPatrolDesk({ volume: first.volume, start: eight + 5.5 * hour, patrols });
    await second.clock.settle();
    assert.deepEqual(second.lastRun('skips')?.skipped, {
      reason: 'missed',
      count: 5,
      first: '2027-03-01T09:00:00.000Z',
      last: '2027-03-01T13:00:00.000Z',
    });
    assert.equal(second.lastRun('once')?.occurrenceId, 'once@2027-03-01T13:00:00Z');
    assert.equal(second.calls.length, 1);
  });

  test('patrol schedule - a sign-in runs what was blind for want of it, once, and only what asks for it', async () => {
    const schedule = daily;
    const desk = await openPatrolDesk({
      patrols: { asks: { schedule, catchUp: true, steps }, does_not: { schedule, steps } },
    });
    const needsSignIn = async () => {
      throw new RockBotError({ code: 'auth_required', message: 'Sign in.', action: 'Sign in.' });
    };
    desk.answer = needsSignIn;
    desk.isSignedIn = false;
    desk.patrols.authChanged();
    await desk.clock.runUntil(eight + minute);
    assert.deepEqual(statuses(desk), ['schedule blind', 'schedule blind']);
    assert.equal(desk.patrols.list('asks')[0]?.awaitsSignIn, true);
    // Over a restart it is not forgotten.
    await desk.patrols.close();
    const next = await openPatrolDesk({
      volume: desk.volume,
      start: desk.clock.now(),
      patrols: { asks: { schedule, catchUp: true, steps }, does_not: { schedule, steps } },
      isSignedIn: false,
    });
    await next.clock.settle();
    assert.equal(next.calls.length, 0);
    next.isSignedIn = true;
    next.generation = 2;
    next.patrols.authChanged();
    next.patrols.authChanged();
    await next.clock.settle();
    assert.deepEqual(statuses(next), ['schedule blind', 'schedule blind', 'catchUp ok']);
    assert.equal(next.patrols.list('asks')[0]?.awaitsSignIn, undefined);
  });
});

describe('patrol schedule - changes of patrols.json', () => {
  test('patrol schedule - a bad file changes nothing; a bad patrol is stopped, its run is ended, and put right it goes on', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: daily, missed: 'runOnce', steps } } });
    await desk.patrols.configure('{ "patrols": {');
    assert.equal(desk.patrols.problems.length, 1);
    desk.patrols.unreadable('EACCES');
    assert.match(desk.patrols.problems.join(), /EACCES/);
    await desk.clock.runUntil(eight);
    assert.equal(desk.calls.length, 1);

    holdCalls(desk);
    await desk.patrols.run('p');
    await desk.write({ p: { schedule: daily, steps, guards: 'anything' } });
    await desk.clock.settle();
    assert.equal(desk.patrols.problems.length, 0);
    const [stopped] = desk.patrols.list();
    assert.deepEqual([stopped?.valid, stopped?.nextRunAt, stopped?.lastRun?.status], [false, undefined, 'cancelled']);
    assert.match(stopped?.problems.join() ?? '', /line 1.*guards/);
    assert.equal(desk.log.filter((line) => line.includes('patrols.json has problems')).length, 3);
    await assert.rejects(desk.patrols.run('p'), { code: 'invalid_request' });
    await desk.clock.runUntil(eight + 25 * hour);
    assert.equal(desk.calls.length, 2);

    desk.answer = async () => toolResult([]);
    await desk.write({ p: { schedule: daily, missed: 'runOnce', steps } });
    await desk.clock.settle();
    // It is none that the agent missed, so that "runOnce" does not make up for it.
    assert.equal(desk.calls.length, 2);
    assert.equal(desk.lastRun('p')?.occurrenceId, 'p@2027-03-02T08:00:00Z');
    assert.deepEqual(desk.lastRun('p')?.skipped, {
      reason: 'invalid',
      count: 1,
      first: '2027-03-02T08:00:00.000Z',
      last: '2027-03-02T08:00:00.000Z',
    });
    assert.match(desk.lastRun('p')?.summary ?? '', /^Skipped: .*stopped for its problems in patrols\.json\.$/);
    await desk.clock.runUntil(eight + 48 * hour);
    assert.equal(desk.lastRun('p')?.occurrenceId, 'p@2027-03-03T08:00:00Z');
    assert.equal(desk.lastRun('p')?.status, 'ok');
  });

  test('patrol schedule - what the agent missed before it found a problem is told apart from what came afterwards', async () => {
    const good = { p: { schedule: daily, missed: 'runOnce', steps } };
    const bad = { p: { ...good.p, guards: 'anything' } };
    const first = await openPatrolDesk({ patrols: good });
    await first.patrols.close();
    const reasonsAfter = async (hours: number): Promise<unknown[]> => {
      const volume = new Map(first.volume);
      const desk = await openPatrolDesk({ volume, start: eight + 26 * hour, patrols: bad });
      await desk.clock.runUntil(eight + (26 + hours) * hour);
      // It stays stopped over a restart.
      await desk.patrols.close();
      const last = await openPatrolDesk({ volume, start: eight + (26 + hours) * hour, patrols: bad });
      await last.write(good);
      await last.clock.settle();
      const runs = await last.patrols.history({ patrol: 'p', limit: 9 });
      return runs.map(({ status, skipped }) => [status, skipped?.reason, skipped?.count]).reverse();
    };
    assert.deepEqual(await reasonsAfter(48), [
      ['skipped', 'missed', 2],
      ['skipped', 'invalid', 2],
    ]);
    assert.deepEqual(await reasonsAfter(1), [
      ['skipped', 'missed', 1],
      ['ok', undefined, undefined],
    ]);
  });

  test('patrol schedule - other guards end the run under way; other arguments do not; another schedule owes nothing', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: daily, steps, guards: 'full' } } });
    const release = holdCalls(desk);
    await desk.patrols.run('p');
    await desk.write({ p: { schedule: daily, steps: [...steps, ...steps], guards: 'full' } });
    await desk.clock.settle();
    assert.ok(desk.patrols.list()[0]?.running !== undefined);
    release();
    await desk.clock.settle();
    // With the steps that it began with.
    assert.equal(desk.lastRun('p')?.steps.length, 1);
    await desk.patrols.run('p');
    await desk.write({ p: { schedule: daily, steps, guards: 'read-only' } });
    await desk.clock.settle();
    assert.equal(desk.lastRun('p')?.status, 'cancelled');
    const before = statuses(desk);
    await desk.write({ p: { schedule: { cron: '0 3 * * *' }, missed: 'runOnce', steps } });
    await desk.clock.settle();
    assert.deepEqual(statuses(desk), before);
    assert.equal(desk.patrols.list()[0]?.nextRunAt, '2027-03-02T03:00:00.000Z');
  });

  test('patrol schedule - a removed patrol ends its run, keeps its records, and is new when it comes back', async () => {
    const desk = await openPatrolDesk({
      patrols: { p: { schedule: { cron: '* * * * *' }, steps }, q: { schedule: daily, steps } },
    });
    holdCalls(desk);
    await desk.patrols.run('p');
    await desk.write({ q: { schedule: daily, steps } });
    assert.deepEqual(
      desk.patrols.list().map(({ name }) => name),
      ['q'],
    );
    assert.equal((await desk.patrols.history({ patrol: 'p', limit: 1 }))[0]?.status, 'cancelled');
    await assert.rejects(desk.patrols.run('p'), { code: 'invalid_request' });
    await desk.clock.runUntil(eight + 10 * minute);
    await desk.write({ p: { schedule: { cron: '* * * * *' }, missed: 'runOnce', steps } });
    await desk.clock.settle();
    assert.equal(recordsOn(desk.volume).filter(({ patrol }) => patrol === 'p').length, 1);
    await desk.patrols.configure(undefined);
    assert.deepEqual(desk.patrols.list(), []);
  });
});

describe('patrol schedule - the volume', () => {
  test('patrol schedule - a full volume begins no run, says so, and goes on when there is room again', async () => {
    const desk = await openPatrolDesk({ patrols: { p: { schedule: { cron: '* * * * *' }, steps } } });
    desk.failure = Object.assign(new Error('no space'), { code: 'ENOSPC' });
    await desk.clock.runUntil(eight + 2.5 * minute);
    assert.equal(desk.calls.length, 0);
    assert.equal(desk.lastRun('p')?.status, 'failed');
    assert.match(desk.lastRun('p')?.summary ?? '', /^Failed: .*ENOSPC.*not begun/);
    assert.equal(desk.log.filter((line) => line.includes('cannot be written')).length, 1);
    desk.failure = undefined;
    await desk.clock.runUntil(eight + 3.5 * minute);
    assert.equal(desk.calls.length, 1);
    // What was decided meanwhile is not lost.
    assert.deepEqual(statuses(desk), [...Array<string>(3).fill('schedule failed'), 'schedule ok']);
  });

  test('patrol schedule - nothing is called before its occurrence and its record are on the volume [P10]', async () => {
    const volume = new Map<string, string>();
    const files = memoryFiles({ volume });
    const slow = Promise.withResolvers<void>();
    const isSlow = (name: string): boolean => name !== 'state.json' || volume.has('state.json');
    const desk = await openPatrolDesk({
      volume,
      patrols: { p: { schedule: daily, steps } },
      options: {
        files: {
          ...files,
          write: async (name, content) => {
            if (isSlow(name)) await slow.promise;
            return files.write(name, content);
          },
        },
      },
    });
    await desk.clock.runUntil(eight + minute);
    assert.equal(desk.calls.length, 0);
    assert.equal(desk.told.length, 0);
    slow.resolve();
    await desk.clock.settle();
    assert.equal(desk.calls.length, 1);
  });

  test('patrol schedule - a damaged or foreign state is set aside, and records say where to go on', async () => {
    for (const damage of ['{ torn', '[]', '{"version":7,"patrols":[]}', '']) {
      const first = await openPatrolDesk({ patrols: { p: { schedule: daily, missed: 'runOnce', steps } } });
      await first.clock.runUntil(eight + minute);
      await first.patrols.close();
      first.volume.set('state.json', damage);
      const second = await openPatrolDesk({
        volume: first.volume,
        start: eight + 30 * hour,
        patrols: { p: { schedule: daily, missed: 'runOnce', steps } },
      });
      await second.clock.settle();
      assert.deepEqual(statuses(second), ['schedule ok', 'schedule ok'], damage);
      assert.equal(second.lastRun('p')?.occurrenceId, 'p@2027-03-02T08:00:00Z');
      assert.ok(second.volume.has('state.json.unusable'));
    }
  });

  test('patrol schedule - a run that a kill cut off is closed even when its patrol is gone', async () => {
    const first = await openPatrolDesk({ patrols: { p: { schedule: daily, steps } } });
    holdCalls(first);
    await first.patrols.run('p');
    await first.clock.settle();
    const volume = new Map(first.volume);
    const second = await openPatrolDesk({ volume, start: eight, patrols: {} });
    const [run] = await second.patrols.history({ limit: 5 });
    assert.equal(run?.status, 'interrupted');
    assert.match(run?.summary ?? '', /^Interrupted: /);
    const files = memoryFiles({ volume });
    assert.equal((await files.list()).filter(({ name }) => name.endsWith('.tmp')).length, 0);
  });
});
