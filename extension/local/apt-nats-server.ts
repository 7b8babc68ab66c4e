// Gets nats-server out of Debian's and Ubuntu's package without root and without installing it; apt proves its origin.
import { access, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { NatsServerError } from './nats-server-error.ts';
import { installAdvice } from './install-advice.ts';
import { runCommand, type CommandResult } from './run-command.ts';

const systemPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

export interface AptOptions {
  /** A private, empty folder; the caller removes it. */
  directory: string;
  env: NodeJS.ProcessEnv;
  signal?: AbortSignal | undefined;
  onProgress?: ((message: string) => void) | undefined;
}

export async function hasApt(): Promise<boolean> {
  return access('/usr/bin/apt-get').then(
    () =>
      access('/usr/bin/dpkg-deb').then(
        () => true,
        () => false,
      ),
    () => false,
  );
}

/**
 * Returns the path of the unpacked program inside `directory`.
 * @throws NatsServerError `fetch_failed`
 */
export async function downloadWithApt({ directory, env, signal, onProgress }: AptOptions): Promise<string> {
  const run = (program: string, args: string[], timeoutMs: number): Promise<CommandResult> =>
    runCommand(program, {
      args,
      cwd: directory,
      env: { ...env, PATH: systemPath, LC_ALL: 'C', DEBIAN_FRONTEND: 'noninteractive' },
      timeoutMs,
      signal,
    });

  // As root, apt drops to the user _apt, who may not write into a private folder.
  const common = ['-q', '-o', 'APT::Sandbox::User=root', '-o', 'Acquire::Retries=1', '-o', 'Acquire::http::Timeout=20'];
  const get = (extra: string[]): Promise<CommandResult> =>
    run('/usr/bin/apt-get', [...common, ...extra, 'download', 'nats-server'], 90_000);

  onProgress?.('Fetching nats-server from the package archive of this system');
  let result = await get([]);
  if (result.code !== 0) {
    // No package lists here, or they are older than the archive: fetch lists of our own.
    onProgress?.('Fetching package lists');
    const state = join(directory, 'state');
    const cache = join(directory, 'cache');
    await mkdir(join(state, 'lists', 'partial'), { recursive: true });
    await mkdir(join(cache, 'archives', 'partial'), { recursive: true });
    const own = [
      `Dir::State=${state}`,
      'Dir::State::status=/var/lib/dpkg/status',
      `Dir::Cache=${cache}`,
      'Acquire::Languages=none',
    ].flatMap((setting) => ['-o', setting]);
    // Its exit code says nothing: one broken source of several is enough to fail it.
    await run('/usr/bin/apt-get', [...common, ...own, 'update'], 180_000);
    result = await get(own);
  }
  const archive = (await readdir(directory)).find((name) => name.startsWith('nats-server_') && name.endsWith('.deb'));
  if (result.code !== 0 || archive === undefined) throw failed(result);

  const unpacked = join(directory, 'unpacked');
  result = await run('/usr/bin/dpkg-deb', ['-x', archive, unpacked], 60_000);
  if (result.code !== 0) throw failed(result);
  for (const folder of ['usr/sbin', 'usr/bin']) {
    const program = join(unpacked, folder, 'nats-server');
    if (
      await access(program).then(
        () => true,
        () => false,
      )
    )
      return program;
  }
  throw failed({ code: 0, stdout: '', stderr: 'the package holds no nats-server program' });
}

function failed({ stderr, stdout }: CommandResult): NatsServerError {
  const line =
    (stderr || stdout)
      .trim()
      .split('\n')
      .findLast((text) => text.trim() !== '') ?? 'no reason given';
  return new NatsServerError({
    problem: 'fetch_failed',
    message: `nats-server could not be fetched with apt: ${line.slice(0, 300)}`,
    nextStep: installAdvice('linux'),
  });
}
