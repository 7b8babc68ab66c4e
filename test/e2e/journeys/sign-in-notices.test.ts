// The notices about a sign-in, as a person meets them: ahead of its end, once over all windows and gone after one click; and, where only
// an administrator can help, with what to send to them.
import assert from 'node:assert/strict';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { decodeEnvelope, encodeEnvelope } from '../../../agent/auth/cache-envelope.ts';
import { startStack, type Stack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import type { WorkbenchWindow } from '../../support/workbench/workbench-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { consent, message, messagesAreIn, nextPage, press, signIn, startRockBot, statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();
const dayMs = 86_400_000;

/** The agent starts anew as it would six and a half days after its sign-in, in a tenant that asks for one every seven days. */
async function letDaysPass(stack: Stack): Promise<void> {
  const secrets = join(stack.agent.dataDir, 'secrets');
  const cacheFile = join(secrets, 'workiq-cache.bin');
  const { connection, ...envelope } = await decodeEnvelope(await readFile(cacheFile, 'utf8'), {});
  assert.ok(connection !== undefined);
  const connectedAt = new Date(Date.now() - 6.5 * dayMs).toISOString();
  await writeFile(
    cacheFile,
    await encodeEnvelope({ ...envelope, connection: { ...connection, connectedAt } }, { savedAt: connectedAt }),
  );
  const ended = [{ statedMs: 7 * dayMs, goodAfterMs: 0, refusedAfterMs: 7 * dayMs }];
  await writeFile(join(secrets, 'sign-in-history.json'), JSON.stringify({ accountId: connection.account.id, ended }));
  await stack.restartAgent({ signal: 'SIGKILL' });
}

describe('journey - notices about the sign-in', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let workbench: Workbench;
  let second: WorkbenchWindow;
  before(async () => {
    stack = started.use(await startStack());
    const settings = { 'rockbot.workiq.signIn': 'browser' };
    workbench = started.use(await startRockBot(stack, { name: 'sign-in-notices', settings }));
  });
  after(() => started.disposeAsync());

  /** Whichever of both windows tells it. */
  function tellerOf(text: RegExp): Promise<WorkbenchWindow> {
    return until(`a window tells ${text}`, async () => {
      for (const window of [workbench.window, second]) if ((await window.notification(text).count()) > 0) return window;
      return undefined;
    });
  }

  test('[S5] journey - a sign-in that ends soon: told once over two windows, and one click moves the end on', async () => {
    const first = workbench.window;
    await signIn(workbench);
    second = await workbench.openWindow();
    await statusIs(second, /adele/);
    await first.runCommand('Notifications: Clear All Notifications');
    assert.equal(await first.notification(/ends on/).count(), 0, 'no end is known yet');

    await letDaysPass(stack);
    await until('the agent says so', async () => (await stack.ui.request('authState', {})).endsAt?.soon === true);
    const teller = await tellerOf(/sign-in .*ends on/);
    const text = await message(teller, /ends on/);
    assert.match(text, /sign-in of adele\S+ ends on .*The tenant asks for a sign-in every 7 days/);
    await teller.screenshot('light');
    // Nothing is interrupted: the sign-in still serves calls.
    assert.equal((await stack.call('fetch', { entityUrls: ['/me'] })).ok, true);

    const again = await nextPage(workbench, () => press(teller, /ends on/, 'Reconnect Now'));
    await consent(again);
    await until('the end has moved on', async () => (await stack.ui.request('authState', {})).endsAt?.soon === false);
    await statusIs(first, /adele/);
    await again.close();
    const other = teller === first ? second : first;
    await messagesAreIn(other);
    await other.runCommand('Notifications: Show Notifications');
    const listed = other.page.locator('.notifications-center .notification-list-item');
    await listed.filter({ hasText: /diagnostics/ }).waitFor();
    assert.equal(await listed.filter({ hasText: /ends on/ }).count(), 0, 'nobody is told twice');
    // While the list is open there are no toasts.
    await other.runCommand('Notifications: Clear All Notifications');
    const { endsAt } = await stack.ui.request('authState', {});
    assert.ok(Date.parse(endsAt?.at ?? '') > Date.now() + 6.5 * dayMs);

    await first.setTheme('Dark Modern');
    await letDaysPass(stack);
    await (await tellerOf(/sign-in .*ends on/)).screenshot('dark');
  });

  test('[P13] journey - a consent that is gone: the notice has the exact link, to be sent to an administrator', async () => {
    const { entra } = stack;
    for (const window of [workbench.window, second]) await window.runCommand('Notifications: Clear All Notifications');
    const action = { kind: 'aadsts', code: 65001 } as const;
    await entra.control.addFault({ grantType: 'refresh_token', times: 'all', action });
    await entra.control.revokeAccessTokens({});
    await assert.rejects(stack.call('fetch', { entityUrls: ['/me'] }), { code: 'consent_required' });
    const window = await tellerOf(/has ended/);
    assert.match(await message(window, /has ended/), /sign-in of adele\S+ has ended: Nobody has consented/);
    await window.screenshot('for-admin');
    await press(window, /has ended/, 'Copy for Your Admin');
    const link = `${new URL(entra.authority).origin}/${entra.tenantId}/adminconsent?client_id=${entra.clientId}`;
    await until('the link is in the clipboard', async () =>
      (await window.page.evaluate<string>('navigator.clipboard.readText()')).includes(link),
    );
    // Lifted by the administrator: nobody has to sign in.
    await entra.control.clearFaults();
    await stack.restartAgent();
    await statusIs(window, /adele/);
  });
});
