// mcp.json on a real file system, changed in all the ways that editors, people and Kubernetes change files.
import assert from 'node:assert/strict';
import { chmod, mkdir, mkdtemp, open, rename, rm, symlink, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { watchConfig, type ConfigWatch } from '../../agent/bridge/config-watch.ts';
import { until } from '../support/until.ts';

interface Watched extends AsyncDisposable {
  folder: string;
  path: string;
  /** What was told so far; undefined for "no file", `!CODE` for one that cannot be read. */
  told: (string | undefined)[];
  watch: ConfigWatch;
}

async function watched(
  prepare: (folder: string, path: string) => Promise<void>,
  pollIntervalMs = 50,
): Promise<Watched> {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-watch-'));
  const path = join(folder, 'mcp.json');
  await prepare(folder, path);
  const told: (string | undefined)[] = [];
  const watch = await watchConfig({
    path,
    pollIntervalMs,
    onText: (text) => told.push(text),
    onUnreadable: (code) => told.push(`!${code}`),
  });
  return {
    folder,
    path,
    told,
    watch,
    async [Symbol.asyncDispose]() {
      watch.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function becomes(told: readonly (string | undefined)[], expected: (string | undefined)[]): Promise<void> {
  await until('the change is told', () => isDeepStrictEqual(told, expected)).catch(() => undefined);
  assert.deepEqual(told, expected);
}

async function endsWith(told: readonly (string | undefined)[], expected: string): Promise<void> {
  await until(`${expected} is told`, () => told.at(-1) === expected);
}

describe('config watch', () => {
  test('config watch - a file of many megabytes is told as too large, once, and read again when it is mended', async () => {
    await using the = await watched((_folder, path) => writeFile(path, `{"x":"${'a'.repeat(5_000_000)}"}`));
    await the.watch.check();
    await the.watch.check();
    assert.deepEqual(the.told, ['!EFBIG']);
    await writeFile(the.path, '{}');
    await becomes(the.told, ['!EFBIG', '{}']);
  });

  test('config watch - the first look is over before the watch is handed out', async () => {
    await using there = await watched((_folder, path) => writeFile(path, 'one'));
    assert.deepEqual(there.told, ['one']);
    await using absent = await watched(async () => {});
    assert.deepEqual(absent.told, [undefined]);
  });

  test('config watch - creating, changing and removing the file are told once each; one that is gone is no empty one', async () => {
    await using the = await watched(async () => {});
    await writeFile(the.path, 'one');
    await becomes(the.told, [undefined, 'one']);
    await writeFile(the.path, 'two');
    await becomes(the.told, [undefined, 'one', 'two']);
    await unlink(the.path);
    await becomes(the.told, [undefined, 'one', 'two', '!ENOENT']);
    await the.watch.check();
    await writeFile(the.path, 'two');
    await becomes(the.told, [undefined, 'one', 'two', '!ENOENT', 'two']);
  });

  test('config watch - a file replaced by renaming is followed, again and again', async () => {
    await using the = await watched((_folder, path) => writeFile(path, '0'));
    for (let round = 1; round <= 3; round++) {
      await writeFile(`${the.path}.new`, String(round));
      await rename(`${the.path}.new`, the.path);
      await becomes(
        the.told,
        Array.from({ length: round + 1 }, (_, index) => String(index)),
      );
    }
  });

  test('config watch - a ConfigMap update, which swaps a symlink two steps away, is followed', async () => {
    await using the = await watched(async (folder, path) => {
      await mkdir(join(folder, '..2026_1'));
      await writeFile(join(folder, '..2026_1', 'mcp.json'), 'one');
      await symlink('..2026_1', join(folder, '..data'));
      await symlink(join('..data', 'mcp.json'), path);
    });
    await mkdir(join(the.folder, '..2026_2'));
    await writeFile(join(the.folder, '..2026_2', 'mcp.json'), 'two');
    await symlink('..2026_2', join(the.folder, '..data_tmp'));
    await rename(join(the.folder, '..data_tmp'), join(the.folder, '..data'));
    await rm(join(the.folder, '..2026_1'), { recursive: true });
    await becomes(the.told, ['one', 'two']);
  });

  /** Nothing tells of a look that tells nothing: time for several. */
  const someLooksMs = 60;
  test('config watch - a save that empties the file first, or removes it, is one change', async () => {
    await using the = await watched((_folder, path) => writeFile(path, 'one'), 10);
    const file = await open(the.path, 'w');
    await delay(someLooksMs);
    await file.writeFile('two');
    await file.close();
    await becomes(the.told, ['one', 'two']);
    await unlink(the.path);
    await delay(someLooksMs);
    await writeFile(the.path, 'three');
    await becomes(the.told, ['one', 'two', 'three']);
  });

  test('config watch - a file that cannot be read is told once with its code, and comes back', async () => {
    await using the = await watched((_folder, path) => mkdir(path));
    await the.watch.check();
    await the.watch.check();
    assert.deepEqual(the.told, ['!EISDIR']);
    await rm(the.path, { recursive: true });
    await writeFile(the.path, 'one');
    await endsWith(the.told, 'one');
  });

  test('config watch - a file that was unreadable for a while is told again although it is the same', async () => {
    await using the = await watched((_folder, path) => writeFile(path, 'one'));
    await rename(the.path, `${the.path}.aside`);
    await mkdir(the.path);
    await endsWith(the.told, '!EISDIR');
    await rm(the.path, { recursive: true });
    await rename(`${the.path}.aside`, the.path);
    await endsWith(the.told, 'one');
  });

  test('config watch - check tells what stood in the file when it was called, also while a look is under way', async () => {
    await using the = await watched((_folder, path) => writeFile(path, '0'), 1);
    for (let round = 1; round <= 50; round++) {
      await writeFile(`${the.path}.new`, String(round));
      void the.watch.check();
      await rename(`${the.path}.new`, the.path);
      await the.watch.check();
      assert.equal(the.told.at(-1), String(round));
    }
  });

  test('config watch - touching the file or changing its neighbours tells nothing; nor does anything after close', async () => {
    await using the = await watched((_folder, path) => writeFile(path, 'one'));
    await writeFile(the.path, 'one');
    await chmod(the.path, 0o600);
    await writeFile(join(the.folder, 'other.json'), 'x');
    await the.watch.check();
    assert.deepEqual(the.told, ['one']);
    the.watch.close();
    await writeFile(the.path, 'two');
    // Time for four looks that must not come.
    await delay(200);
    assert.deepEqual(the.told, ['one']);
  });
});
