// After a sign-in by each way, a search for every token that Entra issued in all that VS Code keeps, logs and shows
// (promises S4 and P6).
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { filesIn } from '../../support/files-in.ts';
import { findLeaks } from '../../support/leak-search.ts';
import { startStack } from '../../support/stack.ts';
import { until } from '../../support/until.ts';
import { nextPage, signIn, startRockBot, statusIs } from './rockbot-window.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';

const skip = await workbenchObstacle();

test(
  '[S4] [P6] journey - no Microsoft token is in SecretStorage, global state, logs or the profile folder',
  { skip },
  async () => {
    await using stack = await startStack();
    await using workbench = await startRockBot(stack, {
      name: 'secrets',
      settings: { 'rockbot.workiq.signIn': 'browser' },
    });
    const { window } = workbench;
    await statusIs(window, /Connect M365/);
    await window.runCommand('Developer: Set Log Level');
    await window.quickInput.pick('Trace', { typed: 'Trace' });
    await signIn(workbench);
    await window.runCommand('RockBot: Disconnect M365');
    await window.dialog().button('Disconnect').click();
    await statusIs(window, /Connect M365/);
    // So that the browser's session alone does not complete it.
    await stack.entra.control.revokeConsent();
    const unused = await nextPage(workbench, () => window.runCommand('RockBot: Connect M365'));
    await unused.close();
    await window
      .notification(/waiting for the sign-in|A sign-in/)
      .button('Cancel')
      .click();
    await window
      .notification(/cancelled/)
      .button('Use a Device Code')
      .click();
    await window.quickInput.row(/open the page/).waitFor();
    await window.quickInput.cancel();
    const { userCode } = await until('a code', async () =>
      (await stack.entra.control.deviceCodes()).find(({ state }) => state === 'pending'),
    );
    await stack.entra.control.decideDeviceCode({ userCode, decision: 'approve', user: 'adele' });
    await statusIs(window, /adele/);
    await stack.call('fetch', { entityUrls: ['/me'] });
    await window.runCommand('RockBot: Copy Diagnostics');
    await window.notification(/diagnostics are on the clipboard/).waitFor();

    const secrets = await stack.entra.control.secrets();
    for (const kind of ['access_token', 'refresh_token', 'id_token'])
      assert.ok(
        secrets.some((secret) => secret.kind === kind),
        `an ${kind} was issued`,
      );
    const browser = await workbench.keptByBrowser();
    assert.match(browser, /SecretStorage=.*rockbot\.signerSeed/s, 'SecretStorage is searched opened');
    const files = await filesIn(workbench.dataFolder);
    assert.ok(
      files.some(({ name }) => /logs\/.*RockBot.*\.log$/.test(name)),
      'the log of the extension is searched',
    );
    assert.ok(
      files.some(({ name }) => name.startsWith('browser/')),
      'the profile of the browser is searched',
    );
    await window.page.bringToFront();
    const diagnostics = await window.page.evaluate<string>('navigator.clipboard.readText()');
    assert.match(diagnostics, /^# RockBot diagnostics\n[^]*\n## Log\n\n```text\n[^]*The bus is connected/);
    const places = [
      { name: 'kept by the browser', text: browser },
      { name: 'diagnostics', text: diagnostics },
      { name: 'output of the server', text: workbench.server.output() },
      // The browser's own history and cache of Microsoft's pages is not the extension's.
      ...files.filter(
        ({ name }) => !/^browser\/Default\/(?:Cache|Code Cache|History|Sessions|Network|GPUCache)/.test(name),
      ),
    ];
    assert.deepEqual(findLeaks(secrets, places), []);
  },
);
