// Tries before the start whether the agent can keep files in a folder; it leaves nothing behind.
import { randomBytes } from 'node:crypto';
import { accessSync, closeSync, constants, fsyncSync, openSync, statSync, unlinkSync, writeSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** About what the smallest file system gives to a file; an empty file needs no space. */
export const probeBytes = 4_096;

/** What follows the folder's name in a sentence, with the system's code; undefined when all is well. */
export function volumeProblem(folder: string): string | undefined {
  const path = resolve(folder);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (found === undefined) return unmakeable(path);
    if (!found.isDirectory()) return ', which is no folder (ENOTDIR)';
    tryToWrite(path);
    return undefined;
  } catch (error) {
    return writeProblem(error);
  }
}

/** What follows the folder's name in a sentence about a write that failed. */
export function writeProblem(error: unknown): string {
  const { code } = error as NodeJS.ErrnoException;
  if (code === 'ENOSPC' || code === 'EDQUOT') return `, which has no space left (${code})`;
  return `, which cannot be written to (${code ?? String(error)})`;
}

/** Whether the nearest folder above lets it be made; it is made only when everything else is right, too. */
function unmakeable(path: string): string | undefined {
  let above = dirname(path);
  while (statSync(above, { throwIfNoEntry: false }) === undefined && above !== dirname(above)) above = dirname(above);
  if (!statSync(above).isDirectory()) return `, which cannot be made, because ${above} is no folder (ENOTDIR)`;
  try {
    accessSync(above, constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return `, which cannot be made, because ${above} cannot be written to (${(error as NodeJS.ErrnoException).code})`;
  }
}

function tryToWrite(folder: string): void {
  const path = join(folder, `.probe.${randomBytes(6).toString('hex')}.tmp`);
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, Buffer.alloc(probeBytes));
    fsyncSync(file);
  } finally {
    closeSync(file);
    unlinkSync(path);
  }
}
