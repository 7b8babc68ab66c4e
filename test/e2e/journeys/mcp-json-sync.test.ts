// The mcp.json of an agent on another machine, as a person edits it: opened over the bus, saved with word of what changed, refused
// with reasons, never saved over what somebody else saved, and read-only for who may not manage.
import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startAccountsBus } from '../../support/accounts-bus.ts';
import { startAgentProcess } from '../../support/agent-process.ts';
import type { Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { message, press, startConnected, startRockBot, statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();

describe('journey - mcp.json on the agent', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    ({ stack, workbench } = await startConnected(started, { name: 'mcp-json-sync' }));
  });
  after(() => started.disposeAsync());

  const path = (): string => join(stack.agent.dataDir, 'mcp.json');
  const onAgent = (): Promise<string> => readFile(path(), 'utf8');
  const config = (servers: object): string => `${JSON.stringify({ mcpServers: servers }, undefined, 2)}\n`;
  const workiq = () => ({ type: 'http', url: stack.workiq.mcpUrl, auth: { profile: 'workiq' } });
  const lines = () => workbench.window.page.locator('.editor-instance .view-lines').last();

  /** Pasted: what is typed would get closing brackets of its own. */
  async function replaceText(text: string): Promise<void> {
    const { page } = workbench.window;
    const line = /mine|second|third|fourth/.exec(text)?.[0] ?? '';
    await until('the text is in the editor', async () => {
      await page.evaluate(`navigator.clipboard.writeText(${JSON.stringify(text)})`);
      // A click could meet a code lens.
      await page.keyboard.press('Control+1');
      await page.keyboard.press('Control+a');
      await page.keyboard.press('Control+v');
      const isThere = lines().getByText(line).first().waitFor({ timeout: 2_000 });
      return isThere.then(isDirty, () => false);
    });
  }

  const save = (): Promise<void> => workbench.window.page.keyboard.press('Control+s');
  const isDirty = async (): Promise<boolean> =>
    /dirty/.test((await workbench.window.editorTab('mcp.json').first().getAttribute('class')) ?? '');

  test('journey - the file of a remote agent opens, is edited and saved, and a message says which servers changed', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Open mcp.json');
    await window.editorTab('mcp.json').waitFor();
    await lines().getByText('mcpServers').first().waitFor();
    await window.screenshot('opened');
    await replaceText(config({ workiq: workiq(), second: workiq() }));
    await save();
    await message(window, /Saved to the agent "rockbot": 1 server added: second\./);
    await window.screenshot('saved');
    assert.match(await onAgent(), /"second"[^]*"registeredOverBus": true/);
    // What the agent adds to the text comes into the editor.
    await lines().getByText('registeredOverBus').waitFor();
    assert.equal(await isDirty(), false);
    await window.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - a text that the agent does not take stays in the editor, with what is wrong', async () => {
    const { window } = workbench;
    const before = await onAgent();
    await replaceText(config({ workiq: workiq(), second: { command: 'sh' } }));
    await save();
    await message(window, /second: A server with a command cannot be registered/);
    await window.screenshot('refused');
    assert.equal(await isDirty(), true);
    assert.equal(await onAgent(), before);
    await window.runCommand('Notifications: Clear All Notifications');
    await window.runCommand('File: Revert File');
    await until('the text of the agent is back', async () => !(await isDirty()));
  });

  test('journey - what is changed elsewhere comes into a clean editor by itself', async () => {
    await writeFile(path(), `// by the operator\n${config({ workiq: workiq(), third: workiq() })}`);
    await lines().getByText('by the operator').waitFor();
  });

  test('journey - on a conflict nothing is lost: both texts side by side, then one of them on purpose', async () => {
    const { window } = workbench;
    await replaceText(`// mine\n${config({ workiq: workiq(), third: workiq(), mine: workiq() })}`);
    // The same length, which a comparison of sizes would not notice.
    await writeFile(path(), (await onAgent()).replace('by the operator', 'by the OPERATOR'));
    await save();
    const conflict = /content of the file is newer/;
    await message(window, conflict);
    await window.screenshot('conflict');
    assert.match(await onAgent(), /by the OPERATOR/);
    assert.equal(await isDirty(), true);
    await press(window, conflict, 'Compare');
    await window.page.locator('.monaco-diff-editor').getByText('OPERATOR').first().waitFor();
    await window.page.locator('.monaco-diff-editor').getByText('mine').first().waitFor();
    await window.screenshot('compared');
  });

  test('journey - "Overwrite" writes what was compared, and "Revert" takes what the agent has', async () => {
    const { window } = workbench;
    await window.runCommand('Notifications: Clear All Notifications');
    await window.page.keyboard.press('Control+F4');
    await window.editorTab('mcp.json').first().click();
    await save();
    await press(window, /content of the file is newer/, 'Overwrite');
    await message(window, /1 server added: mine/);
    assert.match(await onAgent(), /^\/\/ mine/);
    await window.runCommand('Notifications: Clear All Notifications');

    await replaceText(`// fourth\n${config({ workiq: workiq(), fourth: workiq() })}`);
    await writeFile(path(), `// again the operator\n${config({ workiq: workiq() })}`);
    await save();
    await message(window, /content of the file is newer/);
    await window.runCommand('File: Revert File');
    await lines().getByText('again the operator').waitFor();
    assert.equal(await isDirty(), false);
    assert.match(await onAgent(), /^\/\/ again the operator/);
    await window.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - while the agent is away nothing can be saved, and nothing is lost', async () => {
    const { window } = workbench;
    stack.agent.child.kill('SIGKILL');
    await statusIs(window, /agent rockbot offline/, 30_000);
    await replaceText(`// mine, written alone\n${config({ workiq: workiq() })}`);
    await save();
    const failed = await message(window, /Failed to save 'mcp.json'.*Nothing was written, and your text is still here/);
    await window.screenshot('offline');
    assert.equal(await isDirty(), true, failed);
    await window.runCommand('Notifications: Clear All Notifications');
    await stack.restartAgent();
    await statusIs(window, /adele/);
    // The test's agent begins with its first file again, so somebody else has changed it.
    await save();
    await press(window, /content of the file is newer/, 'Overwrite');
    await message(window, /Saved to the agent "rockbot": no server changed/);
    assert.match(await onAgent(), /^\/\/ mine, written alone/);
  });
});

