// Which window tells of an episode: exactly one, however many ask at once, and later ones never again.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { claimOnce } from '../../extension/connection/claim-once.ts';

let folder = '';
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-episodes-'));
});
after(() => rm(folder, { recursive: true, force: true }));

test('[P13] episodes - of fifty windows that ask at once one tells, and nobody tells again', async () => {
  const shared = join(folder, 'shared');
  const answers = await Promise.all(Array.from({ length: 50 }, () => claimOnce(shared, 'rockbot-episode-1')));
  assert.equal(answers.filter(Boolean).length, 1);
  assert.equal(await claimOnce(shared, 'rockbot-episode-1'), false);
  assert.equal(await claimOnce(shared, 'rockbot-episode-2'), true);
});

test('episodes - names from the bus stay inside the folder', async () => {
  const shared = join(folder, 'names');
  assert.equal(await claimOnce(shared, `../../${'x'.repeat(500)}/\u0000..`), true);
  assert.equal((await readdir(shared)).length, 1);
});

test('episodes - without a folder to agree on everybody tells, rather than nobody', async () => {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'a-file'), '');
  assert.equal(await claimOnce(join(folder, 'a-file'), 'rockbot-episode-1'), true);
});

test('episodes - what is remembered is bounded', async () => {
  const shared = join(folder, 'bounded');
  for (let index = 0; index < 60; index++) await claimOnce(shared, `episode-${index}`);
  assert.ok((await readdir(shared)).length <= 21);
  assert.equal(await claimOnce(shared, 'episode-59'), false, 'the newest ones are kept');
});
