// Writes a file so that a crash at any instant leaves the old or the new content, never a mixture; private from creation.
import { open, rename, unlink, type FileHandle } from 'node:fs/promises';
import { randomBytes } from 'node:crypto';
import { basename, dirname, join } from 'node:path';

/** The file system, as far as it is needed here. */
export interface AtomicFiles {
  open(
    path: string,
    flags: 'wx' | 'r',
    mode?: number,
  ): Promise<Pick<FileHandle, 'close' | 'sync'> & { writeFile(content: string | Uint8Array): Promise<void> }>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
}

/**
 * Temp file (0600), fsync, rename, fsync of the folder. Rejects with the file system's error and leaves `path` as it was, or
 * as it was to be when only its folder could not be synced.
 */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  files: AtomicFiles = { open, rename, unlink },
): Promise<void> {
  const folder = dirname(path);
  const temporary = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}.tmp`);
  try {
    const file = await files.open(temporary, 'wx', 0o600);
    try {
      await file.writeFile(content);
      await file.sync();
    } finally {
      await file.close();
    }
    await files.rename(temporary, path);
  } catch (error) {
    await files.unlink(temporary).catch(() => undefined);
    throw error;
  }
  await syncFolder(folder, files);
}

/** Makes a rename durable; file systems that cannot sync a folder (Windows) are left alone. */
async function syncFolder(folder: string, files: AtomicFiles): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await files.open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
