// Settles among all windows of one machine which one tells of something or asks it; it shows nothing.
import { mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** So many claims are remembered. */
const kept = 20;

/** True for the one that claimed `id` first; a file made exclusively is the one thing that all windows agree on. */
export async function claimOnce(folder: string, id: string): Promise<boolean> {
  const name = id.replace(/[^\w-]/g, '_').slice(0, 120);
  try {
    await mkdir(folder, { recursive: true });
  } catch {
    // Without a folder to agree on, being told twice is better than not at all.
    return true;
  }
  try {
    await (await open(join(folder, name), 'wx')).close();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'EEXIST';
  }
  await forgetOld(folder);
  return true;
}

async function forgetOld(folder: string): Promise<void> {
  const files = await Promise.all(
    (await readdir(folder).catch(() => [])).map(async (name) => {
      const path = join(folder, name);
      return { path, at: (await stat(path).catch(() => undefined))?.mtimeMs ?? 0 };
    }),
  );
  const newestFirst = files.toSorted((left, right) => right.at - left.at);
  await Promise.all(newestFirst.slice(kept).map(({ path }) => rm(path, { force: true })));
}
