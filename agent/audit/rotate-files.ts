// Moves a full file out of the way: `x` becomes `x.1`, `x.1` becomes `x.2`, and so on; the oldest goes. It knows no contents.
import { rename, stat } from 'node:fs/promises';

/**
 * Keeps `count` older files. From the oldest on, so that a crash in between loses nothing: it leaves a gap, which the next
 * rotation fills. Rejects with the file system's error.
 */
export async function rotateFiles(path: string, count: number): Promise<void> {
  const nameOf = (age: number): string => (age === 0 ? path : `${path}.${age}`);
  let free = 1;
  while (free < count && (await isThere(nameOf(free)))) free++;
  for (let age = free; age > 0; age--) await moveIfThere(nameOf(age - 1), nameOf(age));
}

function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

async function moveIfThere(from: string, to: string): Promise<void> {
  await rename(from, to).catch((error: NodeJS.ErrnoException) => {
    // Somebody else's rotation was here before.
    if (error.code !== 'ENOENT') throw error;
  });
}
