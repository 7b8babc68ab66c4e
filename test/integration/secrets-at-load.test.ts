// What a starting agent finds on its volume and puts right: open modes, a plain cache beside a key, a key that is gone.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { CacheStore } from '../../agent/auth/cache-store.ts';
import { systemClock } from '../../shared/clock.ts';
import { startStack, type Stack } from '../support/stack.ts';

const secret = (stack: Stack, name: string): string => join(stack.agent.dataDir, 'secrets', name);
const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

test('secrets at load - an agent key that others may read is closed, and that is logged [P2]', async () => {
  await using stack = await startStack();
  const path = secret(stack, 'agent-key.jwk');
  const key = await readFile(path, 'utf8');
  await chmod(path, 0o644);
  await stack.restartAgent();
  assert.equal(await modeOf(path), 0o600);
  assert.equal(await readFile(path, 'utf8'), key);
  assert.match(stack.agent.output(), /"level":"warn","message":"The agent key was open to others.*"mode":"0644"/);
  await stack.restartAgent();
  assert.doesNotMatch(stack.agent.output(), /open to others/);
});

test('secrets at load - a plain cache is encrypted as soon as there is a key, and stays in use [P2]', async () => {
  await using stack = await startStack();
  await stack.connect();
  const path = secret(stack, 'workiq-cache.bin');
  const { cache } = JSON.parse(await readFile(path, 'utf8')) as { cache: string };
  const refreshTokens = Object.values(
    (JSON.parse(cache) as { RefreshToken: Record<string, { secret: string }> }).RefreshToken,
  );
  assert.equal(refreshTokens.length, 1);
  const keyFolder = await mkdtemp(join(tmpdir(), 'rockbot-key-'));
  const keyFile = join(keyFolder, 'cache.key');
  await writeFile(keyFile, randomBytes(32), { mode: 0o600 });
  await stack.restartAgent({ env: { WorkIQ__CacheKeyFile: keyFile } });
  const text = await readFile(path, 'utf8');
  assert.ok(!text.includes(refreshTokens[0]?.secret ?? ''));
  assert.match(text, /"encryptedCache"/);
  assert.equal(await modeOf(path), 0o600);
  assert.equal((await stack.ui.request('authState', {})).status, 'connected');
  await stack.restartAgent({ env: { WorkIQ__CacheKeyFile: keyFile } });
  await stack.call('fetch', { entityUrls: ['/me'] });
  await rm(keyFolder, { recursive: true });
});

test('secrets at load - what a kill left half-written is removed, and nothing else is [P2]', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-left-'));
  const kept = ['agent-key.jwk', 'notes.tmp', 'workiq-cache.bin.unusable-2026'];
  for (const name of [...kept, '.workiq-cache.bin.0123456789ab.tmp', '.agent-key.jwk.ba9876543210.tmp'])
    await writeFile(join(folder, name), '', { mode: 0o600 });
  await new CacheStore({ path: join(folder, 'workiq-cache.bin'), clock: systemClock }).load();
  assert.deepEqual((await readdir(folder)).toSorted(), kept);
  await rm(folder, { recursive: true });
});

test('secrets at load - a plain cache that cannot be written encrypted is used, and the failure is told', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-plain-'));
  const path = join(folder, 'secrets', 'workiq-cache.bin');
  const plain = new CacheStore({ path, clock: systemClock });
  assert.equal((await plain.load()).kind, 'none');
  const account = { id: 'oid', username: 'a@b', tenantId: 't', homeAccountId: 'h', environment: 'e' };
  const times = { connectedAt: '2026-03-01T08:00:00Z', lastRefreshAt: '2026-03-01T08:00:00Z' };
  const connection = { account, ...times, scopes: [], signer: 'U', accessTokens: {}, cache: '{}' };
  await plain.save({ tenantId: 't', clientId: 'c', generation: 1, connection });
  const store = new CacheStore({ path, key: randomBytes(32), clock: systemClock });
  const loaded = await store.load();
  assert.ok(loaded.kind === 'loaded' && loaded.wasPlain !== undefined && loaded.wasPlain.failure === undefined);
  const again = await store.load();
  assert.ok(again.kind === 'loaded' && again.wasPlain === undefined);
  assert.equal(again.envelope.connection?.cache, '{}');

  await plain.save({ tenantId: 't', clientId: 'c', generation: 2, connection });
  const full = new CacheStore({ path, key: randomBytes(32), clock: systemClock });
  full.save = async () => Promise.reject(Object.assign(new Error('full'), { code: 'ENOSPC' }));
  const kept = await full.load();
  assert.ok(kept.kind === 'loaded' && kept.wasPlain?.failure === 'ENOSPC');
  assert.equal(kept.envelope.generation, 2);
  await rm(folder, { recursive: true });
});

test("secrets at load - a place that is not the agent's is left as it is: a device, a pipe, a shared folder", async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-place-'));
  const load = (path: string): Promise<unknown> => new CacheStore({ path, clock: systemClock }).load();
  await chmod(folder, 0o755);
  const path = join(folder, 'socket');
  const listening = createServer().listen(path);
  await once(listening, 'listening');
  await assert.rejects(load(path), /WorkIQ__CacheFile .*no regular file/);
  assert.ok((await stat(path)).isSocket());
  assert.equal(await modeOf(folder), 0o755);
  listening.close();
  await chmod(folder, 0o1777);
  await assert.rejects(load(join(folder, 'workiq-cache.bin')), /WorkIQ__CacheFile .*all users share/);
  assert.equal((await stat(folder)).mode & 0o7777, 0o1777);
  await rm(folder, { recursive: true });
});

test('secrets at load - an agent key that is gone beside a connection is replaced with a warning, a first one without', async () => {
  await using stack = await startStack();
  const warning = /"level":"warn","message":"The agent key was not there beside a stored connection/;
  assert.doesNotMatch(stack.agent.output(), warning);
  await stack.connect();
  const before = (await stack.ui.request('authProfile', {})).publicKey.kid;
  await stack.restartAgent();
  assert.doesNotMatch(stack.agent.output(), warning);
  await rm(secret(stack, 'agent-key.jwk'));
  await stack.restartAgent();
  assert.match(stack.agent.output(), warning);
  const { publicKey, state } = await stack.ui.request('authProfile', {});
  assert.notEqual(publicKey.kid, before);
  assert.equal(state.status, 'connected');
});
