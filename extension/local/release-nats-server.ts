// Downloads an official nats-server archive, checks it against the pinned checksum and unpacks it; it places nothing.
import { createHash } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { NatsServerError } from './nats-server-error.ts';
import { installAdvice } from './install-advice.ts';
import { programName } from './nats-server-cache.ts';
import type { NatsServerArchive } from './nats-server-release.ts';
import { runCommand } from './run-command.ts';

const largestArchive = 64 << 20;

export interface ReleaseOptions {
  archive: NatsServerArchive;
  /** A private, empty folder; the caller removes it. */
  directory: string;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onProgress?: ((message: string) => void) | undefined;
}

/**
 * Returns the path of the unpacked program inside `directory`. Nothing is unpacked before the checksum holds.
 * @throws NatsServerError `fetch_failed`, `checksum_mismatch`
 */
export async function downloadRelease(options: ReleaseOptions): Promise<string> {
  const { archive, directory, env, signal, onProgress } = options;
  onProgress?.(`Downloading ${archive.url}`);
  const bytes = await download(archive.url, signal);
  if (createHash('sha256').update(bytes).digest('hex') !== archive.sha256) {
    throw new NatsServerError({
      problem: 'checksum_mismatch',
      message: `What ${archive.url} sent is not the pinned release; it was thrown away.`,
      nextStep: `Look for a proxy that changes downloads. ${installAdvice(process.platform)}`,
    });
  }
  const file = join(directory, basename(new URL(archive.url).pathname));
  await writeFile(file, bytes, { mode: 0o600 });
  // Windows' own tar reads zip files; a GNU tar that stands earlier on the PATH does not.
  const tar = process.platform === 'win32' ? join(env['SystemRoot'] ?? 'C:\\Windows', 'System32', 'tar.exe') : 'tar';
  const result = await runCommand(tar, { args: ['-xf', file], cwd: directory, env, timeoutMs: 60_000, signal });
  if (result.code !== 0) throw failed(`unpacking failed: ${result.stderr.trim().slice(0, 200)}`);
  const program = (await readdir(directory, { recursive: true })).find((name) => basename(name) === programName);
  if (program === undefined) throw failed(`${basename(file)} holds no ${programName}`);
  return join(directory, program);
}

async function download(url: string, signal: AbortSignal | undefined): Promise<Uint8Array> {
  const deadline = AbortSignal.timeout(120_000);
  try {
    const response = await fetch(url, { signal: signal ? AbortSignal.any([signal, deadline]) : deadline });
    if (!response.ok || response.body === null) throw failed(`HTTP ${response.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of response.body) {
      size += chunk.byteLength;
      if (size > largestArchive) throw failed(`more than ${largestArchive} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (signal?.aborted) throw signal.reason;
    if (error instanceof NatsServerError) throw error;
    const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error);
    throw failed(cause, error);
  }
}

function failed(reason: string, cause?: unknown): NatsServerError {
  return new NatsServerError({
    problem: 'fetch_failed',
    message: `The nats-server release could not be fetched: ${reason}`,
    nextStep: installAdvice(process.platform),
    cause,
  });
}
