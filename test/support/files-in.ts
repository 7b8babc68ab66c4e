// The text of every file below a folder, for searches; it knows nothing of what is searched for.
import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Place } from './leak-search.ts';

/** Named by their paths in the folder; without those that are gone by the time they are read. `leftOut`: those of files that may hold what is searched for. */
export async function filesIn(folder: string, leftOut: readonly string[] = []): Promise<Place[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
  const wanted = paths
    .map((path) => ({ path, name: relative(folder, path) }))
    .filter(({ name }) => !leftOut.includes(name));
  const read = await Promise.all(
    wanted.map(async ({ path, name }) => {
      try {
        return { name, text: await readFile(path, 'latin1') };
      } catch (error) {
        // A running process replaces and removes files of its own.
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    }),
  );
  return read.filter((place) => place !== undefined);
}
