// The lock of the agent's volume: who gets it, who is turned away, and what happens to the one that loses it.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { acquireVolumeLock, VolumeInUseError } from '../../agent/files/volume-lock.ts';
import { until } from '../support/until.ts';

let folder = '';
let path = '';

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rockbot-lock-'));
  path = join(folder, 'agent.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const owner = (more: object = {}): string =>
  JSON.stringify({ id: 'somebody', pid: process.pid, host: hostname(), startedAt: '2026-03-01T08:00:00Z', ...more });

async function aged(seconds: number): Promise<void> {
  const then = new Date(Date.now() - seconds * 1_000);
  await utimes(path, then, then);
}

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', ''], { stdio: 'ignore' });
  await once(child, 'exit');
  return child.pid as number;
}

describe('volume lock - taking it', () => {
  test('volume lock - the first one gets it, the second is told who has it and what to do', async () => {
    const lock = await acquireVolumeLock(path);
    await assert.rejects(acquireVolumeLock(path), (error: Error) => {
      assert.ok(error instanceof VolumeInUseError);
      assert.match(error.message, new RegExp(`process ${process.pid} on ${hostname()}`));
      assert.match(error.message, /Agent__DataDir/);
      return true;
    });
    await lock.release();
    const next = await acquireVolumeLock(path);
    await next.release();
    assert.deepEqual(await readdir(folder), []);
  });

  test('volume lock - is private and names its owner', async () => {
    const lock = await acquireVolumeLock(path);
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    const written = JSON.parse(await readFile(path, 'utf8')) as { pid: number; host: string };
    assert.deepEqual([written.pid, written.host], [process.pid, hostname()]);
    await lock.release();
  });

  test('volume lock - of a process that is gone is taken over at once', async () => {
    await writeFile(path, owner({ pid: await deadPid() }));
    const lock = await acquireVolumeLock(path);
    await lock.release();
  });

  test('volume lock - of an earlier process with the same pid is taken over at once', async () => {
    // In a container every agent has the same pid.
    await writeFile(path, owner({ processStart: '1' }));
    const lock = await acquireVolumeLock(path);
    await lock.release();
  });

  test('volume lock - of a living process of this machine is never stale, however old', async () => {
    await writeFile(path, owner());
    await aged(3_600);
    await assert.rejects(acquireVolumeLock(path), VolumeInUseError);
  });

  test('volume lock - of another host counts until it has shown no sign of life for 30 seconds', async () => {
    await writeFile(path, owner({ host: 'another-host', pid: 1 }));
    await assert.rejects(acquireVolumeLock(path), /another-host/);
    await aged(25);
    await assert.rejects(acquireVolumeLock(path), VolumeInUseError);
    await aged(31);
    const lock = await acquireVolumeLock(path);
    await lock.release();
  });

  for (const [name, content] of Object.entries({ 'an empty file': '', garbage: '\u0000\u0001', null: 'null' })) {
    test(`volume lock - ${name} blocks until it is old, since it may be somebody's`, async () => {
      await writeFile(path, content);
      await assert.rejects(acquireVolumeLock(path), VolumeInUseError);
      await aged(31);
      const lock = await acquireVolumeLock(path);
      await lock.release();
    });
  }

  test('volume lock - twenty at once: exactly one gets it, also over a stale one', async () => {
    for (const isStale of [false, true]) {
      if (isStale) await writeFile(path, owner({ pid: await deadPid() }));
      const attempts = await Promise.allSettled(Array.from({ length: 20 }, () => acquireVolumeLock(path)));
      const won = attempts.filter((attempt) => attempt.status === 'fulfilled');
      assert.equal(won.length, 1);
      for (const attempt of attempts) {
        if (attempt.status === 'rejected') assert.ok(attempt.reason instanceof VolumeInUseError);
      }
      await won[0]?.value.release();
      assert.deepEqual(await readdir(folder), []);
    }
  });
});

describe('volume lock - keeping it', () => {
  test('volume lock - shows a sign of life every five seconds', async (context) => {
    context.mock.timers.enable({ apis: ['setInterval'] });
    const lock = await acquireVolumeLock(path);
    await aged(20);
    context.mock.timers.tick(5_000);
    await until('the lock was renewed', async () => Date.now() - (await stat(path)).mtimeMs < 10_000);
    assert.equal(lock.lost.aborted, false);
    await lock.release();
  });

  for (const [name, replace] of Object.entries({
    'taken by another owner': () => writeFile(path, owner({ id: 'thief', host: 'another-host' })),
    removed: () => rm(path),
  })) {
    test(`volume lock - says that it is lost when it was ${name}`, async (context) => {
      context.mock.timers.enable({ apis: ['setInterval'] });
      const lock = await acquireVolumeLock(path);
      await replace();
      context.mock.timers.tick(5_000);
      await until('the loss was seen', () => lock.lost.aborted);
      assert.ok(lock.lost.reason instanceof VolumeInUseError);
      await lock.release();
    });
  }

  test('volume lock - releasing leaves the lock of a successor alone', async () => {
    const lock = await acquireVolumeLock(path);
    await writeFile(path, owner({ id: 'successor' }));
    await lock.release();
    assert.match(await readFile(path, 'utf8'), /successor/);
  });
});
