// Whether mcp.json is the agent's own to write, and how it is written: whole, at once, as private as it was. It knows no entries.
import { constants } from 'node:fs';
import { access, lstat, open, rename, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { writeFileAtomic } from '../files/atomic-file.ts';

/**
 * A link would be replaced by a plain file, and what it leads to (a ConfigMap) would never be read again. `isMissing`: the file was
 * there and is gone, while what stood in it is in force.
 * Throws RockBotError `forbidden` for a file that comes from elsewhere, `execution_failed` for one that cannot be written.
 */
export async function assertOwnFile(path: string, isMissing: boolean): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isSymbolicLink() === true)
    throw new RockBotError({
      code: 'forbidden',
      message: `${path} is a symbolic link: the file comes from elsewhere, such as a ConfigMap, and is not changed over the bus.`,
      action: 'Change it where it comes from.',
    });
  if (found === undefined && isMissing)
    throw new RockBotError({
      code: 'execution_failed',
      message: `${path} is gone, and a new one would take the place of what stood in it.`,
      action: 'Have the operator put it back, or write {} into it for no servers.',
    });
  await access(`${dirname(path)}/.`, constants.W_OK).catch((error: unknown) => {
    throw notWritable(path, error);
  });
}

/** A file that is there keeps its mode, and its owner where the agent may give it; a new one is 0600. Throws RockBotError `execution_failed`. */
export async function writeOwnFile(path: string, text: string): Promise<void> {
  try {
    const before = await stat(path).catch(() => undefined);
    await writeFileAtomic(path, text, {
      rename,
      unlink,
      async open(name, flags, mode) {
        const file = await open(name, flags, mode);
        if (flags !== 'wx' || before === undefined) return file;
        await file.chown(before.uid, before.gid).catch(() => undefined);
        await file.chmod(before.mode & 0o777);
        return file;
      },
    });
  } catch (error) {
    throw notWritable(path, error);
  }
}

function notWritable(path: string, cause: unknown): RockBotError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
  return new RockBotError({
    code: 'execution_failed',
    message: `${path} cannot be written (${code}): its folder belongs to somebody else, such as a ConfigMap, or has no room.`,
    action: 'Change it where it comes from, or let the agent write there.',
    cause,
  });
}
