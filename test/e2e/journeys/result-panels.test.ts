// The tabs of results as a person uses them: one that is used again, ones that are kept, copying, links, hiding, a reload.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Locator } from 'playwright-core';
import { startAgentStandIn, type AgentStandIn } from '../../support/agent-stand-in.ts';
import { startTestNats } from '../../support/nats.ts';
import { mails } from '../../support/result-samples.ts';
import { until } from '../../support/until.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { message, startRockBot, statusIs } from './rockbot-window.ts';

/** Of the extension's machine; nobody who runs this sits there. */
const hostZone = 'Pacific/Kiritimati';

describe('journey - tabs of results', { skip: await workbenchObstacle() }, () => {
  const started = new AsyncDisposableStack();
  let standIn: AgentStandIn;
  let workbench: Workbench;
  before(async () => {
    const nats = started.use(await startTestNats());
    const account = { id: 'id', username: 'adele@contoso.example', tenantId: 'tenant' };
    const state = { status: 'connected', account, generation: 1 } as const;
    standIn = await startAgentStandIn({ busUrl: nats.url, heartbeatMs: 1_000, state, servers: [] });
    started.use(standIn);
    workbench = started.use(await startRockBot({ nats }, { name: 'tabs', env: { TZ: hostZone } }));
    await statusIs(workbench.window, /adele/);
    await workbench.window.openContainer('RockBot');
  });
  after(() => started.disposeAsync());

  const facts = (tool: string) => {
    const call = { callId: `id-${tool}`, server: 'stand-in', tool, caller: 'cli', durationMs: 5, ok: true };
    return { ...call, startedAt: new Date().toISOString() };
  };

  /** Of a call that another program has made. */
  async function show(tool: string, result: object = mails(40, { content: `<p>Text of ${tool}</p>` })): Promise<void> {
    await standIn.publish('toolResult', { ...facts(tool), result });
    await row(tool).click();
    await heading(tool).waitFor();
  }

  const row = (tool: string): Locator =>
    workbench.window.page.getByRole('treeitem', { name: new RegExp(`^${tool} on stand-in`) }).first();
  const heading = (tool: string): Locator =>
    workbench.window.webview().getByRole('heading', { level: 1, name: tool, exact: true });
  const tabs = (): Promise<string[]> => workbench.window.editorTab(/tool-/).allInnerTexts();
  const clipboard = (): Promise<string> => workbench.window.page.evaluate<string>('navigator.clipboard.readText()');
  /** A browser's workbench saves every few seconds, and not when it goes. */
  const areSaved = (texts: string[]): Promise<boolean> => workbench.window.page.evaluate(haveDatabasesOneWith, texts);
  const closeAll = (): Promise<void> => workbench.window.runCommand('View: Close All Editors');

  test('journey - the views tell times as the reader has them, once a page has told the zone of the screen', async () => {
    const { window } = workbench;
    // A leading zero is a matter of the machine's own words.
    const timeIn = async (place: Locator): Promise<string> =>
      /0?(\d{1,2}:\d+(?:\s[AP]M)?)/.exec(await place.innerText())?.[1]?.replace(/\s/, ' ') ?? '';
    await standIn.publish('toolResult', { ...facts('tool-0'), result: mails(1) });
    const before = await timeIn(row('tool-0'));
    await row('tool-0').click();
    await heading('tool-0').waitFor();
    const shown = await timeIn(window.webview().locator('time').first());
    assert.notEqual(before, shown);
    let last = '';
    await until(
      () => `the view tells ${shown} as the page does, not ${last}, which was ${before}`,
      async () => (last = await timeIn(row('tool-0'))) === shown,
    );
    await window.screenshot('times');
    await closeAll();
  });

  test('journey - the next result takes the tab of the last one, unless that is kept open', async () => {
    const { window } = workbench;
    await show('tool-1');
    await show('tool-2');
    assert.equal((await tabs()).length, 1);
    await window
      .webview()
      .getByRole('button', { name: /^Keep open/ })
      .click();
    await window.webview().getByRole('img', { name: 'Kept open' }).waitFor();
    await show('tool-3');
    assert.deepEqual(
      (await tabs()).map((text) => text.trim()),
      ['tool-2', 'tool-3'],
    );
    // One that is open already is shown, not opened again.
    await row('tool-2').click();
    await heading('tool-2').waitFor();
    assert.equal((await tabs()).length, 2);
    await closeAll();
  });

  test('journey - a result is copied as JSON and as markdown', async () => {
    const { window } = workbench;
    await show('tool-4', { content: [{ type: 'text', text: 'Hello *you*' }] });
    await window.webview().getByRole('button', { name: 'Copy as JSON' }).click();
    await until('JSON is in the clipboard', async () => (await clipboard()).startsWith('{'));
    assert.deepEqual(JSON.parse(await clipboard()), { content: [{ type: 'text', text: 'Hello *you*' }] });
    await window.webview().getByRole('button', { name: 'Copy as Markdown' }).click();
    await until('markdown is in the clipboard', async () => (await clipboard()).startsWith('## tool-4'));
    assert.match(await clipboard(), /\*stand-in · CLI · Today .*\n\n```\nHello \*you\*\n```\n$/);
    await closeAll();
  });

  test('journey - a file in a result is saved where the person says, byte by byte', async () => {
    const { window, folder } = workbench;
    const bytes = Buffer.from(Array.from({ length: 256 }, (_, index) => index));
    const blob = { blobName: 'Budget.bin', contentType: 'application/octet-stream', sizeBytes: bytes.length };
    const structuredContent = { statusCode: 200, data: { ...blob, base64Content: bytes.toString('base64') } };
    await show('tool-save', { content: [], structuredContent });
    await window.webview().getByRole('button', { name: 'Save…' }).click();
    await until('the name is proposed', async () =>
      (await window.quickInput.input.inputValue({ timeout: 1_000 }).catch(() => '')).endsWith('Budget.bin'),
    );
    await window.screenshot('save');
    const path = join(folder, 'kept.bin');
    await window.quickInput.type(path);
    await window.quickInput.accept();
    await until('the file is there', () =>
      readFile(path).then(
        (saved) => saved.equals(bytes),
        () => false,
      ),
    );
    await window.statusBarItem(/Saved/).waitFor();
    await closeAll();
  });

  test('journey - a link is opened outside once, by VS Code, with its address unchanged', async () => {
    const { window } = workbench;
    await show('tool-5', { content: [{ type: 'text', text: 'See https://contoso.example/a?b=%2F%3D&c=d+e now' }] });
    await window.webview().getByRole('link').click();
    const dialog = window.dialog();
    await dialog.getByText('contoso.example/a?b=%2F%3D&c=d+e').waitFor();
    await window.screenshot('link');
    await dialog.button('Cancel').click();
    await dialog.waitFor({ state: 'detached' });
    await closeAll();
  });

  test('journey - a tab that was hidden shows its result and place again; after a reload it says that the result is gone', async () => {
    const { window } = workbench;
    await show('tool-6');
    await window
      .webview()
      .getByRole('option', { name: /Mail 3$/ })
      .click();
    await window.webview().getByRole('heading', { level: 2, name: 'Mail 3' }).waitFor();
    await window
      .webview()
      .getByRole('button', { name: /^Keep open/ })
      .click();
    await show('tool-7');
    await window.editorTab('tool-6').click();
    await window.webview().getByRole('heading', { level: 2, name: 'Mail 3' }).waitFor();
    await until('the workbench has saved its tabs', () => areSaved(['rockbot.result', 'id-tool-6', 'id-tool-7']), {
      timeoutMs: 60_000,
      everyMs: 250,
    });
    await window.reload();
    await window.editorTab('tool-6').click();
    await heading('tool-6').waitFor();
    // Results are written nowhere.
    await window.webview().getByRole('heading', { level: 2, name: 'The result was not kept' }).waitFor();
    await window.screenshot('reloaded');
    await window.webview().getByRole('button', { name: 'Run Again…', exact: true }).click();
    await message(window, /There is no tool "tool-6" on stand-in now/);
    await window.runCommand('Notifications: Clear All Notifications');
    await closeAll();
  });

  test('journey - another agent has its own activity, and that of the first is there again on the way back', async () => {
    const { window, dataFolder } = workbench;
    await standIn.publish('toolResult', facts('tool-8'));
    await row('tool-8').waitFor();
    const file = join(dataFolder, 'Machine', 'settings.json');
    const settings = JSON.parse(await readFile(file, 'utf8')) as object;
    await writeFile(file, JSON.stringify({ ...settings, 'rockbot.agent.name': 'other' }));
    await statusIs(window, /agent other offline/);
    await row('tool-8').waitFor({ state: 'detached' });
    await writeFile(file, JSON.stringify(settings));
    await statusIs(window, /adele/);
    await row('tool-8').waitFor();
  });
});

interface Request<Result> {
  result: Result;
  onsuccess: () => void;
}

interface Database {
  objectStoreNames: Iterable<string>;
  transaction(store: string): { objectStore(name: string): { getAll(): Request<unknown[]> } };
  close(): void;
}

declare const indexedDB: {
  databases(): Promise<{ name: string }[]>;
  open(name: string): Request<Database>;
};

/** Runs in the page of the workbench. */
async function haveDatabasesOneWith(texts: string[]): Promise<boolean> {
  const settled = <Result>(request: Request<Result>): Promise<Result> =>
    new Promise((resolve) => {
      request.onsuccess = () => resolve(request.result);
    });
  for (const { name } of await indexedDB.databases()) {
    const database = await settled(indexedDB.open(name));
    for (const store of database.objectStoreNames) {
      const values = await settled(database.transaction(store).objectStore(store).getAll());
      if (values.map(String).some((value) => texts.every((text) => value.includes(text)))) return true;
    }
    database.close();
  }
  return false;
}
