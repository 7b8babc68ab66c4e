// Resident memory of another process.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

/** As the system counts it; `ps` is there on Linux and macOS. */
export async function residentMegabytes(pid: number): Promise<number> {
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]);
  return Number(stdout) / 1024;
}
