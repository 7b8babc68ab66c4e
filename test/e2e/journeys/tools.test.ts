// Running tools and looking at what they return: forms, lists, agendas, every error there is, hostile and huge content.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startAgentStandIn, type AgentStandIn } from '../../support/agent-stand-in.ts';
import { startTestNats } from '../../support/nats.ts';
import type { Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';
import { errorCodes } from '../../../shared/errors/error-code.ts';
import { startConnected, startRockBot, statusIs } from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

function callRow({ page }: WorkbenchWindow, name: RegExp) {
  return page.getByRole('treeitem', { name }).first();
}

describe('journey - tools of the real agent', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  before(async () => {
    ({ stack, workbench } = await startConnected(started, { name: 'tools' }));
    await workbench.window.openContainer('RockBot');
  });
  after(() => started.disposeAsync());

  test('[S1] journey - run a mail tool from its form and read the list', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Run Tool…');
    await window.quickInput.pick('fetch', { typed: 'fetch' });
    const form = window.webview();
    await form.getByRole('textbox').first().fill('/me/messages?$top=10');
    await window.screenshot('form');
    await window.page.keyboard.press('Control+Enter');
    await window.editorTab('fetch').nth(1).waitFor();
    const page = window.webview();
    await page.getByText('10 messages').waitFor();
    await page.getByText('Budget review moved to Thursday').click();
    await window.screenshot('mail');
    await callRow(window, /^fetch on workiq, .*by VS Code/).waitFor();
    await window.runCommand('View: Close All Editors');
  });

  test('[S1] journey - a calendar call of another program is in the activity and opens as an agenda', async () => {
    const { window } = workbench;
    const day = new Date().toISOString().slice(0, 10);
    const path = `/me/calendarView?startDateTime=${day}T00:00:00.000Z&endDateTime=${day}T23:59:59.000Z`;
    await stack.call('fetch', { entityUrls: [path] });
    await callRow(window, /^fetch on workiq, .*by test/).click();
    await window.webview().getByText('Stand-up').first().waitFor();
    await window.screenshot('agenda');
    await window.runCommand('View: Close All Editors');
  });

  test('journey - a tool that can change things asks first, and does nothing on Cancel', async () => {
    const { window } = workbench;
    const before = await stack.workiq.control.snapshot();
    await window.runCommand('RockBot: Run Tool…');
    await window.quickInput.pick('delete_entity', { typed: 'delete_entity' });
    await window.webview().getByRole('textbox').first().fill('/me/messages/does-not-matter');
    await window.page.keyboard.press('Control+Enter');
    await window.dialog().waitFor();
    await window.screenshot('confirm');
    await window.dialog().button('Cancel').click();
    assert.deepEqual((await stack.workiq.control.snapshot()).tools, before.tools);
    await window.runCommand('View: Close All Editors');
  });

  test('journey - a long call shows while it runs, is cancelled from the activity, and survives a reload as ended', async () => {
    const { window } = workbench;
    await stack.workiq.control.set({ latencyMs: 60_000 });
    const call = stack.call('fetch', { entityUrls: ['/me'] });
    const row = callRow(window, /^fetch on workiq, running, by test/);
    await row.hover();
    await window.screenshot('running');
    await row.getByRole('button', { name: 'Cancel Call' }).click();
    await assert.rejects(call, { code: 'cancelled' });
    await callRow(window, /^fetch on workiq, cancelled, by test/).waitFor();
    await stack.workiq.control.set({ latencyMs: 0 });
    // A browser's workbench saves every few seconds, and not when it goes.
    await until(
      'the activity is saved',
      async () => /rockbot\.activity\W[^\n]*cancelled/.test(await workbench.keptByBrowser()),
      { timeoutMs: 60_000, everyMs: 500 },
    );
    await window.reload();
    await window.openContainer('RockBot');
    await callRow(window, /^fetch on workiq, cancelled, by test/).waitFor();
  });
});

