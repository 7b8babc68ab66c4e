// Finds a nats-server program or fetches one without root; it does not start it.
import { access, constants, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { downloadWithApt, hasApt } from './apt-nats-server.ts';
import { installAdvice } from './install-advice.ts';
import { defaultCacheDir, listCachedNatsServers, placeInCache, programName } from './nats-server-cache.ts';
import { NatsServerError } from './nats-server-error.ts';
import { releaseArchive } from './nats-server-release.ts';
import { readNatsServerVersion } from './nats-server-version.ts';
import { downloadRelease } from './release-nats-server.ts';

export interface NatsServerProgram {
  /** Absolute path. */
  path: string;
  /** As "2.9.10". */
  version: string;
  source: 'env' | 'path' | 'cache' | 'apt' | 'release';
}

export interface FindNatsServerOptions {
  /** Where fetched programs are kept; by default the user's cache folder. */
  cacheDir?: string | undefined;
  /** `ROCKBOT_NATS_SERVER` names a program that is then used and nothing else; `PATH` is searched. */
  env?: NodeJS.ProcessEnv | undefined;
  signal?: AbortSignal | undefined;
  /** One line for a person whenever something takes time. */
  onProgress?: ((message: string) => void) | undefined;
}

/** Daemons' folders, and Homebrew's, are often missing from the PATH of a user or of a desktop application. */
const furtherFolders =
  process.platform === 'win32' ? [] : ['/usr/sbin', '/usr/local/sbin', '/usr/local/bin', '/opt/homebrew/bin'];

/**
 * The first of: the program in `ROCKBOT_NATS_SERVER`, the PATH, the cache, the system's package archive (apt), the
 * pinned official release.
 * @throws NatsServerError `unusable` when `ROCKBOT_NATS_SERVER` does not run, `not_found` with every reason otherwise.
 */
export async function findNatsServer(options: FindNatsServerOptions = {}): Promise<NatsServerProgram> {
  const { env = process.env, signal } = options;
  const cacheDir = options.cacheDir ?? defaultCacheDir(env);
  signal?.throwIfAborted();

  const named = env['ROCKBOT_NATS_SERVER'];
  if (named) return { path: named, version: await readNatsServerVersion(named, { env, signal }), source: 'env' };

  for (const folder of [...(env['PATH'] ?? '').split(delimiter).filter(Boolean), ...furtherFolders]) {
    const found = await tryProgram(join(folder, programName), { ...options, env });
    if (found !== undefined) return { ...found, source: 'path' };
  }
  for (const path of await listCachedNatsServers(cacheDir)) {
    const found = await tryProgram(path, { ...options, env });
    if (found !== undefined) return { ...found, source: 'cache' };
  }
  return fetchNatsServer({ ...options, env, cacheDir });
}

async function tryProgram(
  path: string,
  { env, signal, onProgress }: FindNatsServerOptions & { env: NodeJS.ProcessEnv },
): Promise<{ path: string; version: string } | undefined> {
  const there = await access(path, constants.X_OK).then(
    () => true,
    () => false,
  );
  if (!there) return undefined;
  try {
    return { path, version: await readNatsServerVersion(path, { env, signal }) };
  } catch (error) {
    if (signal?.aborted) throw error;
    onProgress?.((error as Error).message);
    return undefined;
  }
}

async function fetchNatsServer(
  options: FindNatsServerOptions & { env: NodeJS.ProcessEnv; cacheDir: string },
): Promise<NatsServerProgram> {
  const { cacheDir, env, signal, onProgress } = options;
  const failures: NatsServerError[] = [];
  const attempt = async (
    source: 'apt' | 'release',
    get: (directory: string) => Promise<string>,
  ): Promise<NatsServerProgram | undefined> => {
    const directory = await mkdtemp(join(tmpdir(), 'rockbot-fetch-'));
    try {
      const placed = await placeInCache(await get(directory), { cacheDir, env, signal });
      onProgress?.(`nats-server ${placed.version} is ready in ${placed.path}`);
      return { ...placed, source };
    } catch (error) {
      if (!(error instanceof NatsServerError)) throw error;
      failures.push(error);
      return undefined;
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  };

  if (process.platform === 'linux' && (await hasApt())) {
    const found = await attempt('apt', (directory) => downloadWithApt({ directory, env, signal, onProgress }));
    if (found !== undefined) return found;
  }
  const archive = releaseArchive(process.platform, process.arch);
  if (archive !== undefined) {
    const found = await attempt('release', (directory) =>
      downloadRelease({ archive, directory, env, signal, onProgress }),
    );
    if (found !== undefined) return found;
  }
  throw new NatsServerError({
    problem: 'not_found',
    message: [
      'There is no nats-server on this machine and none could be fetched.',
      ...failures.map((failure) => failure.message),
    ].join(' '),
    nextStep: installAdvice(process.platform),
    cause: failures.at(-1),
  });
}
