// The order in which a file is replaced, on a real file system that is listened to: what a power cut leaves depends on nothing
// else. Each step may fail, and leaves the old file and nothing beside it.
import assert from 'node:assert/strict';
import { mkdtemp, open, readdir, readFile, rename, rm, stat, unlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { writeFileAtomic, type AtomicFiles } from '../../agent/files/atomic-file.ts';

let folder: string;
let path: string;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-atomic-'));
  path = join(folder, 'cache.bin');
});
after(() => rm(folder, { recursive: true, force: true }));
beforeEach(() => writeFile(path, 'old'));

type Step =
  'open file' | 'write' | 'sync file' | 'close file' | 'rename' | 'open folder' | 'sync folder' | 'close folder';

/** The real file system, that writes down what it is asked to do, and fails at a step. */
function listening(failing?: Step): AtomicFiles & { steps: Step[]; opened: unknown[] } {
  const steps: Step[] = [];
  const opened: unknown[] = [];
  const step = (name: Step): void => {
    steps.push(name);
    if (name === failing) throw Object.assign(new Error(name), { code: 'EIO' });
  };
  return {
    steps,
    opened,
    async open(name, flags, mode) {
      const what = name === folder ? 'folder' : 'file';
      opened.push([what === 'folder' ? folder : basename(name).replace(/[0-9a-f]{12}/, '#'), flags, mode]);
      step(`open ${what}`);
      const handle = await open(name, flags, mode);
      return {
        async writeFile(content) {
          // Half of it is there when the disk is full.
          await handle.write(String(content).slice(0, 2));
          step('write');
          await handle.write(String(content).slice(2));
        },
        async sync() {
          step(`sync ${what}`);
          await handle.sync();
        },
        async close() {
          await handle.close();
          step(`close ${what}`);
        },
      };
    },
    async rename(from, to) {
      step('rename');
      // What is put in place is whole and private by then.
      assert.equal(await readFile(from, 'utf8'), 'newer');
      assert.equal((await stat(from)).mode & 0o777, 0o600);
      await rename(from, to);
    },
    unlink,
  };
}

const order: Step[] = [
  'open file',
  'write',
  'sync file',
  'close file',
  'rename',
  'open folder',
  'sync folder',
  'close folder',
];

describe('atomic file', { skip: process.platform === 'win32' && 'folders cannot be synced there' }, () => {
  test('atomic file - a new private file is written and synced before it takes the name, the folder afterwards [P1, P2]', async () => {
    const files = listening();
    await writeFileAtomic(path, 'newer', files);
    assert.deepEqual(files.steps, order);
    assert.deepEqual(files.opened, [
      ['.cache.bin.#.tmp', 'wx', 0o600],
      [folder, 'r', undefined],
    ]);
    assert.equal(await readFile(path, 'utf8'), 'newer');
    assert.deepEqual(await readdir(folder), ['cache.bin']);
  });

  for (const failing of order.slice(0, order.indexOf('rename') + 1)) {
    test(`atomic file - when "${failing}" fails the old file is there, and nothing beside it [P1]`, async () => {
      const files = listening(failing);
      await assert.rejects(writeFileAtomic(path, 'newer', files), { code: 'EIO' });
      assert.equal(await readFile(path, 'utf8'), 'old');
      assert.deepEqual(await readdir(folder), ['cache.bin']);
      // An open file is closed all the same.
      assert.equal(files.steps.includes('close file'), failing !== 'open file');
    });
  }

  for (const failing of ['open folder', 'sync folder'] as const) {
    test(`atomic file - when "${failing}" fails the new file is whole, and the failure is told [P1]`, async () => {
      await assert.rejects(writeFileAtomic(path, 'newer', listening(failing)), { code: 'EIO' });
      assert.equal(await readFile(path, 'utf8'), 'newer');
      assert.deepEqual(await readdir(folder), ['cache.bin']);
    });
  }
});
