// RockBot in a window of the workbench, in the words of the product: its status, its views, a sign-in. It asserts nothing.
import type { Locator, Page } from 'playwright-core';
import { startStack, type Stack, type StackOptions } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { startWorkbench, type Workbench, type WorkbenchOptions } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';

export type RockBotOptions = WorkbenchOptions & { name: string };

/** `nats.url` may be empty, as before anybody has set it. */
export function startRockBot(
  { nats, entra }: { nats: { url: string }; entra?: { caFile: string } },
  { settings, env, ...options }: RockBotOptions,
): Promise<Workbench> {
  return startWorkbench({
    ...options,
    settings: { 'rockbot.nats.url': nats.url, ...settings },
    env: { ...(entra !== undefined && { WorkIQ__CaFile: entra.caFile }), ...env },
  });
}

/** A stack whose agent is signed in, and a window that says so; both end with `started`. */
export async function startConnected(
  started: AsyncDisposableStack,
  { stack: parts, ...options }: RockBotOptions & { stack?: StackOptions },
): Promise<{ stack: Stack; workbench: Workbench }> {
  const stack = started.use(await startStack(parts));
  await stack.connect();
  const workbench = started.use(await startRockBot(stack, options));
  await statusIs(workbench.window, /adele/);
  return { stack, workbench };
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

/** Signs in on the page that `open` leads to, until the first window says so. */
export async function signInBy(workbench: Workbench, open: () => Promise<void>): Promise<void> {
  const page = await nextPage(workbench, open);
  await consent(page);
  await statusIs(workbench.window, /adele/);
  await page.close();
}

/** The first sign-in, from the status bar of the first window. */
export async function signIn(workbench: Workbench): Promise<void> {
  const { window } = workbench;
  await statusIs(window, /Connect M365/);
  await signInBy(workbench, async () => {
    await status(window).click();
    await trustAgent(window);
  });
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
  const onScreen = window.notification(notice).button(button);
  const isPressed = await onScreen.click({ timeout: 4_000 }).then(
    () => true,
    () => false,
  );
  if (isPressed) return;
  // After some seconds VS Code keeps it in its list alone; that may be while somebody reaches for it.
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
