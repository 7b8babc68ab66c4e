// Decides in which VS Code a suite of tests runs: the desktop's where it can be downloaded and shown, the workbench in Chromium
// elsewhere.
import { downloadAndUnzipVSCode, SilentReporter } from '@vscode/test-electron';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { defaultCacheDir } from '../../../extension/local/nats-server-cache.ts';
import { workbenchObstacle } from './provide-workbench.ts';

export interface VSCodeForSuite {
  /** A line that says which one it is, and why. */
  description: string;
  /** For `runTests`; undefined where there can be none, and `description` says what to do. */
  vscodeExecutablePath: string | undefined;
}

const releases = 'https://update.code.visualstudio.com/api/releases/stable';

/**
 * `ROCKBOT_TEST_VSCODE` set to `desktop` or `workbench` leaves no choice.
 * @param folder Temporary; the executable is written there.
 */
export async function vscodeForSuite(folder: string, env: NodeJS.ProcessEnv = process.env): Promise<VSCodeForSuite> {
  const wanted = env['ROCKBOT_TEST_VSCODE'];
  const obstacle = wanted === 'workbench' ? 'asked for' : wanted === 'desktop' ? undefined : await desktopObstacle(env);
  if (obstacle !== undefined) {
    const missing = await workbenchObstacle();
    if (missing !== false) return { description: missing, vscodeExecutablePath: undefined };
    return {
      description: `Runs on the VS Code workbench in Chromium (${obstacle}).`,
      vscodeExecutablePath: await writeLauncher(folder),
    };
  }
  const cachePath = join(defaultCacheDir(env), 'vscode-desktop');
  await mkdir(cachePath, { recursive: true });
  console.error('Fetching VS Code for the desktop: 150 MB, once per version.');
  const path = await downloadAndUnzipVSCode({ version: 'stable', cachePath, reporter: new SilentReporter() });
  return { description: `Runs on VS Code for the desktop (${path}).`, vscodeExecutablePath: path };
}

async function desktopObstacle(env: NodeJS.ProcessEnv): Promise<string | undefined> {
  if (process.platform === 'linux' && !env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'there is no display';
  try {
    const { ok, status } = await fetch(releases, { method: 'HEAD', signal: AbortSignal.timeout(5000) });
    return ok ? undefined : `the desktop's download answers ${status}`;
  } catch {
    return 'VS Code for the desktop cannot be downloaded here';
  }
}

/** An executable without arguments of its own, since `runTests` takes nothing else. */
async function writeLauncher(folder: string): Promise<string> {
  const main = new URL('vscode-executable/main.ts', import.meta.url).pathname;
  const windows = process.platform === 'win32';
  const path = join(folder, windows ? 'code.cmd' : 'code');
  const script = windows
    ? `@"${process.execPath}" "${main}" %*\r\n`
    : `#!/bin/sh\nexec "${process.execPath}" "${main}" "$@"\n`;
  await writeFile(path, script, { mode: 0o755 });
  return path;
}
