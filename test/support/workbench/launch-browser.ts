// Headless Chromium with a profile of its own, as the workbench and the sign-in pages need it; it opens no page.
import { chromium, type BrowserContext } from 'playwright-core';
import type { Chromium } from './chromium.ts';

const browserArguments = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
];

export interface BrowserOptions {
  chromium: Chromium;
  profileFolder: string;
  /** CSS pixels. */
  size: { width: number; height: number };
}

/** It ends with this process, and trusts every certificate: the simulators make their own. */
export function launchBrowser({
  chromium: { executablePath, env },
  profileFolder,
  size,
}: BrowserOptions): Promise<BrowserContext> {
  return chromium.launchPersistentContext(profileFolder, {
    executablePath,
    env: { ...(process.env as Record<string, string>), ...env },
    args: browserArguments,
    headless: true,
    // A signal ends this process at once, and the browser with it; Playwright would catch it and let this process live on.
    handleSIGINT: false,
    handleSIGTERM: false,
    handleSIGHUP: false,
    viewport: size,
    locale: 'en-GB',
    ignoreHTTPSErrors: true,
    permissions: ['clipboard-read', 'clipboard-write'],
  });
}
