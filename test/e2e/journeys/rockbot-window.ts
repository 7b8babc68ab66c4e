// RockBot in a window of the workbench, in the words of the product: its status, its views, a sign-in. It asserts nothing.
import type { Locator, Page } from 'playwright-core';
import type { Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { startWorkbench, type Workbench, type WorkbenchOptions } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';

export function startRockBot(
  stack: Pick<Stack, 'nats' | 'entra'>,
  { settings, env, ...options }: WorkbenchOptions & { name: string },
): Promise<Workbench> {
  return startWorkbench({
    ...options,
    settings: { 'rockbot.nats.url': stack.nats.url, ...settings },
    env: { WorkIQ__CaFile: stack.entra.caFile, ...env },
  });
}

export function status(window: WorkbenchWindow): Locator {
  return window.statusBarItem('rockbot.status');
}

/** Waits until the status bar reads so. */
export async function statusIs(window: WorkbenchWindow, text: RegExp, timeoutMs = 40_000): Promise<void> {
  let last = '';
  await until(
    () => `the status bar reads ${text}, not "${last}"`,
    async () => {
      last = await status(window)
        .innerText({ timeout: 1_000 })
        .catch(() => '');
      return text.test(last);
    },
    { timeoutMs, everyMs: 50 },
  );
}

export async function trustAgent(window: WorkbenchWindow): Promise<void> {
  await window.dialog().button('Trust and Continue').click();
}

/** The page that VS Code opened in the browser. */
export async function nextPage(workbench: Workbench, open: () => Promise<void>): Promise<Page> {
  const opened = workbench.context.waitForEvent('page');
  await open();
  return opened;
}

/** Picks the account and accepts on Microsoft's pages, as a person does; pages that a session skips are not waited for. */
export async function consent(page: Page, { user = 'adele', decline = false } = {}): Promise<void> {
  const account = page.locator(`#user-${user}`);
  const decision = page.locator(decline ? '#decline' : '#accept');
  const end = page.getByText(/close this/i);
  for (let step = 0; step < 3; step++) {
    await account.or(decision).or(end).first().waitFor();
    if (await account.isVisible()) await account.click();
    else {
      if (await decision.isVisible()) await decision.click();
      return;
    }
  }
}

/** Presses a button of a notification that nothing hovers over. */
export async function press(window: WorkbenchWindow, notice: RegExp, button: string): Promise<void> {
  await window.page.mouse.move(640, 10);
  const toast = window.notification(notice);
  const isOnScreen = await toast.waitFor({ timeout: 4_000 }).then(
    () => true,
    () => false,
  );
  if (isOnScreen) return toast.button(button).click();
  // After some seconds VS Code keeps it in its list alone.
  await window.runCommand('Notifications: Show Notifications');
  const listed = window.page.locator('.notifications-center .notification-list-item').filter({ hasText: notice });
  await listed.locator('.monaco-button').filter({ hasText: button }).click();
}

/** Once in a window: its extension shows one more message, so one that it wanted to show before is on screen by now. */
export async function messagesAreIn(window: WorkbenchWindow): Promise<void> {
  await window.runCommand('RockBot: Copy Diagnostics');
  await window.notification(/diagnostics are on the clipboard/).waitFor();
}

/** The text of the message on screen. */
export async function message(window: WorkbenchWindow, text: RegExp): Promise<string> {
  const notice = window.notification(text);
  try {
    await notice.waitFor();
  } catch (cause) {
    await window.screenshot('message-missing');
    throw new Error(`No message reads ${text}; there are: ${JSON.stringify(await window.notifications())}`, { cause });
  }
  return (await notice.innerText()).replaceAll('\n', ' ');
}
