// Running tools from the workbench: pick, fill in, be asked, run, see the outcome, and what happens when it fails.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { expireSignIn } from '../../support/expire-sign-in.ts';
import type { Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { message, startConnected, statusIs } from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

const mail = (subject: string): string =>
  JSON.stringify({ message: { subject, toRecipients: [{ emailAddress: { address: 'alex@contoso.example' } }] } });

describe('journey - run a tool', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    const workiq = { mutations: 'allowed', askLatencyMs: 60_000 };
    ({ stack, workbench } = await startConnected(started, { name: 'run-tool', stack: { workiq } }));
  });
  after(() => started.disposeAsync());

  async function openList(): Promise<void> {
    const { window } = workbench;
    await window.quickInput.openPalette();
    await window.quickInput.pick('RockBot: Run Tool…', { typed: '>RockBot: Run Tool' });
    await window.quickInput.row('workiq').first().waitFor();
  }

  async function openForm(tool: string): Promise<FrameLocator> {
    const { window } = workbench;
    await openList();
    await window.quickInput.type(tool);
    await window.quickInput.row(tool).first().waitFor();
    await window.quickInput.accept();
    const form = window.webview();
    await form.getByRole('heading', { name: tool }).waitFor();
    return form;
  }

  const sent = async (): Promise<number> =>
    (await stack.workiq.control.requests()).filter(({ tool }) => tool === 'do_action').length;

  test('[S1] journey - a mail tool is picked, filled in and run with the keyboard, and its mails are shown', async () => {
    const { window } = workbench;
    await openList();
    await window.screenshot('pick');
    await window.quickInput.cancel();
    const form = await openForm('fetch');
    await window.page.keyboard.type('/me/messages?$top=3');
    await window.screenshot('form');
    await window.page.keyboard.press('Control+Enter');
    await window.webview().getByText('3 messages').waitFor();
    await window.screenshot('result');
    await window.editorTab('Run fetch').click();
    await form.getByText('Finished in').waitFor();
    assert.equal(await form.getByLabel('Entity URLs 1').first().inputValue(), '/me/messages?$top=3');
    await openList();
    assert.match(await window.quickInput.rows().first().innerText(), /fetch[\s\S]*recently used/);
    await window.quickInput.cancel();
  });

  test('journey - more of a list is loaded into it, and a refusal leaves what is there', async () => {
    const { window } = workbench;
    const page = window.webview();
    await window.editorTab(/^fetch/).click();
    await page.getByText('3 messages').waitFor();
    await page.getByRole('button', { name: 'Load More' }).click();
    // The tenant's policy blocks the links that Graph gives.
    await page.getByText(/^The next page did not come: .*\$skip/).waitFor();
    await page.getByText('3 messages').waitFor();
    await window.screenshot('more-refused');
    await stack.workiq.control.set({ blocksSkip: false });
    await page.getByRole('button', { name: 'Load More' }).click();
    await page.getByText('6 messages').waitFor();
    await page.getByRole('button', { name: 'Load More' }).click();
    await page.getByText('9 messages').waitFor();
    await window.screenshot('more');
    const reads = (await stack.workiq.control.requests()).filter(({ tool }) => tool === 'fetch');
    assert.equal(reads.length, 4);
    // Each is a call like any other, so that it is seen and can be cancelled.
    await window.openContainer('RockBot');
    await until('the calls are in the view', async () => (await window.treeRow(/^fetch/).count()) >= 4);
  });

  test('journey - a tool that can change things asks first, with what it is about to do', async () => {
    const { window } = workbench;
    const form = await openForm('do_action');
    await form.getByLabel('Action URL').fill('/me/sendMail');
    await form.getByLabel('Kind of JSON body').selectOption('Text');
    await form.getByRole('textbox', { name: 'JSON body' }).fill(mail('First letter'));
    await window.page.keyboard.press('Control+Enter');
    await window.dialog().getByText('Action URL: /me/sendMail').waitFor();
    await window.screenshot('asked');
    await window.dialog().button('Cancel').click();
    assert.equal(await sent(), 0);

    await form.getByRole('button', { name: 'Run', exact: true }).click();
    await window
      .dialog()
      .button(/Don't Ask Again/)
      .click();
    await until('the letter was sent', async () => (await sent()) === 1);
    await window.editorTab('Run do_action').click();
    await form.getByRole('textbox', { name: 'JSON body' }).fill(mail('Second letter'));
    await window.page.keyboard.press('Control+Enter');
    await until('the second letter was sent', async () => (await sent()) === 2);
    // Its result comes to the front a moment later.
    await window.webview().getByText('Accepted.').waitFor();
  });

  test('journey - a refusal is shown in the form, beside what was filled in', async () => {
    const { window } = workbench;
    await stack.workiq.control.set({ mutations: 'denied' });
    await window.editorTab('Run do_action').click();
    const form = window.webview();
    await form.getByRole('button', { name: 'Run', exact: true }).click();
    await form.getByRole('alert').getByText('policy_denied').waitFor();
    await window.screenshot('refused');
    assert.equal(await form.getByLabel('Action URL').inputValue(), '/me/sendMail');
    await stack.workiq.control.set({ mutations: 'allowed' });
  });

  test('journey - a slow tool shows that it runs and can be cancelled', async () => {
    const { window } = workbench;
    const form = await openForm('ask');
    await form.getByLabel('Question').fill('What did I miss?');
    await window.page.keyboard.press('Control+Enter');
    await form.getByRole('button', { name: 'Cancel' }).waitFor();
    await window.screenshot('running');
    await form.getByRole('button', { name: 'Cancel' }).click();
    await form.getByText('Cancelled').waitFor();
    assert.equal(await form.getByLabel('Question').inputValue(), 'What did I miss?');
  });

  test('journey - a tool that reads and takes nothing runs at once', async () => {
    const { window } = workbench;
    await openList();
    await window.quickInput.type('list_agents');
    await window.quickInput.row('list_agents').first().waitFor();
    await window.quickInput.accept();
    await window.editorTab(/^list_agents/).waitFor();
  });

  test('[S5] journey - a hidden tool says why it is hidden and offers the way back', async () => {
    const { window } = workbench;
    await expireSignIn(stack);
    await statusIs(window, /Reconnect M365/);
    await window.runCommand('Notifications: Clear All Notifications');
    await openList();
    await window.quickInput.type('fetch');
    await window.screenshot('hidden');
    await window.quickInput.row('fetch').first().click();
    assert.match(await message(window, /fetch .*is not available/), /Reconnect M365/);
    await window.screenshot('hidden-explained');
  });
});
