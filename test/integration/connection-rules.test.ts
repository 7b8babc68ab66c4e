// A stored connection after a restart with other settings: used only while it is of the expected account and of a trusted
// signer, and kept otherwise.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, afterEach, before, beforeEach, test } from 'node:test';
import type { ConnectionRules } from '../../agent/auth/connection-rules.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import { systemClock } from '../../shared/clock.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startSession, type SessionHarness } from '../support/account-session.ts';
import { signerOf } from '../support/hand-offs.ts';
import { startEntraProcess, type EntraProcess } from '../support/stack.ts';

let entra: EntraProcess;
let folder: string;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(async () => {
  await entra.control.reset();
  folder = await mkdtemp(join(tmpdir(), 'rockbot-rules-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const seed = createSeed();
const otherSeed = createSeed();
const start = (rules: Partial<ConnectionRules>, seedOfClient = seed): Promise<SessionHarness> =>
  startSession({ entra, clock: systemClock, folder, rules, seed: seedOfClient });
const publicKeyOf = (seedOfClient: string): string => signerOf(seedOfClient).publicKey;
const failure = async (outcome: Promise<unknown>): Promise<RockBotError> => {
  const error = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RockBotError);
  return error;
};

test('connection rules - a stored account other than the expected one is not used, and comes back with the old setting [P9]', async () => {
  let username = '';
  {
    await using harness = await start({});
    ({ username } = (await harness.connect('adele')).account);
  }
  const file = join(folder, 'secrets', 'workiq-cache.bin');
  const bytes = await readFile(file);
  const expectedAccount = 'somebody.else@contoso.example';
  {
    await using harness = await start({ expectedAccount });
    const { status, reason, generation, account } = harness.session.state();
    assert.deepEqual([status, reason?.code, generation, account], ['not_connected', 'auth_required', 1, undefined]);
    for (const text of [reason?.message ?? '', reason?.action ?? ''])
      for (const named of ['WorkIQ__ExpectedAccount', username, expectedAccount]) assert.ok(text.includes(named), text);
    const error = await failure((async () => harness.workiq.token())());
    assert.deepEqual([error.code, error.message], ['auth_required', reason?.message]);
    assert.equal((await failure(harness.connect('adele'))).reason, 'account');
    assert.ok(harness.log.some((line) => line.includes('"warn"') && line.includes('WorkIQ__ExpectedAccount')));
  }
  assert.deepEqual(await readFile(file), bytes);
  for (const rules of [{}, { expectedAccount: username.toUpperCase() }]) {
    await using harness = await start(rules);
    assert.equal(harness.session.state().status, 'connected');
    assert.equal(typeof (await harness.workiq.token()), 'string');
  }
});

test('connection rules - the expected account is accepted over the stored one, whose pins do not stand in its way', async () => {
  {
    await using harness = await start({});
    await harness.connect('adele');
  }
  {
    await using harness = await start({ expectedAccount: 'megan@contoso.example' }, otherSeed);
    const receipt = await harness.connect('megan');
    assert.deepEqual([receipt.generation, receipt.state.status], [2, 'connected']);
  }
});

test('connection rules - a connection of a signer that is not trusted any more is not used; a trusted one replaces it', async () => {
  {
    await using harness = await start({});
    await harness.connect('adele');
  }
  const [old, trusted] = [publicKeyOf(seed), publicKeyOf(otherSeed)];
  {
    await using harness = await start({ trustedSigners: [trusted] });
    const { status, reason } = harness.session.state();
    assert.deepEqual([status, reason?.code], ['not_connected', 'auth_required']);
    for (const named of ['WorkIQ__TrustedSigners', old, trusted]) assert.ok(reason?.message.includes(named), named);
    for (const named of ['WorkIQ__TrustedSigners', old]) assert.ok(reason?.action.includes(named), named);
    assert.equal((await failure(harness.connect('adele'))).reason, 'signer');
  }
  {
    await using harness = await start({ trustedSigners: [trusted, old] });
    assert.equal(harness.session.state().status, 'connected');
  }
  {
    await using harness = await start({ trustedSigners: [trusted] }, otherSeed);
    assert.equal((await harness.connect('adele')).state.status, 'connected');
    assert.equal((await harness.stored()).connection?.signer, trusted);
  }
});

test('connection rules - a hand-off that cannot be stored leaves the unused connection on the volume [P9]', async () => {
  {
    await using harness = await start({});
    await harness.connect('adele');
  }
  let isFull = false;
  {
    await using harness = await startSession({
      entra,
      clock: systemClock,
      folder,
      seed: otherSeed,
      rules: { trustedSigners: [publicKeyOf(otherSeed)] },
      wrapStore: (store) =>
        new Proxy(store, {
          get: (target, name) => {
            if (name === 'holds' && isFull) return async () => false;
            const member: unknown = Reflect.get(target, name);
            return typeof member === 'function' ? (member.bind(target) as unknown) : member;
          },
        }),
    });
    isFull = true;
    assert.equal((await failure(harness.connect('adele'))).code, 'internal');
    assert.equal(harness.session.state().status, 'not_connected');
  }
  await using harness = await start({});
  assert.equal(harness.session.state().status, 'connected');
  assert.equal(typeof (await harness.workiq.refresh({})), 'string');
});

test('connection rules - a disconnect removes an unused connection from the volume, too', async () => {
  {
    await using harness = await start({});
    await harness.connect('adele');
  }
  await using harness = await start({ expectedAccount: 'somebody.else@contoso.example' });
  assert.ok((await harness.session.disconnect())?.account.username);
  assert.deepEqual([harness.session.state().status, harness.session.state().reason], ['not_connected', undefined]);
  const { connection, generation } = await harness.stored();
  assert.deepEqual([connection, generation], [undefined, 1]);
});
