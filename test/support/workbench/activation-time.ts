// How long an extension took to activate, as VS Code itself reports it under "Developer: Show Running Extensions".
import { until } from '../until.ts';
import type { WorkbenchWindow } from './workbench-window.ts';

/** Milliseconds to load and activate. Waits for an activation that is still to come, as after a start; rejects when none comes. */
export async function activationTime(window: WorkbenchWindow, displayName: string): Promise<number> {
  const { page } = window;
  await window.runCommand('Developer: Show Running Extensions');
  const editor = page.locator('.runtime-extensions-editor');
  const name = page.locator('.name').getByText(displayName, { exact: true });
  const row = editor.locator('.monaco-list-row').filter({ has: name });
  let rows: string[] = [];
  const time = await until(
    () => `${displayName} is among the running extensions with its time: ${rows.join(' | ')}`,
    async () => {
      rows = await row.allInnerTexts();
      return /Activation: (\d+)ms/.exec(rows.join('\n'))?.[1];
    },
    { timeoutMs: 60_000, everyMs: 100 },
  );
  await page.keyboard.press('Escape');
  await editor.waitFor({ state: 'detached' });
  return Number(time);
}
