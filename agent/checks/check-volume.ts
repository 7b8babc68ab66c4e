// Findings about the agent's volume: whether it can be written to, and how much room is left. It knows none of its files.
import { statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { abortable } from '../../shared/abort.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { writeProblem } from '../files/volume-problem.ts';
import { writeProbe } from '../files/volume-watch.ts';

export interface VolumeCheckOptions {
  dataDir: string;
  /** Writes a little to the path, makes sure of it and removes it. */
  tryToWrite?: (path: string) => Promise<void>;
  /** Bytes that the agent may still use. */
  freeBytes?: (folder: string) => Promise<number>;
  /** Milliseconds after which a volume without an answer is a problem. */
  patienceMs?: number;
}

/** Bytes: below the first no token may find room soon, below the second records and the audit log will use it up. */
export const failedBelowBytes = 16 * 1024 * 1024;
export const warnBelowBytes = 256 * 1024 * 1024;

const makeRoom = 'Free some space on the volume, or give it more.';

export async function checkVolume(options: VolumeCheckOptions): Promise<Finding[]> {
  const { dataDir, tryToWrite = writeProbe, freeBytes = availableBytes, patienceMs = 5_000 } = options;
  const answered = async <Value>(work: Promise<Value>): Promise<Value> => {
    using patience = startDeadline(patienceMs, { reason: () => silence });
    return await abortable(work, patience.signal);
  };
  return [await checkWriting(dataDir, tryToWrite, answered), await checkSpace(dataDir, freeBytes, answered)];
}

type Answered = <Value>(work: Promise<Value>) => Promise<Value>;

const silence = new Error('no answer');

async function checkWriting(
  dataDir: string,
  tryToWrite: (path: string) => Promise<void>,
  answered: Answered,
): Promise<Finding> {
  try {
    // A name of its own: the watch over the volume may be writing its probe at the same moment.
    await answered(tryToWrite(join(dataDir, '.doctor-probe')));
    return finding('agent.volume', 'ok', `${dataDir} can be written to.`);
  } catch (error) {
    const problem = error === silence ? ', which does not answer' : writeProblem(error);
    return finding('agent.volume', 'failed', `Agent__DataDir is "${dataDir}"${problem}.`, {
      action: 'Make the volume writable for the agent; what it could not store is tried again by itself.',
    });
  }
}

async function checkSpace(
  dataDir: string,
  freeBytes: (folder: string) => Promise<number>,
  answered: Answered,
): Promise<Finding> {
  let free: number;
  try {
    free = await answered(freeBytes(dataDir));
  } catch (error) {
    const why = error === silence ? 'no answer' : ((error as NodeJS.ErrnoException).code ?? 'unknown');
    return finding('agent.disk', 'skipped', `How much room is left cannot be asked here (${why}).`);
  }
  const what = `${Math.floor(free / 1024 / 1024)} MB are left on the volume.`;
  if (free < failedBelowBytes) return finding('agent.disk', 'failed', what, { action: makeRoom });
  if (free < warnBelowBytes) return finding('agent.disk', 'warning', what, { action: makeRoom });
  return finding('agent.disk', 'ok', what);
}

async function availableBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}
