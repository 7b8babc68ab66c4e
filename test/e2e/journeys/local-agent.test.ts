// A person without a cluster: a local agent from the welcome view to mail, over windows that close, to its stop.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { createSeed } from '../../../extension/consent/seed-file.ts';
import { readRecord } from '../../../extension/local/local-agent-record.ts';
import { testFolder } from '../../support/cli.ts';
import { testNatsProgram } from '../../support/nats.ts';
import { startEntraProcess, startWorkIqProcess, type EntraProcess, type WorkIqProcess } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { startWorkbench, type Workbench } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';
import { consent, message, messagesAreIn, nextPage, press, statusIs } from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

function localFolder({ dataFolder }: Workbench): string {
  return join(dataFolder, 'User', 'globalStorage', 'rockbot.rockbot', 'local-agent');
}

describe('journey - local agent', { skip }, () => {
  const started = new AsyncDisposableStack();
  let entra: EntraProcess;
  let workiq: WorkIqProcess;
  let workbench: Workbench;
  let second: WorkbenchWindow;
  before(async () => {
    entra = await startEntraProcess();
    started.use(entra.child);
    workiq = await startWorkIqProcess(entra);
    started.use(workiq.child);
    workbench = started.use(
      await startWorkbench({
        name: 'local-agent',
        settings: { 'rockbot.workiq.signIn': 'browser' },
        env: {
          ROCKBOT_NATS_SERVER: (await testNatsProgram()).path,
          WorkIQ__Authority: entra.authority,
          WorkIQ__CaFile: entra.caFile,
          WorkIQ__AllowedOrigins: workiq.origin,
        },
      }),
    );
  });
  after(() => started.disposeAsync());

  test('journey - a local agent asks for what it must know, starts, and leads to the sign-in', async () => {
    const { window } = workbench;
    const { quickInput } = window;
    await window.openContainer('RockBot');
    await window.runCommand('RockBot: Start Local Agent');
    await quickInput.widget.getByText('Start Local Agent (1/3)').waitFor();
    await quickInput.type('contoso');
    await quickInput.widget.getByText(/An id has the form/).waitFor();
    await window.screenshot('tenant');
    await quickInput.type(entra.tenantId);
    await quickInput.accept();
    await quickInput.widget.getByText('Start Local Agent (2/3)').waitFor();
    await quickInput.type(entra.clientId);
    await quickInput.accept();
    await quickInput.row(/Save in the user settings/).click();
    await message(window, /A local agent runs on this machine/);
    await window.screenshot('started');
    await statusIs(window, /Connect M365/);
    // Nobody compares fingerprints: the key is in the agent's own folder.
    const page = await nextPage(workbench, () => press(window, /A local agent runs/, 'Connect M365'));
    await consent(page);
    await message(window, /connected as adele@contoso\.example/);
    await statusIs(window, /adele/);
  });

  test('journey - its patrols.json is made from the view, and what is written there appears in it', async () => {
    const { window } = workbench;
    const patrols = window.view('Patrols');
    await patrols.getByRole('button', { name: 'Create patrols.json' }).click();
    await window.editorTab('patrols.json').waitFor();
    await window.statusBarItem(/JSON with Comments/).waitFor();
    await patrols.getByRole('treeitem', { name: /^Patrol unread, disabled, not run yet/ }).waitFor();
    await window.screenshot('patrols-json');
    await window.runCommand('View: Close All Editors');
    const path = join(localFolder(workbench), 'agent', 'patrols.json');
    await writeFile(path, (await readFile(path, 'utf8')).replace('"schedule"', '"shedule"'));
    const problem = patrols.getByRole('treeitem', { name: /^Problem: line \d+: "shedule" is not known here/ });
    await problem.click();
    await window.editorTab('patrols.json').waitFor();
    await window.runCommand('View: Close All Editors');
  });

  test('journey - a second window uses it, and goes on with it when the first one closes', async () => {
    second = await workbench.openWindow();
    await second.openContainer('RockBot');
    await statusIs(second, /adele/);
    const record = async (): Promise<unknown> => (await readRecord(localFolder(workbench)))?.owner.pid;
    const owner = await record();
    await workbench.window.page.close();
    await until('another window owns it', async () => (await record()) !== owner, { timeoutMs: 40_000 });
    // Its own agent now, with the connection of before.
    await statusIs(second, /adele/);
    await second.screenshot('taken-over');
    await second.reload();
    await second.openContainer('RockBot');
    await statusIs(second, /adele/);
  });

  test('[P6] journey - diagnostics name no person and no secret', async () => {
    await second.runCommand('RockBot: Copy Diagnostics');
    await press(second, /diagnostics are on the clipboard/, 'Open');
    await second.page.locator('.view-lines').getByText('# RockBot diagnostics').waitFor();
    const text = await second.page.locator('.view-lines').innerText();
    assert.match(text, /local.agent:.owned/);
    assert.doesNotMatch(text, /adele@/);
    await second.screenshot('diagnostics');
  });

  test('journey - a stop ends it, and the bus of the settings is back', async () => {
    await second.runCommand('RockBot: Stop Local Agent');
    await message(second, /The local agent was stopped/);
    await second.view('Servers').getByText('Start a Local Agent').waitFor();
    assert.equal((await readRecord(localFolder(workbench)))?.ended, 'stopped');
    await assert.rejects(readFile(join(localFolder(workbench), 'agent', 'agent.lock')), { code: 'ENOENT' });
    await second.screenshot('stopped');
  });

  test('[P6] journey - a seed of the bus is kept in the secret storage and echoed nowhere', async () => {
    const seed = createSeed();
    await second.runCommand('Notifications: Clear All Notifications');
    await second.runCommand('RockBot: Set Bus Credentials');
    await second.quickInput.row(/Nkey seed/).click();
    await second.quickInput.type(seed.slice(0, 30));
    await second.quickInput.widget.getByText(/58 characters; these are 30/).waitFor();
    await second.screenshot('seed');
    await second.quickInput.type(seed);
    await second.quickInput.accept();
    await message(second, /stored in VS Code's secret storage/);
    assert.equal(await second.page.getByText(seed.slice(0, 30)).count(), 0);
  });
});

test(
  'journey - a stop while a local agent starts ends that start, and a reload starts it no more',
  { skip: skip || (process.platform === 'win32' && 'the stand-in for nats-server is a shell script') },
  async () => {
    await using folder = await testFolder();
    const starts = join(folder.path, 'starts');
    const program = join(folder.path, 'nats-server');
    const real = (await testNatsProgram()).path;
    // It tells its version and then never gets ready.
    const script = `#!/bin/sh\n[ "$1" = -v ] && exec '${real}' -v\necho start >> '${starts}'\nexec sleep 120\n`;
    await writeFile(program, script, { mode: 0o700 });
    const begun = async (): Promise<number> =>
      (await readFile(starts, 'utf8').catch(() => '')).split('\n').filter(Boolean).length;
    const id = '0f6e4d2c-1b3a-4c5d-8e7f-9a0b1c2d3e4f';
    await using workbench = await startWorkbench({
      name: 'local-agent-stopped',
      settings: { 'rockbot.workiq.tenantId': id, 'rockbot.workiq.clientId': id },
      env: { ROCKBOT_NATS_SERVER: program },
    });
    const { window } = workbench;
    await window.openContainer('RockBot');
    await window.runCommand('RockBot: Start Local Agent');
    await until('the bus is being started', async () => (await begun()) > 0);
    await window.runCommand('RockBot: Stop Local Agent');
    await message(window, /start of the local agent was cancelled/);
    await messagesAreIn(window);
    await window.screenshot('cancelled');
    const texts = await window.notifications();
    assert.equal(texts.filter((text) => /local agent/i.test(text)).length, 1, texts.join(' | '));
    assert.equal((await readRecord(localFolder(workbench)))?.ended ?? 'released', 'released');

    await window.reload();
    await window.view('Servers').getByText('Start a Local Agent').waitFor();
    await messagesAreIn(window);
    assert.equal(await begun(), 1);
  },
);
