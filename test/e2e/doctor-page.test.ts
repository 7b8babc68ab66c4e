// The doctor's page in a real browser: what needs somebody first, one step each, keyboard, hostile text, policy.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import { doctorDocument, type DoctorDocument } from '../../extension/doctor/doctor-document.ts';
import type { FromDoctorPage } from '../../extension/doctor/doctor-page-messages.ts';
import type { Finding } from '../../shared/contract/check-messages.ts';
import { finding } from '../../shared/doctor/finding.ts';
import { until } from '../support/until.ts';
import { openWebviewStage, startWebviewBrowser, type WebviewStage } from '../support/webview-stage.ts';

const shots = new URL('../../test-results/screenshots/doctor-page/', import.meta.url).pathname;

const fine: Finding[] = [
  finding('settings.local', 'ok', 'agent "rockbot" on wss://bus.example'),
  finding('bus.reach', 'ok', 'wss://bus.example answers (12 ms).'),
  finding('agent.answers', 'ok', 'rockbot answers.'),
  finding('agent.clock', 'ok', 'The clocks agree.'),
  finding('sign-in.refresh', 'skipped', 'Not asked for; Entra issues a new token on request.'),
  finding('server.reach', 'ok', 'It lists its tools (11).', { of: 'workiq' }),
];
const troubled: Finding[] = [
  ...fine,
  finding('agent.disk', 'warning', '120 MB are left on the volume.', {
    action: 'Free some space on the volume, or give it more.',
  }),
  finding('sign-in.state', 'failed', 'Expired as adele@contoso.example: the password was changed.', {
    fault: 'permission',
    action: 'Run "rockbot auth workiq" to sign in.',
  }),
  finding('server.reach', 'failed', '<img src=x onerror=alert(1)> [a](command:x)', {
    of: '<b>odd</b>',
    fault: 'configuration',
  }),
];

function documentOf(findings: readonly Finding[]): DoctorDocument {
  return doctorDocument(findings, { at: '2027-03-01T08:00:00Z', isProbed: false, auth: undefined });
}

describe('doctor page', async () => {
  let browser: Browser | undefined;
  before(async () => {
    browser = await startWebviewBrowser();
    await mkdir(shots, { recursive: true });
  });
  after(async () => browser?.close());

  async function open(findings: readonly Finding[], theme: 'light' | 'dark' = 'light'): Promise<WebviewStage> {
    assert.ok(browser);
    const stage = await openWebviewStage(browser, { page: 'doctor', theme });
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await stage.post({ type: 'show', document: documentOf(findings), about: 'bus', isOutdated: false });
    await stage.page.getByRole('status').waitFor();
    return stage;
  }

  const posted = (stage: WebviewStage, type: FromDoctorPage['type']): Promise<FromDoctorPage> =>
    until(`the page posts ${type}`, async () =>
      ((await stage.posted()) as FromDoctorPage[]).find((message) => message.type === type),
    );

  test('doctor page - one that is outdated, or gone after a reload, says so and offers to look again', async () => {
    await using stage = await open(fine);
    const { page } = stage;
    await stage.post({ type: 'show', document: documentOf(fine), about: 'bus', isOutdated: true });
    await page.getByText('This is outdated').waitFor();
    await page.screenshot({ path: `${shots}/outdated-light.png`, fullPage: true });
    await page.getByRole('button', { name: 'Look Again', exact: true }).click();
    await posted(stage, 'again');
    await stage.post({ type: 'show', document: documentOf(fine), about: 'other', isOutdated: false });
    await page.getByText('This is outdated').waitFor({ state: 'detached' });

    assert.ok(browser);
    await using lost = await openWebviewStage(browser, { page: 'doctor' });
    await until('the page is ready', async () => (await lost.posted()).length > 0);
    await lost.post({ type: 'lost' });
    await lost.page.getByText('is gone since the window was reloaded').waitFor();
    await lost.page.getByRole('button', { name: 'Look Again', exact: true }).click();
    await posted(lost, 'again');
  });

  test('doctor page - failures come first, each with its one step, and what they say is text', async () => {
    await using stage = await open(troubled);
    const { page } = stage;
    const text = await page.locator('main').innerText();
    assert.ok(text.startsWith('2 checks failed; one thing is worth a look.'), text);
    const cards = page.locator('.card h3');
    assert.deepEqual(await cards.allInnerTexts(), ['Sign-in', '<b>odd</b> · Reached', 'Disk']);
    assert.doesNotMatch(text, /rockbot auth/, 'a window speaks of its own commands');
    assert.equal(await page.locator('main img').count(), 0);
    await page.screenshot({ path: `${shots}/trouble-light.png`, fullPage: true });
    await page.getByRole('button', { name: 'Connect M365' }).focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(stage, 'step'), { type: 'step', command: 'rockbot.connectM365' });
    await page.getByRole('button', { name: 'Check Licences…' }).click();
    await posted(stage, 'probe');
    await page.getByRole('button', { name: 'Look again', exact: true }).click();
    await posted(stage, 'again');
    await stage.setTheme('dark');
    await page.screenshot({ path: `${shots}/trouble-dark.png`, fullPage: true });
    assert.deepEqual(stage.complaints, []);
  });

  test('doctor page - all in order is said in one line, and there is nothing to do', async () => {
    await using stage = await open(fine);
    const { page } = stage;
    assert.equal(await page.getByRole('status').innerText(), 'Everything is in order.');
    assert.equal(await page.locator('.card').count(), 0);
    assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), [
      'This side',
      'Bus',
      'Agent',
      'Microsoft 365',
      'Servers',
    ]);
    await page.screenshot({ path: `${shots}/in-order.png`, fullPage: true });
    assert.deepEqual(stage.complaints, []);
  });
});
