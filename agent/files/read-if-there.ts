// Reads a text file that need not be there.
import { readFile } from 'node:fs/promises';

/** Undefined when there is no such file; rejects with the file system's error for one that cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
}
