// The turn, the budget and the second sending of a call: in order, bounded, kept over a restart, never too late.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { CallBudget } from '../../agent/bridge/call-budget.ts';
import { HttpStatusError } from '../../agent/bridge/call-errors.ts';
import { callError } from '../../agent/bridge/call-outcome.ts';
import { CallQueue } from '../../agent/bridge/call-queue.ts';
import { retryDelay } from '../../agent/bridge/retry-delay.ts';
import type { KeptText } from '../../agent/files/kept-text.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { manualClock } from '../support/manual-clock.ts';

const never = new AbortController().signal;
const unexpected = (error: unknown): void => assert.fail(String(error));

describe('call queue', () => {
  test('call queue - as many run as may, the others in the order in which they came', async () => {
    const queue = new CallQueue({ server: 's', concurrent: 2, queued: 10 });
    const ends: (() => void)[] = [];
    const order: number[] = [];
    const runs = Array.from({ length: 5 }, (_, index) =>
      queue.run(async () => {
        order.push(index);
        await new Promise<void>((resolve) => ends.push(resolve));
      }, never),
    );
    assert.deepEqual([order, queue.running, queue.waiting], [[0, 1], 2, 3]);
    for (let ended = 0; ended < 5; ended++) {
      ends[ended]?.();
      await runs[ended];
      assert.equal(queue.running + queue.waiting, 4 - ended);
    }
    assert.deepEqual(order, [0, 1, 2, 3, 4]);
  });

  test('call queue - one too many is refused at once and says when to come back; a failure frees its place', async () => {
    const queue = new CallQueue({ server: 's', concurrent: 1, queued: 0 });
    const failing = queue.run(() => Promise.reject(new Error('no')), never);
    await assert.rejects(
      queue.run(() => Promise.resolve(), never),
      (error) => {
        assert.ok(error instanceof RockBotError);
        assert.equal(error.code, 'throttled');
        assert.ok((error.retryAfterMs ?? 0) > 0);
        return true;
      },
    );
    await assert.rejects(failing, /no/);
    assert.equal(await queue.run(() => Promise.resolve(7), never), 7);
  });

  test('call queue - who gives up while waiting is not run and takes nobody else along', async () => {
    const queue = new CallQueue({ server: 's', concurrent: 1, queued: 10 });
    let end = (): void => undefined;
    const first = queue.run(() => new Promise<void>((resolve) => (end = resolve)), never);
    const giving = new AbortController();
    let ran = false;
    const second = queue.run(async () => {
      ran = true;
    }, giving.signal);
    const third = queue.run(async () => 3, never);
    giving.abort(new Error('gave up'));
    await assert.rejects(second, /gave up/);
    await assert.rejects(
      queue.run(async () => 4, AbortSignal.abort(new Error('too late'))),
      /too late/,
    );
    end();
    await first;
    assert.equal(await third, 3);
    assert.equal(ran, false);
    assert.deepEqual([queue.running, queue.waiting], [0, 0]);
  });
});

/** A volume of one file, written at once. */
function memory(text?: string): KeptText & { text: string | undefined } {
  const kept = {
    text,
    load: async () => kept.text,
    saveSoon: (next: () => string) => {
      kept.text = next();
    },
    close: async () => {},
  };
  return kept;
}

