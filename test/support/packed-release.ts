// Packs a copy of the sources as a release is packed, and installs the npm package as a company would; it knows nothing of what is in it.
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import * as z from 'zod';

const repository = new URL('../..', import.meta.url).pathname;
const run = promisify(execFile);
const manifestSchema = z.looseObject({ version: z.string() });

export interface InstalledRelease {
  version: string;
  /** Folder of the package, with `deploy/` and `docs/`. */
  folder: string;
  /** The executables, as npm links them. */
  agent: string;
  cli: string;
}

/** What is no source: fetched, built, or about the tests. */
const notSources = new Set(['.git', '.cache', '.tsbuild', 'node_modules', 'dist', 'release', 'test', 'test-results']);

/** The sources as they are, as a clone would have them, without the tests. */
export async function copySources(to: string): Promise<void> {
  await mkdir(to, { recursive: true });
  for (const name of await readdir(repository))
    if (!notSources.has(name)) await cp(join(repository, name), join(to, name), { recursive: true });
}

/** Packs the sources into `{folder}/packed` and installs the npm package from there alone. `version` takes the place of theirs. */
export async function packAndInstall({
  folder,
  version,
}: {
  folder: string;
  version?: string;
}): Promise<InstalledRelease> {
  const [sources, packed, app] = [join(folder, 'sources'), join(folder, 'packed'), join(folder, 'app')];
  await copySources(sources);
  await symlink(join(repository, 'node_modules'), join(sources, 'node_modules'));
  const file = join(sources, 'package.json');
  const manifest = manifestSchema.parse(JSON.parse(await readFile(file, 'utf8')));
  const released = version ?? manifest.version;
  await writeFile(file, JSON.stringify({ ...manifest, version: released }, undefined, 2));
  await run(process.execPath, ['package.mjs', packed], { cwd: sources, maxBuffer: 16 * 1024 * 1024 });
  const archive = join(packed, `rockbot-${released}.tgz`);
  await run('npm', ['install', '--offline', '--omit=dev', '--no-audit', '--no-fund', '--prefix', app, archive], {
    cwd: folder,
  });
  // Whatever the umask here, another user runs it.
  await run('chmod', ['-R', 'a+rX', app]);
  const bin = (name: string): string => join(app, 'node_modules', '.bin', name);
  return {
    version: released,
    folder: join(app, 'node_modules', 'rockbot'),
    agent: bin('rockbot-agent'),
    cli: bin('rockbot'),
  };
}