describe('journey - results of every kind', { skip }, () => {
  const started = new AsyncDisposableStack();
  let standIn: AgentStandIn;
  let workbench: Workbench;
  let answer: object = {};
  before(async () => {
    const nats = started.use(await startTestNats());
    const account = { id: 'id', username: 'adele@contoso.example', tenantId: 'tenant' };
    const name = '[Fix it here](command:workbench.action.toggleSidebarVisibility)';
    const lying = { name, reason: 'See [this](command:workbench.action.quit).', code: 'denied' } as const;
    const tool = { name: 'read', description: 'Reads.', inputSchema: { type: 'object' }, sideEffects: 'read' } as const;
    standIn = await startAgentStandIn({
      busUrl: nats.url,
      heartbeatMs: 1_000,
      givesMcpFile: false,
      state: { status: 'connected', account, generation: 1 },
      servers: [{ name: 'stand-in', state: 'ready', type: 'streamable-http', tools: [tool], hidden: [lying] }],
      tool: async () => answer,
    });
    started.use(standIn);
    workbench = started.use(await startRockBot({ nats }, { name: 'results' }));
    await statusIs(workbench.window, /adele/);
    await workbench.window.openContainer('RockBot');
  });
  after(() => started.disposeAsync());

  let calls = 0;
  async function publish(result: object): Promise<string> {
    const callId = `call-${++calls}`;
    const facts = { callId, server: 'stand-in', tool: `tool-${calls}`, caller: 'cli', durationMs: 5 };
    await standIn.publish('toolResult', { ...facts, startedAt: new Date().toISOString(), ok: true, ...result });
    await callRow(workbench.window, new RegExp(`^tool-${calls} on stand-in`)).click();
    return callId;
  }

  test('journey - of an agent elsewhere, its servers can be read where its mcp.json cannot be opened', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Open mcp.json');
    await window
      .notification(/does not give its mcp.json/)
      .button('Show What Is in Force')
      .click();
    await window.editorTab(/details/).waitFor();
    await window.page.locator('.view-line').filter({ hasText: '"stand-in"' }).first().waitFor();
    await window.screenshot('server-details');
    await window.runCommand('View: Close All Editors');
  });

  test('journey - every error code opens as a card that says what it means', async () => {
    const { window } = workbench;
    for (const code of errorCodes) {
      const error = {
        code,
        message: `What happened for ${code}.`,
        retryable: false,
        action: 'What to do next.',
        requestId: 'request-7',
      };
      await publish({ ok: false, error });
      const page = window.webview();
      await page.getByText(`What happened for ${code}.`).waitFor();
      await page.getByText('What to do next.').waitFor();
      if (['auth_required', 'throttled', 'outcome_unknown'].includes(code)) await window.screenshot(`error-${code}`);
    }
    await window.runCommand('View: Close All Editors');
  });

  test('[P6] journey - hostile mail is text: nothing runs, nothing is loaded, no link lies', async () => {
    const { window } = workbench;
    const requests: string[] = [];
    window.page.on('request', (request) => requests.push(request.url()));
    const hostile =
      '<img src=x onerror="top.hacked=1"><script>top.hacked=1</script>\u202e\u0007[click](command:workbench.action.quit)';
    const mail = {
      id: 'm1',
      subject: hostile,
      from: { emailAddress: { name: `${hostile}\n\n# big`, address: 'evil@evil.example' } },
      receivedDateTime: '2026-11-23T10:00:00Z',
      isRead: false,
      bodyPreview: hostile,
      body: {
        contentType: 'html',
        content: `<p onclick="top.hacked=1">Hello</p><img src="https://evil.example/pixel.png">${'x'.repeat(1_000_000)}`,
      },
    };
    await publish({ result: { content: [{ type: 'text', text: JSON.stringify({ value: [mail] }) }] } });
    const page = window.webview();
    await page.getByText('onerror=').first().waitFor();
    await window.screenshot('hostile');
    await page.getByText('onerror=').first().click();
    await page.getByText('Hello').first().waitFor();
    assert.equal(await window.page.evaluate<unknown>('globalThis.hacked'), undefined);
    assert.ok(requests.length > 0, 'requests of the page are seen');
    assert.deepEqual(
      requests.filter((url) => url.includes('evil.example')),
      [],
    );
    await window.runCommand('View: Close All Editors');
  });

  test('[P6] journey - names and reasons in a notification are no links', async () => {
    const { window } = workbench;
    await window.runCommand('RockBot: Run Tool…');
    await window.quickInput.pick('Fix it here', { typed: 'Fix it' });
    const notice = window.notification(/Fix it here/);
    await notice.waitFor();
    assert.equal(await notice.locator('a[href^="command:"], a:not(.monaco-button)[role=link]').count(), 0);
    assert.match(await notice.innerText(), /toggleSidebarVisibility/, 'the text is shown as it is');
    await window.runCommand('Notifications: Clear All Notifications');
  });

  test('journey - 10 000 rows open at once as a table with few elements', async () => {
    const { window } = workbench;
    const rows = Array.from({ length: 10_000 }, (_, index) => ({
      id: index,
      name: `row ${index}`,
      size: index * 7,
      note: 'x'.repeat(40),
    }));
    answer = { content: [{ type: 'text', text: JSON.stringify({ value: rows }) }] };
    await window.runCommand('RockBot: Run Tool…');
    await window.quickInput.pick('read', { typed: 'read' });
    const page = window.webview();
    await page.getByText('row 0', { exact: true }).waitFor();
    await window.screenshot('large');
    const drawn = await page.locator('body').evaluate((body: { getRootNode: () => unknown }) => {
      const count = (node: { querySelectorAll: (selector: string) => Iterable<{ shadowRoot?: unknown }> }): number => {
        let sum = 0;
        for (const element of node.querySelectorAll('*')) {
          sum += 1;
          if (element.shadowRoot) sum += count(element.shadowRoot as typeof node);
        }
        return sum;
      };
      return count(body.getRootNode() as Parameters<typeof count>[0]);
    });
    assert.ok(drawn < 5_000, `${drawn} elements`);
    await window.runCommand('View: Close All Editors');
  });

  for (const theme of ['Dark Modern', 'Dark High Contrast'] as const) {
    test(`journey - in the theme ${theme}`, async () => {
      const { window } = workbench;
      await window.setTheme(theme);
      const mail = {
        subject: 'Release notes',
        from: { emailAddress: { name: 'Rob Young', address: 'rob@contoso.example' } },
        receivedDateTime: '2026-11-23T10:00:00Z',
        isRead: false,
        bodyPreview: 'Please have a look.',
      };
      await publish({
        result: { content: [{ type: 'text', text: JSON.stringify({ value: [mail, { ...mail, isRead: true }] }) }] },
      });
      await window.webview().getByText('Release notes').first().waitFor();
      await window.screenshot(theme.toLowerCase().replaceAll(' ', '-'));
      await window.runCommand('View: Close All Editors');
    });
  }
});
