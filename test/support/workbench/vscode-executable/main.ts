// Takes the place of the desktop's `code` for `@vscode/test-electron`: runs a suite of tests in the extension host of the VS
// Code server, with headless Chromium as its window. Flags as of the desktop; the exit code is the suite's.
import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { launchBrowser } from '../launch-browser.ts';
import { secretKey } from '../page-scripts.ts';
import { provideWorkbench } from '../provide-workbench.ts';
import { startServer } from '../server-process.ts';
import { workbenchSettings } from '../workbench-settings.ts';

/** The longest suite that makes sense. */
const suiteTimeoutMs = 10 * 60_000;

const { values, positionals } = parseArgs({
  // Flags that make no difference here are taken and forgotten.
  strict: false,
  allowPositionals: true,
  options: {
    extensionDevelopmentPath: { type: 'string', multiple: true },
    extensionTestsPath: { type: 'string' },
    'user-data-dir': { type: 'string' },
  },
});
const dataFolder = resolve(required(values['user-data-dir'], '--user-data-dir'));
const testsPath = resolve(required(values.extensionTestsPath, '--extensionTestsPath'));
const developmentPaths = (values.extensionDevelopmentPath ?? []).map((path) => resolve(String(path)));
const folder = resolve(positionals[0] ?? join(dataFolder, 'workspace'));

// The caller holds the other end: its end is the end of all this.
process.stdin.on('close', () => process.exit(1)).resume();
process.exit(await runSuite());

async function runSuite(): Promise<number> {
  const { root, chromium } = await provideWorkbench();
  await mkdir(join(dataFolder, 'User'), { recursive: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(dataFolder, 'User', 'settings.json'), JSON.stringify(workbenchSettings('light')));
  await using server = await startServer({
    root,
    temporary: dataFolder,
    dataFolder,
    extensionsFolder: join(dataFolder, 'extensions'),
    testMode: true,
  });
  const profileFolder = join(dataFolder, 'browser');
  await using context = await launchBrowser({ chromium, profileFolder, size: { width: 1280, height: 800 } });
  await context.addInitScript(secretKey);
  const page = await context.newPage();
  await page.exposeFunction('codeAutomationLog', (type: string, lines: unknown[]) => {
    if (type !== 'debug') console.log(lines.map(String).join(' '));
  });
  const ended = Promise.withResolvers<number>();
  await page.exposeFunction('codeAutomationExit', ended.resolve);
  page.on('crash', () => {
    ended.reject(new Error('the browser crashed'));
  });
  const timer = setTimeout(() => {
    ended.reject(new Error(`the suite did not end within ${suiteTimeoutMs} ms`));
  }, suiteTimeoutMs);

  const authority = `vscode-remote://${new URL(server.origin).host}`;
  const payload = [
    ...developmentPaths.map((path) => ['extensionDevelopmentPath', `${authority}${path}`]),
    ['extensionTestsPath', `${authority}${testsPath}`],
  ];
  const query = new URLSearchParams({ folder, payload: JSON.stringify(payload) });
  await page.goto(`${server.origin}/?${query}`, { timeout: 60_000 });
  try {
    return await ended.promise;
  } finally {
    clearTimeout(timer);
  }
}

function required(value: unknown, flag: string): string {
  if (typeof value === 'string') return value;
  console.error(`${flag} is missing.`);
  return process.exit(2);
}
