// The poll of a device code goes on through what would end the library's own loop.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { EntraReply } from '../../extension/consent/entra-network.ts';
import { patientPoll } from '../../extension/consent/patient-poll.ts';
import type { Clock } from '../../shared/clock.ts';

/** Time that passes only by sleeping. */
function fakeClock(): Clock & { time: number; sleeps: number[] } {
  const clock = {
    time: 0,
    sleeps: [] as number[],
    now: () => clock.time,
    sleep: async (ms: number, signal?: AbortSignal) => {
      signal?.throwIfAborted();
      if (ms > 0) clock.sleeps.push(ms);
      clock.time += Math.max(0, ms);
    },
  };
  return clock;
}

const call = {
  method: 'POST',
  url: 'https://entra/token',
  body: 'client_id=x&grant_type=device_code&device_code=d',
} as const;
const reply = (status: number, body: Record<string, unknown>, headers = {}): EntraReply => ({ status, headers, body });
const pending = reply(400, { error: 'authorization_pending' });

describe('patient poll', () => {
  const temporary: [string, EntraReply | Error][] = [
    ['slow_down', reply(400, { error: 'slow_down' })],
    ['a 503', reply(503, { error: 'server_error' })],
    ['a 429', reply(429, { error: 'server_error' })],
    ['temporarily_unavailable', reply(400, { error: 'temporarily_unavailable' })],
    ['a lost connection', new Error('ECONNRESET')],
  ];
  for (const [what, answer] of temporary) {
    test(`patient poll - ${what} reads as still pending`, async () => {
      const poll = patientPoll({ clock: fakeClock() });
      const result = await poll(call, async () => {
        if (answer instanceof Error) throw answer;
        return answer;
      });
      assert.deepEqual(result.body, { error: 'authorization_pending' });
      assert.equal(result.status, 400);
    });
  }

  const final: [string, EntraReply][] = [
    ['a token', reply(200, { access_token: 't' })],
    ['authorization_pending', pending],
    ['authorization_declined', reply(400, { error: 'authorization_declined' })],
    ['expired_token', reply(400, { error: 'expired_token' })],
    ['invalid_grant', reply(400, { error: 'invalid_grant' })],
  ];
  for (const [what, answer] of final) {
    test(`patient poll - ${what} passes as it is`, async () => {
      assert.equal(await patientPoll({ clock: fakeClock() })(call, async () => answer), answer);
    });
  }

  test('patient poll - each slow_down lengthens the interval by five seconds for good', async () => {
    const clock = fakeClock();
    const poll = patientPoll({ clock });
    await poll({ ...call, body: 'client_id=x' }, async () => reply(200, { device_code: 'd', interval: 2 }));
    for (const answer of [
      pending,
      reply(400, { error: 'slow_down' }),
      reply(400, { error: 'slow_down' }),
      pending,
      pending,
    ]) {
      await poll(call, async () => answer);
    }
    assert.deepEqual(clock.sleeps, [2_000, 7_000, 12_000, 12_000]);
  });

  test('patient poll - Retry-After is honoured, up to a minute', async () => {
    const clock = fakeClock();
    const poll = patientPoll({ clock });
    await poll(call, async () => reply(429, { error: 'x' }, { 'retry-after': '17' }));
    await poll(call, async () => reply(429, { error: 'x' }, { 'retry-after': '9999' }));
    await poll(call, async () => pending);
    assert.deepEqual(clock.sleeps, [17_000, 60_000]);
  });

  test('patient poll - after a cancel nothing is sent and the cancel comes out', async () => {
    const controller = new AbortController();
    const poll = patientPoll({ clock: fakeClock(), signal: controller.signal });
    let sent = 0;
    const cancelling = poll(call, async () => {
      sent += 1;
      controller.abort(new Error('cancelled'));
      throw new Error('socket closed');
    });
    await assert.rejects(cancelling, /socket closed/);
    await assert.rejects(
      poll(call, async () => ((sent += 1), pending)),
      /cancelled/,
    );
    assert.equal(sent, 1);
  });

  test('patient poll - other requests pass unchanged, failures included', async () => {
    const poll = patientPoll({ clock: fakeClock() });
    const refused = reply(503, { error: 'server_error' });
    assert.equal(await poll({ ...call, body: 'grant_type=authorization_code' }, async () => refused), refused);
    await assert.rejects(
      poll({ method: 'GET', url: 'https://entra/x' }, async () => Promise.reject(new Error('down'))),
      /down/,
    );
  });
});
