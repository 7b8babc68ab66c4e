// Finds a Chromium that Playwright can drive, or fetches one; it starts none for good.
import { createRequire } from 'node:module';
import { realpath } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { chromium as playwright } from 'playwright-core';
import { runCommand } from '../../../extension/local/run-command.ts';
import { exists } from './cache-folder.ts';
import { checkChromium, type Chromium } from './chromium.ts';
import { debianChromium, hasApt } from './debian-chromium.ts';
import type { Progress } from './progress.ts';

const names = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser', 'microsoft-edge'];
const advice = 'Install Chromium or Google Chrome, or name one in CHROME_PATH.';

/**
 * The first of: the program in `CHROME_PATH`; an installed Chromium, Chrome or Edge; what the package archive of a Debian
 * has; Playwright's own.
 * @throws with every reason, and with what to do.
 */
export async function findChromium(progress: Progress, env: NodeJS.ProcessEnv = process.env): Promise<Chromium> {
  const named = env['CHROME_PATH'];
  if (named)
    return checkChromium({ executablePath: named, env: {} }).catch((error: unknown) => {
      throw new Error(`CHROME_PATH is of no use: ${(error as Error).message}. ${advice}`);
    });
  for (const executablePath of await installed(env)) {
    const found = await checkChromium({ executablePath, env: {} }).catch(() => undefined);
    if (found !== undefined) return found;
  }
  const reasons: string[] = [];
  const ways =
    process.platform === 'linux' && (await hasApt()) ? [debianChromium, playwrightChromium] : [playwrightChromium];
  for (const way of ways)
    try {
      return await checkChromium(await way(progress));
    } catch (error) {
      progress.signal?.throwIfAborted();
      reasons.push((error as Error).message);
    }
  throw new Error(`There is no Chromium on this machine and none could be fetched. ${advice} (${reasons.join('; ')})`);
}

async function installed(env: NodeJS.ProcessEnv): Promise<string[]> {
  const places =
    process.platform === 'darwin'
      ? ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
          (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
        )
      : process.platform === 'win32'
        ? ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].flatMap((path) =>
            [env['ProgramFiles'], env['ProgramFiles(x86)'], env['LOCALAPPDATA']].map((folder) =>
              join(folder ?? '', path),
            ),
          )
        : (env['PATH'] ?? '').split(delimiter).flatMap((folder) => names.map((name) => join(folder, name)));
  const found: string[] = [];
  for (const path of places) {
    const real = await realpath(path).catch(() => undefined);
    // A snap sees another /tmp than this process does.
    if (real !== undefined && !/snap/.test(real)) found.push(path);
  }
  return found;
}

async function playwrightChromium({ say, signal }: Progress): Promise<Chromium> {
  const executablePath = playwright.executablePath();
  if (await exists(executablePath)) return { executablePath, env: {} };
  say('Fetching Chromium for Playwright: 180 MB, once.');
  const cli = join(dirname(createRequire(import.meta.url).resolve('playwright-core/package.json')), 'cli.js');
  const { code, stdout, stderr } = await runCommand(process.execPath, {
    args: [cli, 'install', '--no-shell', 'chromium'],
    env: { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' },
    timeoutMs: 10 * 60_000,
    signal,
  });
  if (code === 0) return { executablePath, env: {} };
  const reason = `${stdout}\n${stderr}`.split('\n').find((line) => line.includes('Error'));
  throw new Error(`Playwright could not fetch Chromium: ${reason?.trim() ?? `exit code ${code}`}`);
}
