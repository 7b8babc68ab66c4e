// Makes a folder that only its owner may enter, and clears what a crash left half-written in it.
import { chmod, mkdir, readdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Creates `folder` with mode 0700, or narrows an existing one to it. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  await chmod(folder, 0o700);
}

/** Removes temporary files of `writeFileAtomic` that a kill left behind; call it only while holding the volume's lock. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) await unlink(join(folder, name)).catch(() => undefined);
  }
}