describe('call budget', () => {
  const day = { callsPerDay: 3, callsPerDayPerCaller: 2 };

  test('call budget - of the day for all and for one caller, renewed at midnight UTC', async () => {
    const clock = manualClock(Date.parse('2026-11-23T22:00:00Z'));
    const budget = await CallBudget.open({ kept: memory(), clock, onProblem: unexpected });
    budget.charge('s', 'alice', day);
    budget.charge('s', 'alice', day);
    assert.throws(() => budget.charge('s', 'alice', day), /that one caller has a day are used up.*not sent/);
    budget.charge('s', 'bob', day);
    assert.throws(
      () => budget.charge('s', 'carol', day),
      (error) => {
        assert.ok(error instanceof RockBotError);
        assert.equal(error.code, 'throttled');
        assert.equal(error.retryable, false);
        assert.equal(error.retryAfterMs, 2 * 3_600_000);
        return true;
      },
    );
    budget.charge('t', 'carol', day);
    assert.deepEqual(budget.use('s'), { callsToday: 3, resetsAt: '2026-11-24T00:00:00.000Z' });
    clock.advance(2 * 3_600_000);
    budget.charge('s', 'alice', day);
    assert.equal(budget.use('s').callsToday, 1);
  });

  test('call budget - a restart renews nothing, another day does', async () => {
    const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
    const kept = memory();
    const first = await CallBudget.open({ kept, clock, onProblem: unexpected });
    first.charge('s', 'alice', day);
    first.charge('s', 'alice', day);
    await first.close();
    const second = await CallBudget.open({ kept, clock, onProblem: unexpected });
    assert.throws(() => second.charge('s', 'alice', day), /used up/);
    clock.advance(24 * 3_600_000);
    const third = await CallBudget.open({ kept, clock, onProblem: unexpected });
    assert.equal(third.use('s').callsToday, 0);
  });

  test('call budget - callers who name themselves anew share one count in the end, and hostile names do no harm', async () => {
    const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
    const kept = memory();
    const budget = await CallBudget.open({ kept, clock, onProblem: unexpected });
    for (const name of ['__proto__', 'constructor', 'toString']) budget.charge('__proto__', name, day);
    assert.throws(() => budget.charge('__proto__', 'x', day), /used up/);
    const one = { callsPerDayPerCaller: 1 };
    assert.throws(() => {
      for (let index = 0; index < 1_100; index++) budget.charge('s', `caller ${index}`, one);
    }, /used up/);
    await budget.close();
    assert.ok((kept.text ?? '').length < 60_000);
    assert.throws(() => budget.charge('__proto__', '__proto__', { callsPerDayPerCaller: 1 }), /used up/);
  });

  test('call budget - counts that cannot be read are told, and calls go on', async () => {
    const problems: unknown[] = [];
    const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
    const budget = await CallBudget.open({
      kept: memory('{torn'),
      clock,
      onProblem: (error) => problems.push(error),
    });
    budget.charge('s', 'alice', day);
    assert.equal(problems.length, 1);
    assert.match(budget.problem ?? '', /not counted in the budgets of today/);
    clock.advance(24 * 3_600_000);
    assert.equal(budget.problem, undefined);
  });

  for (const torn of ['{torn', '', undefined]) {
    test(`call budget - a file with ${torn === undefined ? 'nothing in it, since it is gone,' : JSON.stringify(torn)} renews nothing: there is a second one`, async () => {
      const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
      const kept = memory();
      const spare = memory();
      const first = await CallBudget.open({ kept, spare, clock, onProblem: unexpected });
      first.charge('s', 'alice', day);
      first.charge('s', 'alice', day);
      await first.close();
      kept.text = torn;
      const second = await CallBudget.open({ kept, spare, clock, onProblem: () => undefined });
      assert.throws(() => second.charge('s', 'alice', day), /used up/);
      assert.equal(second.problem, undefined);
    });
  }

  test('call budget - a call counts in every account that its server shares, and in none when one of them is used up', async () => {
    const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
    const budget = await CallBudget.open({ kept: memory(), clock, onProblem: unexpected });
    const profile = {
      kind: 'profile',
      of: 'workiq',
      limits: { callsPerDay: 4 },
      place: 'WorkIQ__CallsPerDay',
    } as const;
    const mail = { kind: 'server', of: 'mail', limits: day, place: 'mcp.json' } as const;
    budget.share('mail', [profile]);
    budget.share('twin', [mail, profile]);
    budget.charge('mail', 'alice', day);
    budget.charge('twin', 'alice', {});
    assert.throws(() => budget.charge('twin', 'alice', {}), /2 calls of "mail" that one caller has a day/);
    assert.equal(budget.use('twin').callsToday, 1);
    budget.charge('twin', 'bob', {});
    assert.throws(() => budget.charge('twin', 'carol', {}), /3 calls of "mail" for today/);
    assert.throws(() => budget.charge('mail', 'carol', day), /3 calls of "mail" for today/);
    budget.share('other', [profile]);
    budget.charge('other', 'carol', {});
    assert.throws(() => budget.charge('other', 'dave', {}), /4 calls of the profile "workiq" for today are used up/);
    assert.deepEqual(budget.use('twin').shared, [
      { kind: 'server', of: 'mail', ...day, callsToday: 3 },
      { kind: 'profile', of: 'workiq', callsPerDay: 4, callsToday: 4 },
    ]);
    assert.equal(budget.use('free').shared, undefined);
  });

  test('call budget - a server cannot be named after the account of a profile', async () => {
    const clock = manualClock(Date.parse('2026-11-23T10:00:00Z'));
    const budget = await CallBudget.open({ kept: memory(), clock, onProblem: unexpected });
    const limits = { callsPerDay: 1 };
    budget.share('a', [{ kind: 'profile', of: 'workiq', limits, place: 'x' }]);
    budget.charge('workiq', 'alice', {});
    budget.charge('a', 'alice', {});
    assert.throws(() => budget.charge('a', 'alice', {}), /used up/);
  });
});

