// Fills a folder of the user's cache once: whole or not at all, by one process at a time. It knows nothing of what is in it.
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { defaultCacheDir } from '../../../extension/local/nats-server-cache.ts';
import { isAlive } from '../is-alive.ts';

/** Longer than the slowest download that is worth waiting for. */
const waitMs = 15 * 60_000;

/**
 * The path of the cached folder `name`, filled by `fill` when it is not there. An interrupted `fill` leaves nothing behind
 * that counts, and a second process waits for the first.
 */
export async function cacheFolder(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const cache = defaultCacheDir(process.env);
  const path = join(cache, name);
  if (await exists(path)) return path;
  await mkdir(cache, { recursive: true, mode: 0o700 });
  const lock = join(cache, `.lock-${name}`);
  await takeLock(lock);
  try {
    if (await exists(path)) return path;
    const prefix = `.new-${name}-`;
    for (const left of await readdir(cache))
      if (left.startsWith(prefix) && !isAlive(Number(left.slice(prefix.length))))
        await rm(join(cache, left), { recursive: true, force: true });
    const fresh = join(cache, `${prefix}${process.pid}`);
    await mkdir(fresh);
    try {
      await fill(fresh);
      await rename(fresh, path).catch(async (error: unknown) => {
        // Two may have taken a dead owner's lock at the same instant; then both have the same to offer.
        if (!(await exists(path))) throw error;
      });
    } finally {
      await rm(fresh, { recursive: true, force: true });
    }
    return path;
  } finally {
    await rm(lock, { force: true });
  }
}

async function takeLock(lock: string): Promise<void> {
  const deadline = performance.now() + waitMs;
  for (;;) {
    try {
      const file = await open(lock, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    // An owner that ended without letting go; an empty file is one that was just made.
    const owner = Number(await readFile(lock, 'utf8').catch(() => ''));
    if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
    else if (performance.now() > deadline)
      throw new Error(`Another process holds ${lock}; remove it when there is none.`);
    else await delay(300);
  }
}

export async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
