// When a refusal that others can lift is tried again, with the clock in the test's hands.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { mayBeLifted, RefusalRetry, withRetryNamed } from '../../agent/auth/refusal-retry.ts';
import { retryRefusedGrant } from '../../agent/auth/retry-refused-grant.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { manualClock } from '../support/manual-clock.ts';

const minute = 60_000;

function retrying() {
  const clock = manualClock();
  let tries = 0;
  let end: () => void = () => {};
  const retry = new RefusalRetry({
    clock,
    run: () => {
      tries++;
      return new Promise((resolve) => {
        end = resolve;
      });
    },
  });
  return { clock, retry, tries: () => tries, end: () => end() };
}

test('refusal retry - only what an administrator or consent can lift is tried again', () => {
  for (const code of errorCodes)
    assert.equal(mayBeLifted({ code }), code === 'consent_required' || code === 'admin_action_required', code);
  const reason = { message: 'Because.', action: 'Do something.' };
  assert.match(withRetryNamed({ ...reason, code: 'admin_action_required' }).action, /^Do something\..*again by itself/);
  assert.deepEqual(withRetryNamed({ ...reason, code: 'auth_required' }), { ...reason, code: 'auth_required' });
});

test('refusal retry - of an earlier process it is due at once, of this one ever later, at most every 15 minutes [P9]', async () => {
  const { clock, retry, end } = retrying();
  assert.equal(retry.delayMs(), 0);
  retry.begin();
  let longest = 0;
  for (let attempt = 0; attempt < 10; attempt++) {
    const delay = retry.delayMs();
    const step = Math.min(15 * minute, minute * 2 ** attempt);
    assert.ok(delay >= step / 2 && delay <= step, `attempt ${attempt}: ${delay}`);
    longest = Math.max(longest, delay);
    clock.advance(delay);
    const tried = retry.run();
    end();
    await tried;
  }
  assert.ok(longest > 7 * minute);
  clock.advance(-86_400_000);
  assert.ok(retry.delayMs() <= 15 * minute, 'a clock that was set back does not put it off for long');
});

test('refusal retry - calls try at most once a minute, and all that come meanwhile wait for the same try', async () => {
  const { clock, retry, tries, end } = retrying();
  retry.begin();
  assert.equal(retry.runForCall(), undefined);
  clock.advance(minute);
  const waiting = Array.from({ length: 20 }, () => retry.runForCall());
  assert.equal(new Set(waiting).size, 1);
  assert.equal(tries(), 1);
  end();
  await waiting[0];
  clock.advance(minute - 1);
  assert.equal(retry.runForCall(), undefined);
  clock.advance(1);
  assert.ok(retry.runForCall());
  assert.equal(tries(), 2);
});

const held = (retry: Promise<void> | undefined) => ({ retryRefused: () => retry });

test('refusal retry - a call waits for a try under way, whatever becomes of it, and not at all when there is none', async () => {
  const { signal } = new AbortController();
  await retryRefusedGrant(held(undefined), signal);
  await retryRefusedGrant(held(Promise.resolve()), signal);
  await retryRefusedGrant(held(Promise.reject(new Error('unexpected'))), signal);
});

test('refusal retry - a call that ends while it waits ends with its own reason', async () => {
  const call = new AbortController();
  const waiting = retryRefusedGrant(held(new Promise(() => {})), call.signal);
  call.abort(new RockBotError({ code: 'cancelled', message: 'The call was cancelled.' }));
  await assert.rejects(waiting, { code: 'cancelled' });
});

test('refusal retry - an Entra that does not answer holds a call up for five seconds at most', async (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const waiting = retryRefusedGrant(held(new Promise(() => {})), new AbortController().signal);
  context.mock.timers.tick(5_000);
  await waiting;
});
