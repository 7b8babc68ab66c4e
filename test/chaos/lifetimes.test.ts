// Hundreds of access-token lifetimes with nobody present: every call goes through, and Entra is asked once per lifetime.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Access tokens of one second: 300 of them take about five minutes, in which both cores are mostly idle. */
const lifeSeconds = 1;
/**
 * Seconds that the server forgives, as Microsoft's do: on a busy machine a second may pass between the receipt of a token and
 * its use. Whoever waited for the server's refusal instead of asking Entra in time would get through far too few lifetimes.
 */
const clockSkewSeconds = 30;
const lifetimes = Number(process.env['ROCKBOT_CHAOS_LIFETIMES'] ?? 300);
const callers = 8;
const pauseMs = 250;
/** A lifetime takes about a second; a loaded machine may take longer, but not for ever. */
const longestMs = lifetimes * 3_000;

test(`lifetimes - ${lifetimes} access-token lifetimes pass with ${callers} callers and no failed call [S2, P7]`, async () => {
  await using stack = await startStack({
    entra: { accessTokenLifeSeconds: lifeSeconds, clockSkewSeconds },
    agentEnv: { Log__Level: 'info' },
  });
  await stack.connect();
  await until(
    'the server is ready',
    async () => (await stack.ui.request('toolList', {})).servers[0]?.state === 'ready',
  );
  const refreshes = async (): Promise<number> =>
    (await stack.entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
  const before = await refreshes();
  const deadline = Date.now() + longestMs;
  const failures: string[] = [];
  let calls = 0;
  const over = new AbortController();
  const call = async (): Promise<void> => {
    while (!over.signal.aborted) {
      try {
        await stack.call('fetch', { entityUrls: ['/me?$select=id'] });
        calls++;
      } catch (error) {
        failures.push((error as Error).message);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  };
  const running = Array.from({ length: callers }, call);
  while ((await refreshes()) - before < lifetimes && Date.now() < deadline && failures.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  over.abort();
  await Promise.all(running);
  assert.deepEqual(failures, []);
  const counters = await stack.entra.control.counters();
  const made = (counters.tokenRequests['refresh_token'] ?? 0) - before;
  assert.ok(made >= lifetimes, `only ${made} of ${lifetimes} lifetimes passed in ${longestMs} ms`);
  assert.ok(calls >= lifetimes, `${calls} calls are too few to say anything`);
  // Each call that met an expiring token on its own would show here.
  assert.equal(counters.maxConcurrentTokenRequests, 1);
  assert.equal((await stack.ui.request('authState', {})).status, 'connected');
});
