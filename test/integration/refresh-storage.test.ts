// What becomes of tokens when the volume fails: nothing is lost that was there, and nothing is called stored that is not.
import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { after, before, beforeEach, test } from 'node:test';
import type { AccountSessionOptions } from '../../agent/auth/account-session.ts';
import type { CacheStore } from '../../agent/auth/cache-store.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startSession } from '../support/account-session.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startEntraProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

let entra: EntraProcess;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(() => entra.control.reset());

const clock = (): ReturnType<typeof manualClock> => manualClock(Date.now());
const backoff = { baseMs: 1_000, maxMs: 4_000 };

/** A store whose next operations fail while a switch is on. */
function faultyStore(): {
  fail: { save?: string | undefined; holds?: boolean };
  wrap: (store: CacheStore) => AccountSessionOptions['store'];
  saves: () => number;
} {
  const fail: { save?: string | undefined; holds?: boolean } = {};
  let saves = 0;
  return {
    fail,
    saves: () => saves,
    wrap: (store) => ({
      load: () => store.load(),
      setAside: (why) => store.setAside(why),
      idle: () => store.idle(),
      save: async (envelope) => {
        saves++;
        if (fail.save !== undefined) throw Object.assign(new Error('no write'), { code: fail.save });
        await store.save(envelope);
      },
      holds: async (envelope) => fail.holds !== true && store.holds(envelope),
    }),
  };
}

test('storage - a full disk during a refresh: degraded, served from memory, tried again, stored at last [P9]', async () => {
  const time = clock();
  const store = faultyStore();
  await using harness = await startSession({ entra, clock: time, wrapStore: store.wrap, backoff });
  await harness.connect();
  const stored = await harness.stored();
  const rejected = await harness.workiq.token();

  store.fail.save = 'ENOSPC';
  const fresh = await harness.workiq.refresh({ rejected });
  assert.ok(fresh !== rejected && harness.workiq.token() === fresh);
  const degraded = harness.session.state();
  assert.equal(degraded.status, 'degraded');
  assert.match(degraded.reason?.message ?? '', /ENOSPC.*lost with a restart/);
  assert.match(degraded.reason?.action ?? '', /free some space/);
  assert.deepEqual(await harness.stored(), stored, 'the file is the old one, whole');

  const tries = store.saves();
  for (let attempt = 1; attempt <= 3; attempt++) {
    time.advance(4_000);
    await until('the write was tried again', () => store.saves() >= tries + attempt);
  }
  assert.equal(harness.session.state().status, 'degraded');
  // What is stored in the end is the newest state, not the one that failed first.
  const newest = await harness.workiq.refresh({ rejected: fresh });
  store.fail.save = undefined;
  time.advance(4_000);
  await until('it is connected', () => harness.session.state().status === 'connected');
  assert.ok((await readFile(harness.file, 'utf8')).includes(newest));
  assert.deepEqual(
    harness.effects.filter(({ type }) => type === 'notify_expired'),
    [],
  );
});

test('storage - the folder of the secrets is gone for a while: the file that comes back is replaced by the newest state', async () => {
  const time = clock();
  await using harness = await startSession({ entra, clock: time, backoff });
  await harness.connect();
  const rejected = await harness.workiq.token();
  const folder = dirname(harness.file);
  await rename(folder, `${folder}.away`);
  await writeFile(folder, '');
  const fresh = await harness.workiq.refresh({ rejected });
  assert.equal(harness.session.state().status, 'degraded');
  assert.match(harness.session.state().reason?.message ?? '', /ENOTDIR/);
  await rm(folder);
  await rename(`${folder}.away`, folder);
  await until('it was stored', async () => {
    time.advance(2_000);
    return harness.session.state().status === 'connected';
  });
  assert.ok((await readFile(harness.file, 'utf8')).includes(fresh));
});

test('storage - a hand-off that does not read back is refused and put back, in memory and on the volume [P5]', async () => {
  const store = faultyStore();
  await using harness = await startSession({ entra, clock: clock(), wrapStore: store.wrap });
  await harness.connect();
  const [state, stored, token] = [harness.session.state(), await harness.stored(), await harness.workiq.token()];
  store.fail.holds = true;
  await assert.rejects(harness.connect(), (error: unknown) => {
    assert.ok(error instanceof RockBotError);
    assert.equal(error.code, 'internal');
    assert.match(error.message, /read back failed/);
    return true;
  });
  assert.deepEqual(harness.session.state(), state);
  assert.deepEqual(await harness.stored(), stored);
  assert.ok(harness.workiq.token() === token);
  store.fail.holds = false;
  const receipt = await harness.connect();
  assert.equal(receipt.generation, state.generation + 1);
});

test('storage - the first hand-off on a full disk leaves the agent not connected [P5]', async () => {
  const store = faultyStore();
  await using harness = await startSession({ entra, clock: clock(), wrapStore: store.wrap });
  store.fail.save = 'ENOSPC';
  await assert.rejects(harness.connect(), /could not store the connection \(ENOSPC\)/);
  assert.equal(harness.session.state().status, 'not_connected');
  assert.deepEqual(harness.effects, []);
  await assert.rejects(async () => harness.workiq.token(), /Nobody has connected/);
});

test('storage - a disconnect that cannot be stored says so, and is not half done', async () => {
  const store = faultyStore();
  await using harness = await startSession({ entra, clock: clock(), wrapStore: store.wrap });
  await harness.connect();
  store.fail.save = 'EROFS';
  await assert.rejects(harness.session.disconnect(), (error: unknown) => {
    assert.ok(error instanceof RockBotError);
    assert.match(error.message, /EROFS/);
    assert.match(error.action ?? '', /volume/);
    return true;
  });
  assert.equal(harness.session.state().status, 'connected');
  store.fail.save = undefined;
  await harness.session.disconnect();
  assert.equal(harness.session.state().status, 'not_connected');
  assert.equal((await harness.stored()).connection, undefined);
});

test('storage - a damaged file is set aside whole, said, and its generation does not come back by itself [P1, P9]', async () => {
  await using first = await startSession({ entra, clock: clock() });
  await first.connect();
  await first.session.close();
  const text = await readFile(first.file, 'utf8');
  await writeFile(first.file, text.slice(0, -50));
  await using second = await startSession({ entra, clock: clock(), folder: first.folder });
  const state = second.session.state();
  assert.equal(state.status, 'not_connected');
  const path = /kept as (\S+)\.$/.exec(state.reason?.message ?? '')?.[1] ?? '';
  assert.equal(await readFile(path, 'utf8'), text.slice(0, -50));
  await second.connect();
  assert.equal(second.session.state().status, 'connected');
  assert.equal(await readFile(path, 'utf8'), text.slice(0, -50), 'nothing overwrites it');
});

test('storage - a cache of another tenant or app is set aside', async () => {
  await using first = await startSession({ entra, clock: clock() });
  await first.connect();
  await first.session.close();
  const other = { ...entra, clientId: '99999999-9999-4999-8999-999999999999' };
  await using second = await startSession({ entra: other, clock: clock(), folder: first.folder });
  assert.equal(second.session.state().status, 'not_connected');
  assert.match(second.session.state().reason?.message ?? '', /another tenant or app/);
});
