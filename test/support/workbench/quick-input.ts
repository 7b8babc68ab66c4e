// The box at the top of the window: the command palette, quick picks and input boxes.
import type { Locator, Page } from 'playwright-core';
import { until } from '../until.ts';

export class QuickInput {
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  get widget(): Locator {
    return this.#page.locator('.quick-input-widget:visible');
  }

  get input(): Locator {
    return this.widget.locator('input.input');
  }

  rows(): Locator {
    return this.widget.locator('.quick-input-list .monaco-list-row');
  }

  row(text: string | RegExp): Locator {
    return this.rows().filter({ hasText: text });
  }

  /** Opens the command palette with this text in it, until it lists `row`. */
  async openPalette(text = '>', row: string | RegExp = ''): Promise<void> {
    // A window that has just been drawn, or that hands the focus on, may miss a key or close the box again.
    await until(
      `the command palette lists ${row}`,
      async () => {
        await this.#page.keyboard.press('F1');
        const listed = async (): Promise<void> => {
          await this.input.fill(text, { timeout: 3_000 });
          await this.row(row).first().waitFor({ timeout: 5_000 });
        };
        return listed().then(
          () => true,
          () => false,
        );
      },
      { timeoutMs: 60_000 },
    );
  }

  async type(text: string): Promise<void> {
    await this.input.fill(text);
  }

  /** Types and takes the row with just this label, or else the first that contains it; `typed` when that is what narrows the list. */
  async pick(label: string, { typed = label }: { typed?: string } = {}): Promise<void> {
    await this.type(typed);
    await this.take(label);
  }

  /** Takes the row with just this label, or else the first that contains it. */
  async take(label: string): Promise<void> {
    await this.row(label).first().waitFor();
    const exact = this.rows().filter({
      has: this.#page.locator('.quick-input-list-label').getByText(label, { exact: true }),
    });
    await ((await exact.count()) > 0 ? exact : this.row(label)).first().click();
  }

  async accept(): Promise<void> {
    await this.#page.keyboard.press('Enter');
  }

  async cancel(): Promise<void> {
    await this.#page.keyboard.press('Escape');
    await this.widget.waitFor({ state: 'hidden' });
  }
}
