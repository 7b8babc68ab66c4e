// The folder where fetched nats-server programs are kept, one per version; it knows nothing of where they came from.
import { randomUUID } from 'node:crypto';
import { chmod, copyFile, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { compareVersions, readNatsServerVersion } from './nats-server-version.ts';

export const programName = process.platform === 'win32' ? 'nats-server.exe' : 'nats-server';

/** `~/.cache/rockbot`, `~/Library/Caches/rockbot` or `%LOCALAPPDATA%\rockbot`. */
export function defaultCacheDir(env: NodeJS.ProcessEnv): string {
  if (process.platform === 'win32') {
    return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'rockbot');
  }
  if (process.platform === 'darwin') return join(homedir(), 'Library', 'Caches', 'rockbot');
  return join(env['XDG_CACHE_HOME'] || join(homedir(), '.cache'), 'rockbot');
}

/** Programs in the cache, newest version first; they may be broken. */
export async function listCachedNatsServers(cacheDir: string): Promise<string[]> {
  const names = await readdir(cacheDir).catch(() => []);
  return names
    .filter((name) => /^nats-server-\d/.test(name))
    .toSorted((a, b) => compareVersions(b.slice('nats-server-'.length), a.slice('nats-server-'.length)))
    .map((name) => join(cacheDir, name, programName));
}

/**
 * Copies a program into the cache under its own version and proves that it runs from there. Placed by one rename, so
 * that two processes doing this at once both end with a whole file.
 * @throws NatsServerError `unusable` when it does not run, before anything is placed.
 */
export async function placeInCache(
  program: string,
  { cacheDir, env, signal }: { cacheDir: string; env: NodeJS.ProcessEnv; signal?: AbortSignal | undefined },
): Promise<{ path: string; version: string }> {
  await mkdir(cacheDir, { recursive: true, mode: 0o700 });
  // The system's temp folder is often another file system, where a rename is no rename.
  const fresh = join(cacheDir, `.new-${randomUUID()}${process.platform === 'win32' ? '.exe' : ''}`);
  try {
    await copyFile(program, fresh);
    await chmod(fresh, 0o755);
    const version = await readNatsServerVersion(fresh, { env, signal });
    const folder = join(cacheDir, `nats-server-${version}`);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const path = join(folder, programName);
    try {
      await rename(fresh, path);
    } catch (error) {
      // Windows refuses to replace a running program; then another process placed one, and it must do.
      await readNatsServerVersion(path, { env, signal }).catch(() => {
        throw error;
      });
    }
    return { path, version };
  } finally {
    await rm(fresh, { force: true });
  }
}
