// How long an extension took to activate, as VS Code itself reports it under "Developer: Show Running Extensions".
import type { WorkbenchWindow } from './workbench-window.ts';

/** Milliseconds to load and activate; undefined when the extension has not been activated in this window. */
export async function activationTime(window: WorkbenchWindow, displayName: string): Promise<number | undefined> {
  const { page } = window;
  await window.runCommand('Developer: Show Running Extensions');
  const editor = page.locator('.runtime-extensions-editor');
  await editor.locator('.monaco-list-row').first().waitFor();
  const name = page.locator('.name').getByText(displayName, { exact: true });
  const row = editor.locator('.monaco-list-row').filter({ has: name });
  const text = (await row.count()) === 0 ? '' : await row.locator('.activation-time').innerText();
  await page.keyboard.press('Escape');
  await editor.waitFor({ state: 'detached' });
  const found = /Activation: (\d+)ms/.exec(text);
  return found?.[1] === undefined ? undefined : Number(found[1]);
}
