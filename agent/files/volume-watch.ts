// Looks now and then whether the agent's folder can be written to, by writing a small file; tells only what has changed.
import { access, open, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '../../shared/abort.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { probeBytes, writeProblem } from './volume-problem.ts';

export interface VolumeWatchOptions {
  folder: string;
  /** Name of a file that is there for as long as the volume is. */
  mark?: string;
  /** What follows the folder's name in a sentence, or undefined when all is well again. Not called while nothing changes. */
  onChange: (problem: string | undefined) => void;
  /** Milliseconds between looks. */
  intervalMs?: number;
  /** Milliseconds after which a look without an answer is a problem. */
  patienceMs?: number;
  /** Writes a little to `path`, makes sure of it, and removes it. Rejects with the file system's error. */
  tryToWrite?: (path: string) => Promise<void>;
}

export interface VolumeWatch {
  close(): void;
}

/** One name, so that what a kill leaves behind is overwritten by the next look; the volume's lock keeps others away. */
const probeName = '.volume-probe';

/** All is taken to be well at the start, which has looked for itself. */
export function watchVolume({
  folder,
  mark,
  onChange,
  intervalMs = 10_000,
  patienceMs = 5_000,
  tryToWrite = writeProbe,
}: VolumeWatchOptions): VolumeWatch {
  const path = join(folder, probeName);
  const closing = new AbortController();
  let last: string | undefined;
  let underWay: Promise<string | undefined> | undefined;

  /** Undefined when all is well. */
  async function probe(): Promise<string | undefined> {
    // The folder that a mount has covered may well be writable.
    if (mark !== undefined && (await isMissing(join(folder, mark)))) return ', whose volume is away';
    await tryToWrite(path);
    return undefined;
  }

  async function look(): Promise<void> {
    const silence = new Error('no answer');
    using patience = startDeadline(patienceMs, { reason: () => silence, signal: closing.signal });
    // A volume that hangs is not asked again before it has answered.
    underWay ??= probe().finally(() => {
      underWay = undefined;
    });
    const problem = await abortable(underWay, patience.signal).catch((error: unknown) =>
      error === silence ? ', which does not answer' : writeProblem(error),
    );
    if (closing.signal.aborted || problem === last) return;
    last = problem;
    onChange(problem);
  }

  let looking = false;
  const timer = setInterval(() => {
    if (looking) return;
    looking = true;
    void look().finally(() => {
      looking = false;
    });
  }, intervalMs).unref();
  return {
    close() {
      clearInterval(timer);
      closing.abort();
    },
  };
}

async function isMissing(path: string): Promise<boolean> {
  return access(path).then(
    () => false,
    (error: NodeJS.ErrnoException) => error.code === 'ENOENT',
  );
}

/** Writes a little to `path`, makes sure of it, and removes it. Rejects with the file system's error. */
export async function writeProbe(path: string): Promise<void> {
  const file = await open(path, 'w', 0o600);
  try {
    await file.writeFile(Buffer.alloc(probeBytes));
    await file.sync();
  } finally {
    await file.close();
    await unlink(path);
  }
}
