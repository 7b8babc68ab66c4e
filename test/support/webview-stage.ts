// Shows one built page of a webview in plain Chromium: same policy, theme colours and messages as in VS Code, without one.
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join, normalize } from 'node:path';
import { chromium, type Browser, type Page } from 'playwright-core';
import { pageHtml, type PageHtmlOptions } from '../../extension/ui/page-html.ts';
import { themeClasses, themeColours, type ThemeName } from './webview-themes.ts';
import { findChromium } from './workbench/find-chromium.ts';

export interface WebviewStageOptions {
  page: PageHtmlOptions['page'];
  /** Folder with the built pages. */
  folder?: string;
  theme?: ThemeName;
  size?: { width: number; height: number };
  images?: boolean;
  timeZone?: string;
}

export interface WebviewStage extends AsyncDisposable {
  readonly page: Page;
  /** What the page has posted to the extension so far. */
  posted(): Promise<readonly unknown[]>;
  /** Posts to the page as the extension does. */
  post(message: unknown): Promise<void>;
  /** Loads the page anew as after hiding; its saved state stays. */
  reload(): Promise<void>;
  setTheme(theme: ThemeName): Promise<void>;
  /** Id of the element that has the focus. */
  focused(): Promise<string | undefined>;
  /** Errors of scripts and breaches of the policy. */
  readonly complaints: readonly string[];
}

const types: Readonly<Record<string, string>> = {
  css: 'text/css',
  js: 'text/javascript',
  ttf: 'font/ttf',
};

/** @throws when there is no Chromium and none can be fetched */
export async function startWebviewBrowser(): Promise<Browser> {
  const { executablePath, env } = await findChromium({ say: (message) => console.log(message) });
  return chromium.launch({
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: ['--no-sandbox', '--disable-gpu', '--disable-quic', '--disable-dev-shm-usage'],
  });
}

export async function openWebviewStage(browser: Browser, options: WebviewStageOptions): Promise<WebviewStage> {
  const { page: name, folder = 'dist/webview', theme = 'light', images = false } = options;
  const server = await serve(folder, (origin) => stagedHtml({ name, origin, theme, images }));
  const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  const context = await browser.newContext({
    viewport: options.size ?? { width: 900, height: 800 },
    locale: 'en-GB',
    timezoneId: options.timeZone ?? 'Europe/Berlin',
    permissions: ['clipboard-read', 'clipboard-write'],
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || /Content Security Policy/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.addInitScript(standIn);
  await page.goto(address);
  return {
    page,
    complaints,
    posted: () => page.evaluate(() => JSON.parse(sessionStorage.getItem('posted') ?? '[]') as unknown[]),
    post: (message) => page.evaluate((data) => window.postMessage(data, '*'), message),
    reload: async () => {
      await page.evaluate(() => sessionStorage.removeItem('posted'));
      await page.reload();
    },
    setTheme: (next) =>
      page.evaluate(
        ([classes, colours]) => {
          document.body.className = classes;
          for (const [key, value] of Object.entries(colours))
            document.documentElement.style.setProperty(`--vscode-${key}`, value);
        },
        [themeClasses[next], themeColours[next]] as const,
      ),
    focused: () => page.evaluate(() => document.activeElement?.id),
    async [Symbol.asyncDispose]() {
      await context.close();
      server.closeAllConnections();
      server.close();
    },
  };
}

declare const window: { postMessage(data: unknown, origin: string): void };
declare const document: {
  activeElement: { id: string } | null;
  body: { className: string };
  documentElement: { style: { setProperty(name: string, value: string): void } };
};
declare const sessionStorage: {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
};

/** Runs in the page: keeps what is posted and saved where a reload finds it again. */
function standIn(): void {
  const read = (key: string): unknown => JSON.parse(sessionStorage.getItem(key) ?? 'null');
  const write = (key: string, value: unknown): void => sessionStorage.setItem(key, JSON.stringify(value));
  Object.assign(globalThis, {
    acquireVsCodeApi: () => ({
      postMessage: (message: unknown) => write('posted', [...((read('posted') as unknown[] | null) ?? []), message]),
      getState: () => read('state') ?? undefined,
      setState: (state: unknown) => write('state', state),
    }),
  });
}

/** The product's own page, with what VS Code puts into it. */
function stagedHtml(options: {
  name: PageHtmlOptions['page'];
  origin: string;
  theme: ThemeName;
  images: boolean;
}): string {
  const { name, origin, theme, images } = options;
  const address = (...path: string[]): string => `/${path.join('/')}`;
  return pageHtml({ page: name, title: name, language: 'en-GB', source: origin, address, images })
    .replace('<head>', `<head><link rel="stylesheet" href="/theme.css?${theme}">`)
    .replace('<body>', `<body class="${themeClasses[theme]}">`);
}

function themeCss(theme: ThemeName): string {
  const colours = Object.entries(themeColours[theme]).map(([name, value]) => `--vscode-${name}: ${value};`);
  return `html { ${colours.join(' ')} }`;
}

async function serve(folder: string, html: (origin: string) => string): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url ?? '/', 'http://localhost');
    const origin = `http://${request.headers.host ?? ''}`;
    const send = (type: string, body: string | Uint8Array): void =>
      void response.writeHead(200, { 'content-type': `${type}; charset=utf-8` }).end(body);
    if (pathname === '/') return send('text/html', html(origin));
    if (pathname === '/theme.css') return send('text/css', themeCss(search.slice(1) as ThemeName));
    readFile(join(folder, normalize(pathname))).then(
      (body) => send(types[pathname.split('.').at(-1) ?? ''] ?? 'application/octet-stream', body),
      () => void response.writeHead(404).end(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
