// Brings the VS Code server and its workbench from npm into the user's cache; it starts nothing.
import { createHash } from 'node:crypto';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runCommand } from '../../../extension/local/run-command.ts';
import { cacheFolder } from './cache-folder.ts';
import { prepare } from './code-server/prepare.ts';
import type { Progress } from './progress.ts';

const sources = new URL('code-server/', import.meta.url).pathname;
const files = ['package.json', 'package-lock.json', 'spdlog.cjs', 'prepare.ts'];

/** The server's root folder, with `out/server-main.js`. Taken from npm once: 60 MB, ten seconds on a fast line. */
export async function provideServer({ say, signal }: Progress): Promise<string> {
  const hash = createHash('sha256');
  for (const file of files) hash.update(await readFile(join(sources, file)));
  return cacheFolder(`workbench-${hash.digest('hex').slice(0, 12)}`, async (folder) => {
    say('Fetching the VS Code workbench from npm: 60 MB, once.');
    for (const file of files) await copyFile(join(sources, file), join(folder, file));
    // Nothing is compiled: the scripts of these packages build native modules that have ready-made ones or a stand-in.
    await npm(['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder, signal });
    await prepare(folder);
    say('The VS Code workbench is ready.');
  });
}

async function npm(args: string[], { cwd, signal }: { cwd: string; signal: AbortSignal | undefined }): Promise<void> {
  // Under an npm script this is the npm that runs it.
  const script = process.env['npm_execpath'];
  const [program, first] = script?.endsWith('.js') === true ? [process.execPath, [script]] : ['npm', []];
  const { code, stderr, stdout } = await runCommand(program, {
    args: [...first, ...args],
    cwd,
    env: process.env,
    timeoutMs: 10 * 60_000,
    signal,
  });
  if (code === 0) return;
  throw new Error(`npm could not fetch the VS Code workbench: ${(stderr || stdout).trim().slice(0, 600)}`);
}
