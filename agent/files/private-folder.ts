// Makes a folder that only its owner may enter, and clears what a crash left half-written in it.
import { chmod, mkdir, readdir, unlink } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/** Creates `folder` with mode 0700, or narrows an existing one to it. */
export async function ensurePrivateFolder(folder: string): Promise<void> {
  await makeFolder(folder);
  await chmod(folder, 0o700);
}

/**
 * Makes `folder` and what is missing above it, with mode 0700. Step by step, because Node's own recursive mkdir never ends
 * where the system says that a parent is there and not there (below /proc, for example).
 */
export async function makeFolder(folder: string): Promise<void> {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path); path = dirname(path)) missing.push(path);
  for (const path of missing.toReversed()) {
    await mkdir(path, { mode: 0o700 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
  }
}

/** Removes temporary files of `writeFileAtomic` that a kill left behind; call it only while holding the volume's lock. */
export async function removeTemporaryFiles(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (/^\..+\.[0-9a-f]{12}\.tmp$/.test(name)) await unlink(join(folder, name)).catch(() => undefined);
  }
}
