// The user's folder for RockBot's own settings, and files in it that only the user can read.
import { randomUUID } from 'node:crypto';
import { chmod, constants, copyFile, link, mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';

/** `$XDG_CONFIG_HOME/rockbot` or `~/.config/rockbot`, `~/Library/Application Support/rockbot`, `%APPDATA%\rockbot`. */
export function configFolder(env: NodeJS.ProcessEnv, platform: NodeJS.Platform = process.platform): string {
  if (platform === 'win32') return join(env['APPDATA'] || join(homedir(), 'AppData', 'Roaming'), 'rockbot');
  if (env['XDG_CONFIG_HOME']) return join(env['XDG_CONFIG_HOME'], 'rockbot');
  if (platform === 'darwin') return join(homedir(), 'Library', 'Application Support', 'rockbot');
  return join(homedir(), '.config', 'rockbot');
}

/**
 * Writes a file of mode 0600 in a folder of mode 0700, whole or not at all. With `keepExisting` a file that is there
 * already stays as it is.
 */
export async function writePrivateFile(
  path: string,
  text: string,
  { keepExisting = false }: { keepExisting?: boolean } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await chmod(dirname(path), 0o700);
  const fresh = `${path}.${randomUUID()}.new`;
  try {
    await writeFile(fresh, text, { mode: 0o600, flag: 'wx', flush: true });
    if (keepExisting) {
      await link(fresh, path).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code === 'EEXIST') return;
        // A file system without hard links, such as a network or memory-card one.
        await copyFile(fresh, path, constants.COPYFILE_EXCL);
        await chmod(path, 0o600);
      });
    } else {
      await rename(fresh, path);
    }
  } finally {
    await rm(fresh, { force: true });
  }
}
