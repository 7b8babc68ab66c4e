// The folder in which patrols keep their state and their run records: whole files, written atomically and for their owner alone.
import { open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../files/atomic-file.ts';
import { ensurePrivateFolder, removeTemporaryFiles } from '../files/private-folder.ts';
import { readIfThere } from '../files/read-if-there.ts';

/** Reject with the file system's error. */
export interface PatrolFiles {
  list(): Promise<{ name: string; bytes: number }[]>;
  /** Undefined when there is no such file. */
  read(name: string): Promise<string | undefined>;
  /** The first line alone, without its end. */
  readLine(name: string): Promise<string | undefined>;
  /** The old content or the new one, whatever happens. */
  write(name: string, content: string): Promise<void>;
  /** No error when it is gone already. */
  remove(name: string): Promise<void>;
  /** Keeps what cannot be used out of the way. */
  setAside(name: string): Promise<void>;
}

const chunkBytes = 16 * 1024;
const newline = 0x0a;
/** No first line that was written here is as long. */
const maxLineBytes = 2 * 1024 * 1024;

/** Only for the holder of the volume's lock. */
export async function openPatrolFiles(folder: string): Promise<PatrolFiles> {
  await ensurePrivateFolder(folder);
  await removeTemporaryFiles(folder);
  return {
    async list() {
      const entries = await readdir(folder, { withFileTypes: true });
      const files = entries.filter((entry) => entry.isFile());
      const sizes = files.map(({ name }) =>
        stat(join(folder, name)).then(
          ({ size }) => [{ name, bytes: size }],
          () => [],
        ),
      );
      return (await Promise.all(sizes)).flat();
    },
    read: (name) => readIfThere(join(folder, name)),
    readLine: (name) => readLine(join(folder, name)),
    write: (name, content) => writeFileAtomic(join(folder, name), content),
    remove: (name) =>
      unlink(join(folder, name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT') throw error;
      }),
    setAside: (name) => rename(join(folder, name), join(folder, `${name}.unusable`)),
  };
}

async function readLine(path: string): Promise<string | undefined> {
  const file = await open(path, 'r').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (file === undefined) return undefined;
  try {
    const chunks: Buffer[] = [];
    for (let position = 0; position < maxLineBytes;) {
      const { bytesRead, buffer } = await file.read(Buffer.alloc(chunkBytes), 0, chunkBytes, position);
      const end = buffer.subarray(0, bytesRead).indexOf(newline);
      chunks.push(buffer.subarray(0, end === -1 ? bytesRead : end));
      if (end !== -1 || bytesRead === 0) break;
      position += bytesRead;
    }
    return Buffer.concat(chunks).toString('utf8');
  } finally {
    await file.close();
  }
}
