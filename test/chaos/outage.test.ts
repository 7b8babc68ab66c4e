// Entra is away for twenty lifetimes of the back-off, in every way in which it can be away, and comes back: tokens that are
// valid serve, calls without one fail as unavailable, nothing is forgotten, and nobody has to sign in.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startSession, type SessionHarness } from '../support/account-session.ts';
import type { EntraControl } from '../support/entra/admin-contract.ts';
import { startEntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

/** Failed tries per outage; each waits longer than the one before, up to the longest wait. */
const tries = Number(process.env['ROCKBOT_CHAOS_TRIES'] ?? 20);
const backoff = { baseMs: 20, maxMs: 80 };
const callers = 8;

interface Outage {
  begin: (control: EntraControl) => Promise<unknown>;
  end: (control: EntraControl) => Promise<unknown>;
}

const faulty = (action: Parameters<EntraControl['addFault']>[0]['action']): Outage => ({
  begin: (control) => control.addFault({ endpoint: 'all', times: 'all', action }),
  end: (control) => control.clearFaults(),
});

const outages: Record<string, Outage> = {
  'the port is closed': {
    begin: (control) => control.changeSettings({ outage: 'refused' }),
    end: (control) => control.changeSettings({ outage: 'none' }),
  },
  'connections are dropped': {
    begin: (control) => control.changeSettings({ outage: 'reset' }),
    end: (control) => control.changeSettings({ outage: 'none' }),
  },
  'nothing is ever answered': {
    begin: (control) => control.changeSettings({ hang: true }),
    end: (control) => control.changeSettings({ hang: false }),
  },
  '503 with a page': faulty({ kind: 'unavailable', body: 'html' }),
  '429 without a time': faulty({ kind: 'throttled', retryAfterForm: 'absent' }),
  '200 with {}': faulty({ kind: 'empty-object' }),
  'every answer is lost after the work was done': faulty({ kind: 'lost-answer' }),
};

/** Calls until it is told to stop; gives every outcome that was no token. */
async function callUntil(harness: SessionHarness, stopped: AbortSignal): Promise<Set<string>> {
  const refusals = new Set<string>();
  while (!stopped.aborted) {
    try {
      await harness.workiq.token();
    } catch (error) {
      refusals.add(error instanceof RockBotError ? error.code : String(error));
    }
    await systemClock.sleep(15);
  }
  return refusals;
}

test(`outage - Entra is away for ${tries} tries in ${Object.keys(outages).length} ways and comes back, without a new sign-in [P9]`, async (context) => {
  const entra = await startEntraProcess({ accessTokenLifeSeconds: 1 });
  await using _entra = entra.child;
  await using harness = await startSession({ entra, clock: systemClock, backoff, timeoutMs: 600 });
  await harness.connect();
  const { generation } = harness.session.state();

  for (const [name, outage] of Object.entries(outages)) {
    await context.test(`outage - ${name} [P9]`, async () => {
      const { failed } = harness.refreshes;
      const over = new AbortController();
      const calling = Array.from({ length: callers }, () => callUntil(harness, over.signal));
      await outage.begin(entra.control);
      await until(`${tries} tries`, () => harness.refreshes.failed >= failed + tries, { timeoutMs: 60_000 });
      assert.equal(harness.session.state().status, 'degraded');
      assert.equal(harness.session.state().reason?.code, 'server_unavailable');
      assert.ok((await harness.stored()).connection !== undefined, 'the file is as it was');
      await outage.end(entra.control);
      await until('it is connected again', () => harness.session.state().status === 'connected');
      over.abort();
      const refusals = new Set((await Promise.all(calling)).flatMap((set) => [...set]));
      assert.deepEqual(refusals, new Set(['server_unavailable']));
      assert.equal(typeof (await harness.workiq.token()), 'string');
    });
  }

  assert.equal(harness.session.state().generation, generation);
  assert.equal((await entra.control.counters()).tokenRequests['device_code'], 1, 'one sign-in in all');
  assert.deepEqual(
    harness.effects.filter(({ type }) => type === 'notify_expired'),
    [],
  );
});
