// A genuine VS Code workbench for a test: the VS Code server with its extension host, and headless Chromium before it.
//
//   await using workbench = await startWorkbench({ name: 'my-journey', settings: { 'rockbot.nats.url': url } });
//   const { window } = workbench;                              // the first window; workbench.openWindow() gives more
//   await window.runCommand('RockBot: Connect M365');          // palette, by the title shown there
//   await window.statusBarItem('rockbot').click();             // Playwright locators: they wait by themselves
//   await window.notification(/connected as/).button('Show log').click();
//   await window.dialog().button('Trust').click();             // the modal one
//   await window.quickInput.pick('mail_search');               // .type(), .row(), .rows(), .accept(), .cancel()
//   await window.openContainer('RockBot');                     // then window.view('Servers'), window.treeRow('WorkIQ')
//   await window.webview().getByRole('button', { name: 'Run' }).click();
//   const signIn = await workbench.openedBy(() => window.runCommand('RockBot: Connect M365'));   // the page in the browser
//   await window.screenshot('connected');                      // test-results/screenshots/my-journey/01-connected.png
//
// The extension is the built one of this repository, as installed; or any other folder (`extension`), or a `vsix`.
// `theme`: 'light' (default), 'dark', 'hc-dark', 'hc-light'. `folder` is the workspace; a fresh one when left out.
// Everything lives under one temporary folder and ends with `await using`, or with the test's process.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { installVsix, linkExtension } from './install-extension.ts';
import { launchBrowser } from './launch-browser.ts';
import { keptByBrowser, sameMachine, secretKey } from './page-scripts.ts';
import { provideWorkbench } from './provide-workbench.ts';
import { startServer, type ServerProcess } from './server-process.ts';
import { workbenchSettings, type Theme } from './workbench-settings.ts';
import { WorkbenchWindow } from './workbench-window.ts';

export interface WorkbenchOptions {
  /** Names the folder of the screenshots. */
  name?: string;
  /** The folder of a built extension; this repository when left out. */
  extension?: string;
  /** A packed extension, in place of `extension`. */
  vsix?: string;
  /** User settings. */
  settings?: Record<string, unknown>;
  theme?: Theme;
  /** The workspace folder; an empty one when left out. */
  folder?: string;
  /** Environment of the extension host. */
  env?: NodeJS.ProcessEnv;
  /** CSS pixels; 1280 by 800 when left out. */
  size?: { width: number; height: number };
  /** As when the window and the extension host are on different machines: addresses of this machine are not reachable. */
  remote?: boolean;
}

export interface Workbench extends AsyncDisposable {
  /** The window that was opened first. */
  readonly window: WorkbenchWindow;
  readonly context: BrowserContext;
  readonly server: ServerProcess;
  /** The workspace folder. */
  readonly folder: string;
  /** Everything that VS Code keeps on this machine: settings, logs, state, extensions, the browser's profile. */
  readonly dataFolder: string;
  /** One more window on the same folder and the same user, as a second VS Code window. */
  openWindow(): Promise<WorkbenchWindow>;
  /** The page, such as a sign-in page, that opens in the browser because of `action`. */
  openedBy(action: () => Promise<void>): Promise<Page>;
  /** All that VS Code keeps in the browser as one text: SecretStorage (opened), global state, settings, history. */
  keptByBrowser(): Promise<string>;
  close(): Promise<void>;
}

const repository = resolve(new URL('../../..', import.meta.url).pathname);
export async function startWorkbench(options: WorkbenchOptions = {}): Promise<Workbench> {
  const { name = 'workbench', settings = {}, theme = 'light', size = { width: 1280, height: 800 } } = options;
  const { root, chromium } = await provideWorkbench();

  await using undo = new AsyncDisposableStack();
  const temporary = await mkdtemp(join(tmpdir(), 'rockbot-workbench-'));
  undo.defer(() => rm(temporary, { recursive: true, force: true, maxRetries: 5 }));
  const dataFolder = join(temporary, 'data');
  const extensionsFolder = join(dataFolder, 'extensions');
  const folder = options.folder ?? join(temporary, 'workspace');
  await mkdir(folder, { recursive: true });
  // The extension host counts as a remote machine, and a setting of that scope is read from the machine's file alone.
  for (const scope of ['User', 'Machine']) {
    await mkdir(join(dataFolder, scope), { recursive: true });
    await writeFile(
      join(dataFolder, scope, 'settings.json'),
      JSON.stringify({ ...(scope === 'User' && workbenchSettings(theme)), ...settings }, undefined, 2),
    );
  }
  const serverOptions = { root, temporary, dataFolder, extensionsFolder, env: options.env, testMode: false };
  if (options.vsix === undefined) await linkExtension(options.extension ?? repository, extensionsFolder);
  else await installVsix(options.vsix, serverOptions);

  const [server, context] = await Promise.all([
    startServer(serverOptions).then((started) => undo.use(started)),
    launchBrowser({ chromium, profileFolder: join(dataFolder, 'browser'), size }).then((launched) => {
      undo.defer(() => launched.close());
      return launched;
    }),
  ]);
  await context.addInitScript(secretKey);
  if (options.remote !== true) await context.addInitScript(sameMachine);

  const url = `${server.origin}/?folder=${encodeURIComponent(folder)}`;
  const shots = { folder: join(repository, 'test-results', 'screenshots', name), next: 1 };
  const openWindow = async (): Promise<WorkbenchWindow> => {
    const page = context.pages().find((open) => open.url() === 'about:blank') ?? (await context.newPage());
    return WorkbenchWindow.open({ page, url, shots });
  };
  await rm(shots.folder, { recursive: true, force: true });
  const window = await openWindow();

  const owned = undo.move();
  const close = (): Promise<void> => owned.disposeAsync();
  return {
    window,
    context,
    server,
    folder,
    dataFolder,
    openWindow,
    async openedBy(action) {
      const [page] = await Promise.all([context.waitForEvent('page'), action()]);
      await page.waitForLoadState();
      return page;
    },
    keptByBrowser: () => window.page.evaluate<string>(keptByBrowser),
    close,
    [Symbol.asyncDispose]: close,
  };
}
