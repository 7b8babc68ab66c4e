// "RockBot: Doctor" in a window: from what is wrong to the step that mends it, calls only after a question, and Cancel.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { FrameLocator } from 'playwright-core';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { signInBy, startRockBot, statusIs, trustAgent } from './rockbot-window.ts';

const skip = await workbenchObstacle();

describe('journey - doctor', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    stack = started.use(await startStack());
    const settings = { 'rockbot.workiq.signIn': 'browser' };
    workbench = started.use(await startRockBot(stack, { name: 'doctor', settings }));
    await statusIs(workbench.window, /Connect M365/);
  });
  after(() => started.disposeAsync());

  const page = (): FrameLocator => workbench.window.webview();
  const verdict = (text: string | RegExp): Promise<void> => page().getByRole('status').getByText(text).waitFor();
  /** A dialog that is on its way out swallows a click. */
  const askToProbe = (): Promise<unknown> =>
    until(
      'the question is on screen',
      async () => {
        await page().getByRole('button', { name: 'Check Licences…' }).click();
        const question = workbench.window.dialog().getByText('Make one call to each Work IQ server?');
        return question.waitFor({ timeout: 5_000 }).then(
          () => true,
          () => false,
        );
      },
      { timeoutMs: 60_000 },
    );
  const toolCalls = async (): Promise<number> =>
    Object.values((await stack.workiq.control.snapshot()).tools).reduce((sum, count) => sum + count, 0);

  test('journey - the doctor names the missing sign-in, its button mends it, and calls are made after a question alone', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Doctor');
    await verdict('One check failed.');
    assert.deepEqual(await page().locator('.card h3').allInnerTexts(), ['Sign-in']);
    await window.screenshot('not-connected');

    await signInBy(workbench, async () => {
      await page().getByRole('button', { name: 'Connect M365' }).click();
      await trustAgent(window);
    });
    await window.runCommand('Notifications: Clear All Notifications');
    await until('its servers are ready', async () => {
      const { servers } = await stack.ui.request('toolList', {});
      return servers.every(({ state }) => state === 'ready');
    });
    await page().getByRole('button', { name: 'Look again', exact: true }).click();
    await verdict('Everything is in order.');
    await window.screenshot('in-order');
    assert.equal(await toolCalls(), 0);

    await stack.workiq.control.inject({ kind: 'entitlement', times: 'all' });
    await askToProbe();
    await window.screenshot('asks-before-calls');
    await window.dialog().button('Cancel').click();
    await window.dialog().waitFor({ state: 'detached' });
    assert.equal(await toolCalls(), 0);
    await askToProbe();
    await window.dialog().button('Make the Calls').click();
    await verdict('One check failed.');
    assert.deepEqual(await page().locator('.card h3').allInnerTexts(), ['workiq · Entitled']);
    assert.equal(await toolCalls(), 1);
    await window.screenshot('not-entitled');
    await stack.workiq.control.clearFaults();
  });

  test('journey - a look that takes long can be cancelled, and leaves what was shown', async () => {
    const { window } = workbench;
    const progress = window.notification(/looking from the bus to the servers/);
    await window.runCommand('RockBot: Doctor');
    await verdict('Everything is in order.');
    await until('the progress of looks before is gone', async () => (await progress.count()) === 0);
    await stack.entra.control.changeSettings({ hang: true });
    try {
      await window.runCommand('RockBot: Doctor');
      await progress.getByText(/servers: Agent/).waitFor();
      await window.screenshot('looking');
      await progress.hover();
      await progress.button('Cancel').click();
      await progress.waitFor({ state: 'detached' });
      assert.equal(await page().getByRole('status').innerText(), 'Everything is in order.');
    } finally {
      await stack.entra.control.changeSettings({ hang: false });
    }
  });
});