describe('journey - mcp.json for who may not manage', { skip }, () => {
  test('journey - a viewer reads the file, is told why it is read-only, and can type nothing into it', async () => {
    await using bus = await startAccountsBus();
    const folder = await mkdtemp(join(tmpdir(), 'rockbot-viewer-'));
    await using cleanup = new AsyncDisposableStack();
    cleanup.defer(() => rm(folder, { recursive: true, force: true }));
    const seedFile = join(folder, 'agent.nk');
    await writeFile(seedFile, bus.seed('AGENT'), { mode: 0o600 });
    await using agent = await startAgentProcess({
      busUrl: bus.server.url,
      env: {
        WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
        WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
        Nats__NkeySeedFile: seedFile,
      },
      mcpConfig: { mcpServers: { workiq: { url: 'http://127.0.0.1:9/mcp' } } },
    });
    await using workbench = await startRockBot({ nats: bus.server }, { name: 'mcp-json-viewer' });
    const { window } = workbench;
    await window.runCommand('RockBot: Set Bus Credentials');
    await window.quickInput.row(/Nkey seed/).click();
    await window.quickInput.type(new TextDecoder().decode(bus.seed('UI_VIEWER')));
    await window.quickInput.accept();
    await statusIs(window, /Connect M365/);
    await window.runCommand('RockBot: Open mcp.json');
    await window.editorTab('mcp.json').waitFor();
    await message(window, /is read-only here: the bus lets you look at servers, and not manage them/);
    const text = window.page.locator('.editor-instance .view-lines').last();
    await text.click();
    await window.page.keyboard.type('x');
    await window.screenshot('read-only');
    assert.doesNotMatch((await window.editorTab('mcp.json').getAttribute('class')) ?? '', /dirty/);
    assert.match(await readFile(join(agent.dataDir, 'mcp.json'), 'utf8'), /^\{"mcpServers"/);
  });
});
