// One window of the workbench as a person uses it: palette, quick input, notifications, views, webviews. It knows VS Code's
// page, and nothing of RockBot.
import { join } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import { QuickInput } from './quick-input.ts';

/** A loaded machine takes its time. */
const patienceMs = 60_000;

/** What the workbench calls itself in each. */
const themeClasses = {
  'Light Modern': 'vs',
  'Dark Modern': 'vs-dark',
  'Dark High Contrast': 'hc-black',
};

export interface Screenshots {
  folder: string;
  /** Number of the next one. */
  next: number;
}

export class WorkbenchWindow {
  readonly page: Page;
  readonly quickInput: QuickInput;
  readonly #shots: Screenshots;

  /** Opens the workbench in a page and resolves when it is restored and its extension host has started. */
  static async open({ page, url, shots }: { page: Page; url: string; shots: Screenshots }): Promise<WorkbenchWindow> {
    page.setDefaultTimeout(30_000);
    const window = new WorkbenchWindow(page, shots);
    await page.goto(url, { timeout: patienceMs });
    await window.restored();
    return window;
  }

  private constructor(page: Page, shots: Screenshots) {
    this.page = page;
    this.quickInput = new QuickInput(page);
    this.#shots = shots;
  }

  /** Resolves when the workbench is drawn in its theme and knows what the extensions contribute. */
  async restored(): Promise<void> {
    const restored = `performance.getEntriesByName('code/LifecyclePhase/Restored').length > 0
      && performance.getEntriesByName('code/didLoadExtensions').length > 0
      && document.querySelector('.monaco-workbench[class*="-themes-"]') !== null`;
    await this.page.waitForFunction(restored, undefined, { timeout: patienceMs });
  }

  /** As "Developer: Reload Window". */
  async reload(): Promise<void> {
    await this.page.reload({ timeout: patienceMs });
    await this.restored();
  }

  /** Runs a command by its title in the palette, as `RockBot: Connect M365`. */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.openPalette(`>${title}`, title);
    await this.quickInput.take(title);
  }

  /** Chooses a color theme as a person does, and resolves when the window is drawn in it. */
  async setTheme(theme: keyof typeof themeClasses): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.pick(theme);
    await this.page.locator(`.monaco-workbench.${themeClasses[theme]}`).waitFor();
  }

  /** The status bar entry whose id or visible text contains `what`. */
  statusBarItem(what: string | RegExp): Locator {
    const items = this.page.locator('.part.statusbar .statusbar-item');
    return typeof what === 'string'
      ? items
          .and(this.page.locator(`[id*="${what}" i]`))
          .or(items.filter({ hasText: what }))
          .first()
      : items.filter({ hasText: what });
  }

  /** A notification that is on screen. */
  notification(text: string | RegExp): Locator & { button(name: string | RegExp): Locator } {
    const toast = this.page.locator('.notifications-toasts .notification-list-item').filter({ hasText: text });
    return Object.assign(toast, {
      button: (name: string | RegExp) => toast.locator('.monaco-button').filter({ hasText: name }),
    });
  }

  /** Texts of all notifications on screen. */
  async notifications(): Promise<string[]> {
    return this.page.locator('.notifications-toasts .notification-list-item-message').allInnerTexts();
  }

  /** The modal dialog on screen. */
  dialog(): Locator & { button(name: string | RegExp): Locator } {
    const box = this.page.locator('.monaco-dialog-box');
    return Object.assign(box, {
      button: (name: string | RegExp) => box.locator('.monaco-button').filter({ hasText: name }),
    });
  }

  /** Shows a container of the activity bar. */
  async openContainer(title: string): Promise<void> {
    const tab = this.page.locator('.part.activitybar').getByRole('tab', { name: title });
    await tab.waitFor();
    if ((await tab.getAttribute('aria-selected')) !== 'true') await tab.click();
  }

  /** The pane of a view in the side bar, with its rows, title actions and welcome content. */
  view(title: string): Locator {
    return this.page.locator('.part.sidebar .pane').filter({
      has: this.page.locator('.pane-header').getByText(title, { exact: true }),
    });
  }

  /** A row of any tree that is on screen, by the text that it shows. */
  treeRow(text: string | RegExp): Locator {
    return this.page.locator('.monaco-list-row[role=treeitem]').filter({ hasText: text });
  }

  /** The page inside the visible webview. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready:visible').frameLocator('iframe#active-frame');
  }

  editorTab(title: string | RegExp): Locator {
    return this.page.locator('.part.editor .tab').filter({ hasText: title });
  }

  /** Writes a picture of the window and returns its path. */
  async screenshot(name: string): Promise<string> {
    const path = join(this.#shots.folder, `${String(this.#shots.next++).padStart(2, '0')}-${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled' });
    return path;
  }
}
