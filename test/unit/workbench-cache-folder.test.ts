// The cache of what tests fetch: whole or not at all, once, and never stuck on a process that is gone.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { defaultCacheDir } from '../../extension/local/nats-server-cache.ts';
import { cacheFolder } from '../support/workbench/cache-folder.ts';

describe('workbench cache', () => {
  const variable =
    process.platform === 'win32' ? 'LOCALAPPDATA' : process.platform === 'darwin' ? 'HOME' : 'XDG_CACHE_HOME';
  const inherited = process.env[variable];
  let temporary: string;
  let cache: string;
  before(async () => {
    temporary = await mkdtemp(join(tmpdir(), 'rockbot-cache-folder-'));
    process.env[variable] = temporary;
    cache = defaultCacheDir(process.env);
  });
  beforeEach(async () => {
    await rm(cache, { recursive: true, force: true });
    await mkdir(cache, { recursive: true });
  });
  after(async () => {
    if (inherited === undefined) delete process.env[variable];
    else process.env[variable] = inherited;
    await rm(temporary, { recursive: true, force: true });
  });

  const fillWith = (text: string) => async (folder: string) => writeFile(join(folder, 'it'), text);
  const goneProcess = (): number => spawnSync(process.execPath, ['-e', '']).pid;

  test('workbench cache - a folder is filled once', async () => {
    const first = await cacheFolder('thing', fillWith('first'));
    const second = await cacheFolder('thing', fillWith('second'));
    assert.equal(second, first);
    assert.equal(await readFile(join(second, 'it'), 'utf8'), 'first');
  });

  test('workbench cache - a failed filling leaves nothing behind and can be tried again', async () => {
    const interrupted = cacheFolder('thing', async (folder) => {
      await writeFile(join(folder, 'half'), '');
      throw new Error('interrupted');
    });
    await assert.rejects(interrupted, /interrupted/);
    assert.deepEqual(await readdir(cache), []);
    assert.deepEqual(await readdir(await cacheFolder('thing', fillWith('whole'))), ['it']);
  });

  test('workbench cache - who comes at the same time waits for the first', async () => {
    let fillings = 0;
    const fill = async (folder: string): Promise<void> => {
      fillings++;
      await fillWith('it')(folder);
    };
    await Promise.all([cacheFolder('thing', fill), cacheFolder('thing', fill), cacheFolder('thing', fill)]);
    assert.equal(fillings, 1);
    assert.deepEqual(await readdir(cache), ['thing']);
  });

  test('workbench cache - what a killed process left is no obstacle', async () => {
    const pid = goneProcess();
    await writeFile(join(cache, '.lock-thing'), String(pid));
    await mkdir(join(cache, `.new-thing-${pid}`));
    await cacheFolder('thing', fillWith('it'));
    assert.deepEqual(await readdir(cache), ['thing']);
  });
});
