// Signing in from the workbench, with Microsoft's pages really clicked: every way in, and every way in which it can end.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import {
  consent,
  message,
  messagesAreIn,
  nextPage,
  press,
  startRockBot,
  status,
  statusIs,
  trustAgent,
} from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

describe('journey - sign in', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let browser: Workbench;
  before(async () => {
    stack = started.use(await startStack());
    browser = started.use(
      await startRockBot(stack, { name: 'sign-in', settings: { 'rockbot.workiq.signIn': 'browser' } }),
    );
  });
  after(() => started.disposeAsync());

  test('[S1] [P5] journey - first connect by browser: key, pages, receipt, tools', async () => {
    const { window } = browser;
    await window.openContainer('RockBot');
    await statusIs(window, /Connect M365/);
    await window.screenshot('not-connected');
    const page = await nextPage(browser, async () => {
      await status(window).click();
      await window.dialog().waitFor();
      await window.screenshot('key');
      await trustAgent(window);
    });
    await page.locator('#user-adele').waitFor();
    await page.screenshot({ path: 'test-results/screenshots/sign-in/03-microsoft.png' });
    await statusIs(window, /waiting for the sign-in/);
    assert.equal((await stack.ui.request('authState', {})).status, 'not_connected');
    await consent(page);
    await message(window, /connected as adele@contoso\.example/);
    await statusIs(window, /adele/);
    await page.getByText(/close this/i).waitFor();
    await window.treeRow('workiq').click();
    await window.treeRow('do_action').waitFor();
    await window.screenshot('connected');
    const state = await stack.ui.request('authState', {});
    assert.deepEqual([state.status, state.account?.username], ['connected', 'adele@contoso.example']);
  });

  test('journey - disconnect says what was removed', async () => {
    const { window } = browser;
    await window.runCommand('RockBot: Disconnect M365');
    await window.screenshot('disconnect');
    await window.dialog().button('Disconnect').click();
    const said = await message(window, /Disconnected/);
    assert.match(said, /the agent has no sign-in of adele@contoso\.example any more/);
    assert.doesNotMatch(said, /[/\\]|\bU[A-Z2-7]{20}/, 'paths and keys are in the log');
    await window.screenshot('disconnected');
    await statusIs(window, /Connect M365/);
    assert.equal((await stack.ui.request('authState', {})).status, 'not_connected');
  });

  test('journey - cancelled half-way nothing is connected, and the next step is offered', async () => {
    const { window } = browser;
    const page = await nextPage(browser, () => window.runCommand('RockBot: Connect M365'));
    await page.locator('#user-adele').waitFor();
    await window
      .notification(/waiting for the sign-in in your browser/)
      .button('Cancel')
      .click();
    const said = await message(window, /cancelled/);
    assert.match(said, /Use a Device Code/);
    await window.screenshot('cancelled');
    await statusIs(window, /Connect M365/);
    // The page that stayed open leads nowhere any more.
    page.setDefaultTimeout(2_000);
    await consent(page).catch(() => undefined);
    assert.equal((await stack.ui.request('authState', {})).status, 'not_connected');
    await page.close();
    await window.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - declined consent is one message with Try Again', async () => {
    const { window } = browser;
    const page = await nextPage(browser, () => window.runCommand('RockBot: Connect M365'));
    await stack.entra.control.revokeConsent();
    await consent(page, { decline: true });
    assert.match(await message(window, /declined/), /Try Again/);
    await window.screenshot('declined');
    await statusIs(window, /Connect M365/);
    await page.close();
    await window.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - a second click while one sign-in runs shows that one, and leads over to a device code', async () => {
    const { window } = browser;
    const page = await nextPage(browser, () => status(window).click());
    await page.locator('#user-adele').waitFor();
    await status(window).click();
    const useCode = window.quickInput.row(/Use a device code/);
    await useCode.waitFor();
    await window.screenshot('second-click');
    await useCode.click();
    await window.quickInput.row(/open the page/).waitFor();
    await window.quickInput.cancel();
    const [code] = (await stack.entra.control.deviceCodes()).filter(({ state }) => state === 'pending');
    assert.ok(code);
    await window.screenshot('code-countdown');
    await stack.entra.control.decideDeviceCode({ userCode: code.userCode, decision: 'approve', user: 'adele' });
    await statusIs(window, /adele/);
    await page.close();
  });

  test('journey - what is shown about a running sign-in goes when the sign-in ends', async () => {
    const { window } = browser;
    await window.runCommand('Notifications: Clear All Notifications');
    // Otherwise Microsoft asks nothing any more.
    await browser.context.clearCookies();
    await stack.ui.request('authDisconnect', {});
    await statusIs(window, /Connect M365/);
    const page = await nextPage(browser, () => status(window).click());
    await page.locator('#user-adele').waitFor();
    await status(window).click();
    await window.quickInput.row(/Use a device code/).waitFor();
    await consent(page);
    await message(window, /connected as adele@contoso\.example/);
    await until('nothing of it is on screen', async () => (await window.quickInput.rows().count()) === 0);
    await page.close();
  });

  test('journey - a reload of the window while a sign-in runs is told once, with Try Again', async () => {
    const { window } = browser;
    await browser.context.clearCookies();
    await stack.ui.request('authDisconnect', {});
    await statusIs(window, /Connect M365/);
    const left = await nextPage(browser, () => status(window).click());
    await left.locator('#user-adele').waitFor();
    await window.reload();
    await statusIs(window, /Connect M365/);
    const interrupted = /interrupted by the reload of the window; nothing was handed over/;
    assert.match(await message(window, interrupted), /Try Again/);
    await window.screenshot('interrupted');
    const page = await nextPage(browser, () => press(window, interrupted, 'Try Again'));
    await consent(page);
    await message(window, /connected as adele@contoso\.example/);
    await window.reload();
    await statusIs(window, /adele/);
    await messagesAreIn(window);
    assert.equal(await window.notification(interrupted).count(), 0);
    await Promise.all([left, page].map((each) => each.close()));
  });
});

