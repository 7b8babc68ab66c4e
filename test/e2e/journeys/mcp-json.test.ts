// An agent's mcp.json as a person edits it: a pasted token is caught and taken away, a server of Work IQ is written as a whole,
// and what the agent makes of it stands above it.
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { expireSignIn } from '../../support/expire-sign-in.ts';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { messagesAreIn, startRockBot, statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();
/** Made up, in the form of a real one. */
const token = `ghp_${'a1B2c3D4e5'.repeat(3)}F6g7H8`;

const lines = [
  '{',
  '  // Servers of the agent.',
  '  "mcpServers": {',
  '    "tickets": {',
  '      "type": "http",',
  '      "url": "https://tickets.example/mcp",',
  '      "headers": { "X-Api-Key": "" },',
  '      "enabled": false',
  '    }',
  '  }',
  '}',
  '',
];

/** Processes of the built language server in the group of a workbench. */
async function languageServers(group: number): Promise<number[]> {
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const found = await Promise.all(
    pids.map(async (pid) => {
      const [command, stat] = await Promise.all(
        ['cmdline', 'stat'].map((name) => readFile(`/proc/${pid}/${name}`, 'utf8').catch(() => '')),
      );
      // Behind the name in brackets: state, parent, group.
      const ofGroup = stat?.slice(stat.lastIndexOf(')')).split(' ')[3];
      return command?.includes('language-server.cjs') === true && ofGroup === String(group) ? [pid] : [];
    }),
  );
  return found.flat();
}

describe('journey - mcp.json', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  let file: string;
  before(async () => {
    stack = started.use(await startStack());
    await stack.connect();
    file = join(stack.agent.dataDir, 'mcp.json');
    await writeFile(file, lines.join('\n'));
    workbench = started.use(
      await startRockBot(stack, {
        name: 'mcp-json',
        folder: stack.agent.dataDir,
        settings: { 'rockbot.mcpJson.files': ['**/mcp.json'], 'files.hotExit': 'off' },
      }),
    );
    await statusIs(workbench.window, /adele/);
  });
  after(() => started.disposeAsync());

  const editor = (): Locator => workbench.window.page.locator('.editor-instance .monaco-editor').first();
  const lens = (text: RegExp): Locator => editor().locator('.codelens-decoration').filter({ hasText: text });
  const keys = (key: string): Promise<void> => workbench.window.page.keyboard.press(key);

  async function goTo(line: number, column: number): Promise<void> {
    const { window } = workbench;
    await keys('Control+g');
    await window.quickInput.type(`:${line}:${column}`);
    await window.quickInput.accept();
    await window.quickInput.widget.waitFor({ state: 'hidden' });
    await editor().and(window.page.locator('.focused')).waitFor();
  }

  async function paste(text: string): Promise<void> {
    await workbench.window.page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
    await keys('Control+v');
  }

  /** What the agent has once the editor is saved. */
  async function saved(expected: RegExp): Promise<string> {
    const { page } = workbench.window;
    await editor().and(page.locator('.focused')).waitFor();
    await page.locator('.tab.active.dirty').waitFor();
    await keys('Control+s');
    await page.locator('.tab.active:not(.dirty)').waitFor();
    const text = await readFile(file, 'utf8');
    assert.match(text, expected);
    return text;
  }

  test('journey - a file that a setting names is read as mcp.json of an agent', async () => {
    const { window } = workbench;
    await keys('Control+p');
    await window.quickInput.pick('mcp.json');
    await window.statusBarItem(/RockBot mcp\.json/).waitFor();
    await lens(/disabled/).waitFor();
    await window.screenshot('opened');
  });

  test('[S3] journey - a token that is pasted is an error, and a fix moves it into a variable of the agent', async () => {
    const { window } = workbench;
    await goTo(7, 34);
    await paste(token);
    await editor().locator('.squiggly-error').first().waitFor();
    await window.runCommand('View: Focus Problems (Errors, Warnings, Infos)');
    const problems = window.page.locator('.markers-panel');
    await problems
      .getByText(/credential/)
      .first()
      .waitFor();
    await problems.getByText('mcp/secret').first().waitFor();
    assert.doesNotMatch(await problems.innerText(), new RegExp(token));
    await window.screenshot('token');
    await keys('Control+1');
    await goTo(7, 36);
    const menu = window.page.locator('.action-widget').first();
    await until('the fixes', async () => {
      await keys('Control+.');
      return menu.waitFor({ timeout: 3_000 }).then(
        () => true,
        () => false,
      );
    });
    await menu.getByText(/\$\{/).first().waitFor();
    await window.screenshot('fixes');
    await menu.getByText(/\$\{/).first().click();
    await editor().locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await window.screenshot('fixed');
    const text = await saved(/"X-Api-Key": "\$\{\w+\}"/);
    assert.doesNotMatch(text, new RegExp(token));
    assert.match(text, /\/\/ Servers of the agent\./);
  });

  test('journey - the code of a problem leads to what the guide says of it', async () => {
    const { window } = workbench;
    await window.page.locator('.markers-panel').getByText('mcp/unset-variable').first().click();
    await window.editorTab(/mcp-json\.md/).waitFor();
    await window.webview().getByText('Where credentials belong').first().waitFor();
    await window.screenshot('guide');
    await window.runCommand('View: Close Editor');
    await keys('Control+1');
  });

  test('[S1] journey - Work IQ is completed as a whole, saved, connected by the agent, and its tools stand above it', async () => {
    const { window } = workbench;
    await goTo(3, 18);
    await keys('Enter');
    const suggestion = window.page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'Work IQ' });
    // As a key, since what a page is given as text closes no quotes.
    await keys('Shift+Quote');
    await suggestion.first().waitFor();
    await window.page.keyboard.type('work');
    await window.page.locator('.suggest-widget.visible').getByText('(legacy)').first().waitFor();
    await window.screenshot('servers');
    await suggestion.filter({ hasNotText: 'legacy' }).first().click();
    await editor().getByText('https://workiq.svc.cloud.microsoft/mcp').first().waitFor();
    await keys('Escape');
    await window.screenshot('snippet');
    // The simulator stands where Work IQ's own address would be.
    await goTo(6, 15);
    await keys('Shift+End');
    await paste(`${stack.workiq.mcpUrl}",`);
    await saved(
      /^ {4}"workiq": \{\n {6}"type": "streamable-http",\n {6}"url": "http.*\n {6}"auth": \{ "profile": "workiq" \}/m,
    );
    await lens(/ready, \d+ tools/).waitFor();
    await lens(/Run Tool…/).waitFor();
    await window.screenshot('lens');
  });

  test('journey - Run Tool above a server offers its tools, and a hover says what a tool is', async () => {
    const { window } = workbench;
    await lens(/Run Tool…/)
      .locator('a')
      .filter({ hasText: 'Run Tool' })
      .click();
    await window.quickInput.row('fetch').first().waitFor();
    await window.screenshot('run-tool');
    await window.quickInput.cancel();
    const name = editor()
      .locator('.view-line')
      .filter({ hasText: /"workiq":\s*\{/ })
      .getByText('"workiq"')
      .first();
    const card = window.page.locator('.monaco-hover:visible').getByText(/ready, \d+ tools/);
    await until('the card of the server', async () => {
      // A lens that is drawn anew moves the line away from under the pointer.
      await window.page.mouse.move(800, 700);
      await name.hover();
      return card
        .first()
        .waitFor({ timeout: 3_000 })
        .then(
          () => true,
          () => false,
        );
    });
    await window.screenshot('hover');
  });

  test('journey - the tenant stands beside its variable, and a server is renamed to a name that is free', async () => {
    const { window } = workbench;
    await goTo(11, 15);
    await keys('Shift+End');
    await paste('https://tickets.example/${WORKIQ_TENANT_ID}/mcp",');
    const line = editor().locator('.view-line').filter({ hasText: 'tickets.example' });
    await line.getByText(`= ${stack.entra.tenantId}`).waitFor();
    const box = window.page.locator('.rename-box input');
    for (const [name, text] of [
      ['workiq', /There is a server of this name already/],
      ['helpdesk', /"helpdesk"/],
    ] as const) {
      await goTo(9, 8);
      await keys('F2');
      await box.fill(name);
      await keys('Enter');
      await window.page
        .locator('.editor-instance, .monaco-editor-overlaymessage, .notifications-toasts')
        .getByText(text)
        .first()
        .waitFor();
      await keys('Escape');
    }
    await window.screenshot('renamed');
    await saved(
      /"helpdesk": \{\n {6}"type": "http",\n {6}"url": "https:\/\/tickets\.example\/\$\{WORKIQ_TENANT_ID\}\/mcp"/,
    );
    await lens(/ready, \d+ tools/).waitFor();
  });

  test('journey - a language server that is killed comes back and knows the agent again', async () => {
    const { window } = workbench;
    await window.runCommand('Notifications: Clear All Notifications');
    const [pid] = await languageServers(workbench.server.pid);
    assert.ok(pid !== undefined, 'there is no language server');
    process.kill(pid, 'SIGKILL');
    await until('another one', async () => {
      const [next] = await languageServers(workbench.server.pid);
      return next !== undefined && next !== pid;
    });
    await lens(/ready, \d+ tools/).waitFor();
    await messagesAreIn(window);
    assert.doesNotMatch((await window.notifications()).join('\n'), /server/i, 'nobody is told of what mends itself');
  });

  test('[S5] journey - when the sign-in has ended the lens leads to a new one', async () => {
    const { window } = workbench;
    await expireSignIn(stack);
    await lens(/Reconnect M365/).waitFor();
    await lens(/needs a sign-in/).waitFor();
    await window.screenshot('expired');
    await stack.connect();
    await lens(/ready, \d+ tools/).waitFor();
  });
});
