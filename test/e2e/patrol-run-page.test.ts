// The page of a patrol run's record in a real browser: blind first, keyboard, updates while it runs, hostile content, policy.
import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { FromRunPage } from '../../extension/patrols/run-page-messages.ts';
import type { PatrolRun } from '../../shared/contract/patrol-messages.ts';
import { blindRun, patrolRun, someMail, stepRecord } from '../support/patrol-samples.ts';
import { until } from '../support/until.ts';
import { openWebviewStage, startWebviewBrowser, type WebviewStage } from '../support/webview-stage.ts';

const shots = new URL('../../test-results/screenshots/patrol-run-page/', import.meta.url).pathname;

describe('patrol run page', async () => {
  let browser: Browser | undefined;
  before(async () => {
    browser = await startWebviewBrowser();
    await mkdir(shots, { recursive: true });
  });
  after(async () => browser?.close());

  async function open(run: PatrolRun): Promise<WebviewStage> {
    assert.ok(browser);
    const stage = await openWebviewStage(browser, { page: 'patrol-run' });
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await show(stage, run);
    return stage;
  }

  const show = (stage: WebviewStage, run: PatrolRun): Promise<void> =>
    stage.post({ type: 'show', run: JSON.stringify(run) });

  const posted = (stage: WebviewStage, type: FromRunPage['type']): Promise<FromRunPage> =>
    until(`the page posts ${type}`, async () =>
      ((await stage.posted()) as FromRunPage[]).find((message) => message.type === type),
    );

  const failedSteps = [
    stepRecord({ result: someMail }),
    stepRecord({
      id: 'some',
      outcome: 'partial',
      calls: 3,
      items: { total: 31, run: 20, failed: 2 },
      startedAt: '2027-03-01T06:45:01Z',
      durationMs: 500,
    }),
    stepRecord({ id: 'off', outcome: 'skipped', calls: 0, reason: 'Its condition was false.' }),
    stepRecord({
      id: 'late',
      outcome: 'failed',
      startedAt: '2027-03-01T06:45:01.500Z',
      durationMs: 500,
      error: { code: 'timeout', message: 'The server took too long.', retryable: true, action: 'Try again later.' },
    }),
    stepRecord({ id: 'never', outcome: 'not_run', calls: 0 }),
  ];

  test('[P12] patrol run page - a blind run says so first, in words, for eyes and for screen readers', async () => {
    await using stage = await open(blindRun());
    const { page } = stage;
    const status = page.getByRole('status');
    await status.getByText('Blind: could not see calendar (sign-in is needed). Saw: workiq.').waitFor();
    await page.getByRole('img', { name: 'Blind' }).waitFor();
    const texts = await page.locator('main').innerText();
    assert.ok(texts.startsWith('Blind: could not see calendar'), texts);
    await page.getByRole('region', { name: 'Not seen' }).getByText('calendar').waitFor();
    assert.deepEqual(await page.getByRole('heading', { level: 2 }).allInnerTexts(), ['Not seen', 'Steps', 'Output']);
    assert.equal(await page.locator('.verdict.ok').count(), 0);
    assert.deepEqual(stage.complaints, []);
  });

  test('patrol run page - steps are opened with the keyboard alone; one without a result is no button', async () => {
    await using stage = await open(patrolRun({ steps: failedSteps }));
    const { page } = stage;
    const first = page.getByRole('button', { name: /^mail workiq · fetch ok, 1\.2 s/ });
    await first.focus();
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(stage, 'openStep'), { type: 'openStep', index: 1 });
    assert.equal(await page.getByRole('button', { name: /never/ }).count(), 0);
    await page.getByText('seen in part, 500 ms, 3 calls, the first 20 of 31 items, 2 of them failed').waitFor();
    await page.getByText('The server took too long. Try again later.').waitFor();
  });

  test('patrol run page - it follows a run, keeps the keyboard where it is, and then offers to run it again', async () => {
    const running = patrolRun({ status: 'running', summary: 'Running.', durationMs: undefined, endedAt: undefined });
    await using stage = await open(running);
    const { page } = stage;
    await page.getByText('Running.', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'Cancel this run' }).click();
    await posted(stage, 'cancel');
    await page.getByRole('button', { name: /^mail/ }).focus();
    await show(stage, { ...running, steps: [...running.steps, stepRecord({ id: 'more' })] });
    await page.getByRole('button', { name: /^more/ }).waitFor();
    assert.match(await page.locator(':focus').innerText(), /^mail/);
    await show(stage, patrolRun());
    await page.getByRole('button', { name: 'Run now' }).click();
    await posted(stage, 'runAgain');
    await page.getByRole('button', { name: 'Copy as JSON' }).click();
    await posted(stage, 'copyJson');
    assert.deepEqual(stage.complaints, []);
  });

  test('patrol run page - text from outside stays text, and nothing is loaded from elsewhere', async () => {
    const evil = '<img src=https://evil.example/x onerror=alert(1)><script>alert(2)</script>\u202e[x](command:y)';
    await using stage = await open(
      blindRun({
        patrol: evil,
        summary: `Blind: ${evil}`,
        output: `${evil}\n${evil}`,
        blind: [{ server: evil, code: evil, reason: evil }],
        steps: [stepRecord({ id: evil, tool: evil, server: evil, outcome: evil, reason: evil })],
      }),
    );
    const { page } = stage;
    await page.getByRole('heading', { level: 1 }).waitFor();
    assert.equal(await page.locator('main img, main script, main a').count(), 0);
    assert.doesNotMatch(await page.locator('body').innerText(), /\u202e/);
    const origin = new URL(page.url()).origin;
    const loaded = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    assert.ok(
      loaded.some((url) => url.endsWith('.js')),
      'what the page loads is seen',
    );
    assert.deepEqual(
      loaded.filter((url) => !url.startsWith(origin)),
      [],
    );
    assert.deepEqual(stage.complaints, []);
  });

  test('patrol run page - what is no record is left out, and one that is gone can be asked for again', async () => {
    await using stage = await open(patrolRun());
    const { page } = stage;
    await stage.post({ type: 'show', run: '{"runId":7}' });
    await stage.post({ type: 'lost', patrol: 'morning', message: 'The agent has no record of this run any more.' });
    await page.getByRole('alert').getByText('no record of this run any more').waitFor();
    await page.getByRole('button', { name: 'Ask Again' }).click();
    await posted(stage, 'reload');
  });

  test('patrol run page - it comes back where it was, and is readable in every theme', async () => {
    const long = Array.from({ length: 40 }, (_, index) => stepRecord({ id: `step${index}` }));
    await using stage = await open(patrolRun({ steps: long }));
    const { page } = stage;
    await page.getByRole('button', { name: /^step39/ }).scrollIntoViewIfNeeded();
    await until('the place is kept', () =>
      page.evaluate(() => /"top":[1-9]/.test(sessionStorage.getItem('state') ?? '')),
    );
    await stage.reload();
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await show(stage, patrolRun({ steps: long }));
    await until(
      'it is scrolled',
      async () =>
        (await page.locator('run-page').evaluate((node) => (node as unknown as { scrollTop: number }).scrollTop)) > 0,
    );
    await show(
      stage,
      blindRun({
        runId: 'themes',
        steps: [...failedSteps, ...blindRun().steps.slice(1)],
        error: { code: 'timeout', message: 'It took too long.', retryable: true, action: 'Give it more time.' },
      }),
    );
    await page.getByRole('heading', { name: 'Not seen' }).waitFor();
    for (const theme of ['light', 'dark', 'highContrast', 'highContrastLight'] as const) {
      await stage.setTheme(theme);
      await page.screenshot({ path: `${shots}${theme}.png` });
    }
  });
});

declare const sessionStorage: { getItem(key: string): string | null };
