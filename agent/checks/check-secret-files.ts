// Finding about who may read the files with secrets: 0600 in a folder of 0700 (promise P2). It opens none of them.
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';

export interface SecretFilesOptions {
  dataDir: string;
  cacheFile: string;
  platform?: NodeJS.Platform;
}

/** Everybody but the owner. */
const others = 0o077;
const named = 10;

export async function checkSecretFiles({
  dataDir,
  cacheFile,
  platform = process.platform,
}: SecretFilesOptions): Promise<Finding> {
  if (platform === 'win32')
    return finding('agent.secrets', 'skipped', 'Windows keeps rights in another way; they are not looked at.');
  const folder = join(dataDir, 'secrets');
  try {
    const paths = [folder, ...(await filesIn(folder)), ...(await cacheFiles(cacheFile, folder))];
    const modes = (await Promise.all(paths.map(modeOf))).filter((mode) => mode !== undefined);
    const open = modes.filter(({ mode }) => (mode & others) !== 0);
    if (open.length === 0)
      return finding('agent.secrets', 'ok', `${folder} and what is in it can be read by the agent's user alone.`);
    const list = open
      .slice(0, named)
      .map(({ path, mode }) => `${path} (${(mode & 0o777).toString(8).padStart(4, '0')})`);
    const rest = open.length > named ? ` and ${open.length - named} more` : '';
    return finding('agent.secrets', 'failed', `Other users may get at ${list.join(', ')}${rest}.`, {
      fault: 'configuration',
      action: `Set folders to 0700 and files to 0600 (chmod -R go= ${folder}), and look who could read them until now; when in doubt, disconnect and sign in again.`,
    });
  } catch (error) {
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    return finding('agent.secrets', 'failed', `${folder} cannot be looked at (${code}).`, {
      action: "Give the folder to the agent's user.",
    });
  }
}

/** A cache that lies elsewhere shares its folder with what is not ours to judge. */
async function cacheFiles(cacheFile: string, folder: string): Promise<string[]> {
  if (dirname(cacheFile) === folder) return [];
  const name = basename(cacheFile);
  return (await filesIn(dirname(cacheFile))).filter((path) => basename(path).startsWith(name));
}

async function filesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries.map((name) => join(folder, name));
}

/** Undefined for what is gone by now. */
async function modeOf(path: string): Promise<{ path: string; mode: number } | undefined> {
  try {
    return { path, mode: (await stat(path)).mode };
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
