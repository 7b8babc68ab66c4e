// A program of Chromium's kind and how it is started; it knows nothing of where one comes from.
import { access } from 'node:fs/promises';
import { runCommand } from '../../../extension/local/run-command.ts';

export interface Chromium {
  executablePath: string;
  /** Environment that it needs beside the inherited one. */
  env: Record<string, string>;
}

/**
 * Returns what it was given.
 * @throws when the program does not run, for instance for a missing library.
 */
export async function checkChromium(chromium: Chromium): Promise<Chromium> {
  // On Windows and macOS the question for the version would open a window.
  if (process.platform !== 'linux') {
    await access(chromium.executablePath);
    return chromium;
  }
  const { code, stdout, stderr } = await runCommand(chromium.executablePath, {
    args: ['--version'],
    env: { ...process.env, ...chromium.env },
    timeoutMs: 20_000,
  });
  if (code === 0 && /Chrom|Edge/.test(stdout)) return chromium;
  throw new Error(`${chromium.executablePath} does not run: ${stderr.trim().split('\n').at(0)?.slice(0, 300)}`);
}
