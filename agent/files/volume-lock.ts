// One agent per volume: `agent.lock` names its owner, who renews it; it is taken over only when the owner is gone.
import { randomUUID } from 'node:crypto';
import { link, readFile, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import * as z from 'zod';

const ownerSchema = z.object({
  /** Becomes part of a file's name. */
  id: z.string().regex(/^[\w-]{1,64}$/),
  pid: z.number().int(),
  host: z.string(),
  /** Tells a process from a later one with the same pid (always 1 in a container); absent where it cannot be read. */
  processStart: z.string().optional(),
  startedAt: z.string(),
});

type Owner = z.infer<typeof ownerSchema>;

/** Milliseconds between renewals, and after which a lock of another host counts as left behind. */
const renewIntervalMs = 5_000;
const foreignStaleMs = 30_000;
const takeOverAttempts = 20;

export class VolumeInUseError extends Error {}

export interface VolumeLock {
  /** Aborts when another process has taken the volume, which must end this one. */
  lost: AbortSignal;
  release(): Promise<void>;
}

/** Takes the lock. Throws VolumeInUseError while its owner lives, or may live on another host. */
export async function acquireVolumeLock(path: string): Promise<VolumeLock> {
  const owner: Owner = {
    id: randomUUID(),
    pid: process.pid,
    host: hostname(),
    processStart: processStartOf(process.pid),
    startedAt: new Date().toISOString(),
  };
  for (let attempt = 0; attempt < takeOverAttempts; attempt++) {
    if (await tryCreate(path, owner)) return hold(path, owner, await deviceOf(path));
    if (!(await removeIfStale(path, owner))) await delay(10 + 20 * Math.random());
  }
  throw new VolumeInUseError(`The lock ${path} changes hands; another agent is starting on this volume.`);
}

async function tryCreate(path: string, owner: Owner): Promise<boolean> {
  // Written under another name and linked, so that nobody ever reads a half-written lock.
  const temporary = `${path}.${owner.id}`;
  await writeFile(temporary, `${JSON.stringify(owner)}\n`, { mode: 0o600, flag: 'wx' });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    // A file system without hard links, such as SMB: created in place, which a crash in between leaves half-written.
    return createInPlace(path, owner);
  } finally {
    await unlink(temporary);
  }
}

async function createInPlace(path: string, owner: Owner): Promise<boolean> {
  try {
    await writeFile(path, `${JSON.stringify(owner)}\n`, { mode: 0o600, flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

/**
 * Removes a lock that was left behind; false while somebody else is about to. The right to remove it is itself a lock, named
 * after the owner that is gone, and the lock is looked at again under it: else a slow starter that had seen the old lock
 * could remove the new one of a quicker starter.
 */
async function removeIfStale(path: string, owner: Owner): Promise<boolean> {
  const seen = await readLock(path);
  if (seen === undefined) return true;
  if (!isGone(seen)) throw new VolumeInUseError(inUseMessage(path, seen.owner));
  const right = `${path}.${seen.owner?.id ?? 'unknown'}.stale`;
  if (!(await tryCreate(right, owner))) {
    const holder = await readLock(right);
    // A starter that was killed while it had the right leaves that behind, too.
    return holder !== undefined && isGone(holder) ? removeIfStale(right, owner) : false;
  }
  try {
    const again = await readLock(path);
    if (again !== undefined && again.owner?.id === seen.owner?.id && isGone(again)) await unlink(path);
  } finally {
    await unlink(right);
  }
  return true;
}

interface SeenLock {
  /** Undefined for a file that is no lock of ours. */
  owner: Owner | undefined;
  ageMs: number;
}

async function readLock(path: string): Promise<SeenLock | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    return { owner: parseOwner(text), ageMs: Date.now() - mtimeMs };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

function parseOwner(text: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function isGone({ owner, ageMs }: SeenLock): boolean {
  if (owner === undefined || owner.host !== hostname()) return ageMs > foreignStaleMs;
  if (!isAlive(owner.pid)) return true;
  return owner.processStart !== undefined && owner.processStart !== processStartOf(owner.pid);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** Start time of a process in clock ticks since boot, from /proc/{pid}/stat field 22 (proc(5)). */
function processStartOf(pid: number): string | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return fields.slice(fields.lastIndexOf(')') + 2).split(' ')[19];
  } catch {
    return undefined;
  }
}

/** The device that the lock's folder is on: another one, or none, shows that a mount has gone away. */
async function deviceOf(path: string): Promise<number | undefined> {
  return stat(dirname(path)).then(
    ({ dev }) => dev,
    () => undefined,
  );
}

function hold(path: string, owner: Owner, device: number | undefined): VolumeLock {
  const lost = new AbortController();
  const timer = setInterval(() => void renew(), renewIntervalMs);
  timer.unref();
  async function renew(): Promise<void> {
    const seen = await readLock(path).catch(() => null);
    // A volume that cannot be read right now, or is not there, says nothing about the owner.
    if (seen === null || (seen === undefined && (await deviceOf(path)) !== device)) return;
    if (seen?.owner?.id !== owner.id) {
      clearInterval(timer);
      lost.abort(new VolumeInUseError(inUseMessage(path, seen?.owner)));
      return;
    }
    const now = new Date();
    await utimes(path, now, now).catch(() => undefined);
  }
  return {
    lost: lost.signal,
    async release() {
      clearInterval(timer);
      const seen = await readLock(path).catch(() => undefined);
      if (seen?.owner?.id === owner.id) await unlink(path).catch(() => undefined);
    },
  };
}

function inUseMessage(path: string, owner: Owner | undefined): string {
  const who =
    owner === undefined ? 'another process' : `process ${owner.pid} on ${owner.host}, started ${owner.startedAt}`;
  return (
    `The volume is in use by ${who} (${path}). One agent per volume: stop that one, or give this one its own Agent__DataDir. ` +
    `A lock whose owner died on another host is taken over ${foreignStaleMs / 1000} s after its last sign of life.`
  );
}