describe('sending again', () => {
  const read = { server: 's', tool: 't', sideEffects: 'read' } as const;
  const write = { ...read, sideEffects: 'write' } as const;
  const http = (status: number, retryAfter?: string) => new HttpStatusError(status, '', { retryAfter });
  const inBand = new RockBotError({ code: 'throttled', message: 'busy', retryAfterMs: 2_000, result: {} });
  const entra = new RockBotError({ code: 'server_unavailable', message: 'Entra', retryAfterMs: 2_000 });
  const left = { attempt: 1, leftMs: 10_000 };

  /** What failed, the delay before a read and before a write is sent again. */
  const table: [what: string, error: unknown, read: number | undefined, write: number | undefined][] = [
    ['HTTP 429 with seconds', http(429, '3'), 3_000, 3_000],
    ['HTTP 429 of 0 seconds', http(429, '0'), 100, 100],
    ['HTTP 429 of a negative time', http(429, '-3'), 5_000, 5_000],
    ['HTTP 429 of two times', http(429, '1, 2'), 5_000, 5_000],
    ['HTTP 429 of a hexadecimal time', http(429, '0x1'), 5_000, 5_000],
    ['HTTP 429 of a time that has passed', http(429, 'Sun, 06 Nov 1994 08:49:37 GMT'), 5_000, 5_000],
    ['HTTP 429 without a time', http(429), 5_000, 5_000],
    ['HTTP 429 beyond the time of the call', http(429, '11'), undefined, undefined],
    ['a busy answer inside a result', inBand, 2_000, undefined],
    ['HTTP 503 with a time', http(503, '4'), 4_000, undefined],
    ['HTTP 503 without a time', http(503), undefined, undefined],
    ['an outage of Entra', entra, undefined, undefined],
    ['HTTP 403', http(403, '1'), undefined, undefined],
  ];
  for (const [what, error, ofRead, ofWrite] of table) {
    test(`sending again - after ${what}: a read ${ofRead ?? 'never'}, a write ${ofWrite ?? 'never'} [P10]`, () => {
      assert.equal(retryDelay(callError(error, read), { sideEffects: 'read', ...left }), ofRead);
      assert.equal(retryDelay(callError(error, write), { sideEffects: 'write', ...left }), ofWrite);
    });
  }

  test('sending again - a date is as good as seconds', () => {
    const date = new Date(Date.now() + 4_000).toUTCString();
    const delay = retryDelay(callError(http(429, date), read), { sideEffects: 'read', ...left }) ?? 0;
    assert.ok(delay > 2_000 && delay <= 4_000, String(delay));
  });

  test('sending again - ends after four sendings', () => {
    const error = callError(http(429, '1'), read);
    assert.equal(retryDelay(error, { sideEffects: 'read', attempt: 3, leftMs: 10_000 }), 1_000);
    assert.equal(retryDelay(error, { sideEffects: 'read', attempt: 4, leftMs: 10_000 }), undefined);
  });
});
