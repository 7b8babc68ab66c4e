// Running tools from the workbench: pick, fill in, be asked, run, see the outcome, and what happens when it fails.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startStack, type Stack } from '../../support/stack.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { startRockBot, statusIs } from './rockbot-window.ts';

describe('journey - run a tool', () => {
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    stack = await startStack();
    await stack.connect();
    workbench = await startRockBot(stack, { name: 'run-tool' });
    await statusIs(workbench.window, /adele/);
  });
  after(async () => {
    await workbench[Symbol.asyncDispose]();
    await stack[Symbol.asyncDispose]();
  });

  test('journey - a reading tool is picked, filled in and run with the keyboard', async () => {
    const { window } = workbench;
    const { page } = window;
    await window.quickInput.openPalette();
    await window.quickInput.pick('RockBot: Run Tool…', { typed: '>RockBot: Run Tool' });
    await page.getByPlaceholder('Type to find a tool').waitFor();
    await window.screenshot('pick');
    await page.keyboard.type('fetch');
    await page.waitForTimeout(300);
    await window.screenshot('pick-fetch');
    await page.keyboard.press('Enter');
    const form = window.webview();
    await form.getByRole('heading', { name: 'fetch' }).waitFor();
    await window.screenshot('form');
    await page.keyboard.type('/me/messages?$top=3');
    await page.keyboard.press('Control+Enter');
    await form.getByText('Finished in').waitFor();
    await window.screenshot('done');
  });
});