test(
  'journey - where the browser cannot answer, a device code steps in by itself; an expired one says so',
  { skip },
  async () => {
    await using stack = await startStack({ entra: {} });
    await using workbench = await startRockBot(stack, { name: 'device-code' });
    const { window } = workbench;
    await statusIs(window, /Connect M365/);
    await status(window).click();
    await trustAgent(window);
    await window.quickInput.row(/open the page/).waitFor();
    await window.screenshot('code');
    const page = await nextPage(workbench, () => window.quickInput.row(/open the page/).click());
    assert.match(page.url(), /devicelogin/);
    const pending = await until('a code', async () =>
      (await stack.entra.control.deviceCodes()).find(({ state }) => state === 'pending'),
    );
    await page.locator('#user-code').fill(pending.userCode);
    await page.locator('#continue').click();
    await page.locator('#user-adele').click();
    await page.locator('#accept').or(page.locator('#continue')).first().click();
    await page
      .locator('#accept')
      .click({ timeout: 3_000 })
      .catch(() => undefined);
    await statusIs(window, /adele/);
    await window.screenshot('connected');

    await window.runCommand('RockBot: Reconnect M365');
    await window.quickInput.row(/open the page/).waitFor();
    await window.quickInput.cancel();
    const second = await until('a second code', async () =>
      (await stack.entra.control.deviceCodes()).find(({ state }) => state === 'pending'),
    );
    await stack.entra.control.decideDeviceCode({ userCode: second.userCode, decision: 'expire' });
    assert.match(await message(window, /expired/), /Try Again/);
    await window.screenshot('expired-code');
    await statusIs(window, /adele/);
    assert.equal((await stack.ui.request('authState', {})).status, 'connected', 'the old connection is as it was');
  },
);
