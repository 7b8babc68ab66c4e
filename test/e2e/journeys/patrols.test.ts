// Patrols as a person sees them: from the empty view to a record, blind without a sign-in, caught up after it, and patrols.json
// with help while it is written.
import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { expireSignIn } from '../../support/expire-sign-in.ts';
import type { Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { startConnected, startRockBot, statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();

const schedule = { cron: '0 8 * * 1-5', timeZone: 'Europe/Berlin' };
const fetchStep = (id: string, path: string) => ({
  id,
  server: 'workiq',
  tool: 'fetch',
  arguments: { entityUrls: [path] },
});
const patrols = {
  morning: {
    description: 'Mail and calendar of the day',
    schedule,
    catchUp: true,
    steps: [
      fetchStep('mail', '/me/messages?$top=5'),
      fetchStep('today', "/me/calendarView?startDateTime=${startOf(now(), 'day')}&endDateTime=${endOf(now(), 'day')}"),
    ],
    output: [
      'Mail: ${length(steps.mail.result.results[0].data.value)}',
      'Planned: ${length(steps.today.result.results[0].data.value)}',
    ],
  },
  paused: { schedule, enabled: false, steps: [fetchStep('mail', '/me/messages?$top=1')] },
  wrong: { schedule, step: [] },
};

describe('journey - patrols', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    ({ stack, workbench } = await startConnected(started, { name: 'patrols' }));
    await workbench.window.openContainer('RockBot');
  });
  after(() => started.disposeAsync());

  const write = (content: object): Promise<void> =>
    writeFile(join(stack.agent.dataDir, 'patrols.json'), JSON.stringify(content, undefined, 2));
  const view = (): Locator => workbench.window.view('Patrols');
  const row = (name: RegExp): Locator => view().getByRole('treeitem', { name });
  const record = () => workbench.window.webview();

  async function press(item: Locator, action: string): Promise<void> {
    await item.hover();
    await item.getByRole('button', { name: action }).click();
  }

  test('journey - an agent without patrols says what they are and leads on; those it gets appear by themselves', async () => {
    const { window } = workbench;
    await view().getByText('The agent has no patrols yet').waitFor();
    await window.screenshot('none');
    await write({ patrols });
    await row(/^Patrol morning, next .*not run yet/).waitFor();
    await row(/^Patrol paused, disabled/).waitFor();
    await row(/^Patrol wrong, invalid/).waitFor();
    await row(/^Problem: line \d+/)
      .first()
      .waitFor();
    await window.screenshot('listed');
    const card = window.page.locator('.monaco-hover').getByText('Mail and calendar of the day');
    await until('the card of the patrol', async () => {
      // A view that is drawn anew takes it away.
      await window.page.mouse.move(800, 700);
      await row(/^Patrol morning/).hover();
      return card.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
    await window.screenshot('hover');
  });

  test('journey - Run Now opens the record, whose steps open as results; the activity view has the run with its calls', async () => {
    const { window } = workbench;
    await press(row(/^Patrol morning/), 'Run Patrol Now');
    await record()
      .getByText(/^Complete: 2 steps with 2 calls\./)
      .waitFor();
    await record().getByRole('heading', { level: 1, name: 'morning' }).waitFor();
    await record()
      .getByText(/^Mail: 5\n?Planned: \d+$/)
      .waitFor();
    await row(/^Patrol morning, next .*complete\. Last run: Complete/).waitFor();
    await window.page.mouse.move(800, 700);
    await window.page.locator('.monaco-hover:visible').waitFor({ state: 'detached' });
    await window.screenshot('record');
    await record().getByRole('button', { name: 'Copy as Markdown' }).click();
    const clipboard = (): Promise<string> => window.page.evaluate<string>('navigator.clipboard.readText()');
    await until('markdown is in the clipboard', async () => /## morning[\s\S]*### Steps/.test(await clipboard()));
    await record()
      .getByRole('button', { name: /^mail workiq · fetch ok/ })
      .click();
    await record().getByRole('heading', { level: 1, name: 'fetch' }).waitFor();
    await record().getByRole('listbox', { name: 'Messages' }).waitFor();
    await window.screenshot('result-of-step');
    const run = window.view('Activity').getByRole('treeitem', { name: /^Patrol morning, complete/ });
    await run.waitFor();
    await run.locator('.monaco-tl-twistie').click();
    await window
      .view('Activity')
      .getByRole('treeitem', { name: /^fetch on workiq.*by patrol morning/ })
      .first()
      .waitFor();
    await window.screenshot('activity');
    await window.runCommand('View: Close All Editors');
  });

  test('[P12] journey - blind without a sign-in: a warning in the view, in words and in the record; caught up after it', async () => {
    const { window } = workbench;
    await expireSignIn(stack);
    await statusIs(window, /Reconnect M365/);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.runCommand('RockBot: Run Patrol Now');
    await window.quickInput.pick('morning');
    await record()
      .getByText(/^Blind: could not see workiq \(sign-in is needed\)/)
      .waitFor();
    const blind = row(/^Patrol morning, next .*, blind: workiq, runs after sign-in\. Last run: Blind: could not see/);
    await blind.waitFor();
    assert.equal(await blind.locator('.codicon-warning').count(), 1, 'a blind patrol has its own icon');
    assert.equal(await blind.locator('.codicon-pass').count(), 0, 'a blind patrol is not green');
    await record().getByRole('heading', { name: 'Not seen' }).waitFor();
    await record().getByText('(not seen: mail)').waitFor();
    await blind.locator('.monaco-tl-twistie').click();
    await row(/^Run morning, blind: workiq, .*by hand/).waitFor();
    // The agent's own words name the command line; here the record says what to do here.
    await record().getByText('Reconnect M365, then run the patrol again.').first().waitFor();
    assert.equal(
      await record()
        .getByText(/rockbot auth/)
        .count(),
      0,
    );
    await window.screenshot('blind');

    await stack.connect();
    await statusIs(window, /adele/);
    const caughtUp = row(/^Run morning, complete, .*after a sign-in/);
    await caughtUp.waitFor();
    await row(/^Patrol morning, next [^,]+, complete\. /).waitFor();
    await row(/^Run morning, blind: workiq, .*by hand/).click();
    await record().getByText('The agent has been connected since: run the patrol again.').first().waitFor();
    await window.setTheme('Dark Modern');
    await window.screenshot('blind-dark');
    await window.setTheme('Light Modern');
    await caughtUp.click();
    await record()
      .getByText(/^Complete: 2 steps/)
      .waitFor();
    await window.screenshot('caught-up');
  });

  test('journey - a run under way is shown as such and can be cancelled where it is seen', async () => {
    const { window } = workbench;
    await stack.workiq.control.inject({ kind: 'hang', tool: 'fetch' });
    await press(row(/^Patrol morning/), 'Run Patrol Now');
    const running = row(/^Patrol morning, running/);
    await running.waitFor();
    await window
      .view('Activity')
      .getByRole('treeitem', { name: /^Patrol morning, running/ })
      .waitFor();
    await record()
      .getByText(/^Running\./)
      .waitFor();
    await window.screenshot('running');
    await press(running, 'Cancel Patrol');
    await record()
      .getByText(/^Cancelled/)
      .waitFor();
    await row(/^Patrol morning, next [^,]+, cancelled/).waitFor();
  });

  test('journey - a record outlives a reload of the window, since the agent has it', async () => {
    const { window } = workbench;
    // A browser's workbench saves every few seconds, and not when it goes.
    await until(
      'the workbench has saved its tabs',
      async () => /rockbot\.patrolRun[^]*patrol\W+morning/.test(await workbench.keptByBrowser()),
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await window.reload();
    await statusIs(window, /adele/);
    await window.editorTab(/Patrol morning/).click();
    await record().getByRole('region', { name: 'Steps' }).getByText('mail', { exact: true }).waitFor();
    await window.screenshot('reloaded');
  });

  test('journey - an agent that goes away takes what is next with it, and brings it back', async () => {
    const { window } = workbench;
    stack.agent.child.kill('SIGKILL');
    await statusIs(window, /agent rockbot offline/, 30_000);
    await view().getByText('The agent is not heard now').waitFor();
    await window.screenshot('agent-offline');
    await stack.restartAgent();
    await row(/^Patrol morning/).waitFor();
  });
});

test('journey - patrols.json has completion and is checked while it is written', { skip }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'rockbot-patrols-json-'));
  await using cleanup = new AsyncDisposableStack();
  cleanup.defer(() => rm(folder, { recursive: true, force: true }));
  await mkdir(join(folder, 'sub'));
  await writeFile(
    join(folder, 'patrols.json'),
    '{\n  // what the agent does at eight\n  "patrols": {\n    "morning": {\n      "schedule": { "cron": "0 8 * * 1-5" },\n      "missed": "always",\n      "stepps": [],\n      \n    },\n  },\n}\n',
  );
  await using workbench = await startRockBot({ nats: { url: '' } }, { name: 'patrols-json', folder });
  const { window } = workbench;
  await window.page.keyboard.press('Control+p');
  await window.quickInput.pick('patrols.json');
  await window.editorTab('patrols.json').waitFor();
  await window.statusBarItem(/JSON with Comments/).waitFor();
  await window.page.locator('.squiggly-warning, .squiggly-error').first().waitFor();
  await window.runCommand('View: Focus Problems (Errors, Warnings, Infos)');
  const problems = window.page.locator('.markers-panel');
  await problems.getByText('Property stepps is not allowed').waitFor();
  await problems.getByText(/Value is not accepted\. Valid values: "skip", "runOnce"/).waitFor();
  await problems.getByText('Missing property "steps"').waitFor();
  await window.page.keyboard.press('Control+1');
  await window.page.keyboard.press('Control+g');
  await window.quickInput.type(':8:7');
  await window.quickInput.accept();
  const suggestion = window.page.locator('.suggest-widget.visible').getByText('onAuthRequired').first();
  await until('the suggestions', async () => {
    // A quick input that has just closed may take a key.
    await window.page.keyboard.press('Control+Space');
    return suggestion.waitFor({ timeout: 3_000 }).then(
      () => true,
      () => false,
    );
  });
  await window.screenshot('completion');
});
