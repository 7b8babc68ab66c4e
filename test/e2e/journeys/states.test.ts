// What the windows show while sign-in, agent and bus go and come back: always the truth, once, and with the way back.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startTestNats } from '../../support/nats.ts';
import { expireSignIn } from '../../support/expire-sign-in.ts';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Locator } from 'playwright-core';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';
import { message, messagesAreIn, press, signIn, signInBy, startRockBot, status, statusIs } from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

function serverRow({ page }: WorkbenchWindow): Locator {
  return page.getByRole('treeitem', { name: /^Server workiq/ });
}

function toolRow({ page }: WorkbenchWindow, name: RegExp): Locator {
  return page.getByRole('treeitem', { name });
}

describe('journey - what windows show', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    stack = started.use(await startStack());
    const settings = { 'rockbot.workiq.signIn': 'browser' };
    workbench = started.use(await startRockBot(stack, { name: 'states', settings }));
  });
  after(() => started.disposeAsync());

  test('[S5] [P13] journey - expiry, one notice over two windows, one click repairs it in both', async () => {
    const first = workbench.window;
    // The same person as in this window, so that its signer is the pinned one.
    await signIn(workbench);
    await first.runCommand('Notifications: Clear All Notifications');
    const second = await workbench.openWindow();
    await statusIs(second, /adele/);

    await expireSignIn(stack);
    await Promise.all([first, second].map((window) => statusIs(window, /Reconnect M365/)));
    const [owner, other] = await until('the notice', async () => {
      if ((await first.notification(/sign-in .*has ended/).count()) > 0) return [first, second] as const;
      return (await second.notification(/sign-in .*has ended/).count()) > 0 && ([second, first] as const);
    });
    await messagesAreIn(other);
    assert.equal(await other.notification(/has ended/).count(), 0, 'one notice over both windows');
    await first.openContainer('RockBot');
    await serverRow(first).click();
    await toolRow(first, /^Hidden tool fetch\./).waitFor();
    await first.screenshot('expired');

    const third = await workbench.openWindow();
    await statusIs(third, /Reconnect M365/);
    await messagesAreIn(third);
    await third.screenshot('opened-after-expiry');
    assert.equal(await third.notification(/has ended/).count(), 0, 'nobody is told twice');
    await third.page.close();

    await signInBy(workbench, () => press(owner, /has ended/, 'Reconnect M365'));
    await statusIs(second, /adele/);
    await toolRow(first, /^Tool fetch, reads/).waitFor();
    await first.screenshot('reconnected');
    await second.page.close();
    await first.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - "not now" is respected until the next episode', async () => {
    const { window } = workbench;
    await expireSignIn(stack);
    await press(window, /has ended/, 'Not Now');
    await statusIs(window, /Reconnect M365/);
    await window.reload();
    await statusIs(window, /Reconnect M365/);
    await messagesAreIn(window);
    assert.equal(await window.notification(/has ended/).count(), 0);
    await signInBy(workbench, () => status(window).click());
    await window.runCommand('Notifications: Clear All Notifications');
    await expireSignIn(stack);
    await message(window, /has ended/);
    await signInBy(workbench, () => status(window).click());
  });

  test('journey - an agent that was killed shows as offline within 30 s, and its return at once', async () => {
    const { window } = workbench;
    stack.agent.child.kill('SIGKILL');
    await statusIs(window, /agent rockbot offline/, 30_000);
    await window.openContainer('RockBot');
    await window.view('Servers').getByText('no agent of this name answers').waitFor();
    await window.screenshot('agent-offline');
    await stack.restartAgent();
    await statusIs(window, /adele/, 10_000);
  });
});

test('journey - a bus that was killed shows as offline, and all is back with it', { skip }, async () => {
  const probe = await startTestNats();
  const websocketPort = Number(new URL(probe.url).port);
  await probe.stop();
  await using stack = await startStack({ nats: { websocketPort } });
  await stack.connect();
  await using workbench = await startRockBot(stack, { name: 'bus' });
  const { window } = workbench;
  await statusIs(window, /adele/);
  await stack.nats.stop();
  await statusIs(window, /bus offline/);
  await window.openContainer('RockBot');
  await window.view('Servers').getByText('The bus cannot be reached').waitFor();
  await status(window).hover();
  await window.page.locator('.monaco-hover').getByText('the bus is offline').waitFor();
  await window.screenshot('bus-offline');
  await using _again = await startTestNats({ websocketPort });
  await statusIs(window, /adele/, 30_000);
});

test('journey - without settings nothing is started, and the first view leads on', { skip }, async () => {
  await using workbench = await startRockBot({ nats: { url: '' } }, { name: 'first-start' });
  const { window } = workbench;
  await window.openContainer('RockBot');
  await window.view('Servers').getByText('Start a Local Agent').waitFor();
  await window.screenshot('first-start');
  assert.equal(await status(window).count(), 0, 'nobody is reminded in the status bar');

  // Whatever needs an agent says that there is none, with both ways to one.
  for (const command of ['RockBot: Open mcp.json', 'RockBot: Run Tool…', 'RockBot: Connect M365']) {
    await window.runCommand(command);
    const notice = window.notification(/(?:no agent yet|not connected to any agent)/);
    await notice.button('Start Local Agent').waitFor();
    await notice.button('Set the Bus Address').waitFor();
    await window.runCommand('Notifications: Clear All Notifications');
  }

  // The address is asked for, checked, and written where VS Code reads it, on a remote machine as well.
  await window.view('Servers').getByRole('button', { name: 'Set the Bus Address' }).click();
  await window.quickInput.type('https://bus.example');
  await window.quickInput.widget.getByText('in place of https').waitFor();
  await window.screenshot('bus-address');
  await window.quickInput.type('ws://127.0.0.1:1');
  await window.quickInput.accept();
  await statusIs(window, /bus offline/);
  await window.runCommand('RockBot: Open Settings');
  const setting = window.page.locator('.settings-editor input').and(window.page.locator('[value], input')).nth(0);
  await setting.waitFor();
  await until('the settings editor has the address in sight', async () =>
    (
      await window.page
        .locator('.settings-editor .setting-item-control input')
        .evaluateAll((inputs) => inputs.map((input) => (input as unknown as { value: string }).value))
    ).includes('ws://127.0.0.1:1'),
  );
  await window.screenshot('settings');
});
