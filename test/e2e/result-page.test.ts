// The page of a tool's result in a real browser: reading with keyboard and screen reader, size, hostile content, policy.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser, Locator } from 'playwright-core';
import { jsonText } from '../../extension/results/json-text.ts';
import type { OwnAdvice } from '../../extension/results/next-step.ts';
import type { FromResultPage } from '../../extension/results/panel-messages.ts';
import type { ToolResultEvent } from '../../shared/contract/tool-messages.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import {
  asText,
  calendarEvent,
  errorEvent,
  mail,
  mails,
  nested,
  pngBase64,
  resultEvent,
  structured,
} from '../support/result-samples.ts';
import { until } from '../support/until.ts';
import { openWebviewStage, startWebviewBrowser, type WebviewStage } from '../support/webview-stage.ts';

describe('result page', async () => {
  let browser: Browser | undefined;
  before(async () => {
    browser = await startWebviewBrowser();
  });
  after(async () => browser?.close());

  async function open(event?: ToolResultEvent): Promise<WebviewStage> {
    assert.ok(browser);
    const stage = await openWebviewStage(browser, { page: 'result', images: true });
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    if (event !== undefined) await show(stage, event);
    return stage;
  }

  async function show(stage: WebviewStage, event: ToolResultEvent, advice?: OwnAdvice): Promise<void> {
    await stage.post({ type: 'show', event: jsonText(event), ...(advice !== undefined && { advice }), isKept: false });
    await stage.page.getByRole('heading', { level: 1, name: event.tool }).waitFor();
  }

  const posted = (stage: WebviewStage, type: FromResultPage['type']): Promise<FromResultPage> =>
    until(`the page posts ${type}`, async () =>
      ((await stage.posted()) as FromResultPage[]).find((message) => message.type === type),
    );

  const list = (stage: WebviewStage, name: string): Locator => stage.page.getByRole('listbox', { name });
  const drawnRows = (stage: WebviewStage): Promise<number> => stage.page.locator('[data-row]').count();

  test('result page - mail is read with the keyboard alone', async () => {
    await using stage = await open(resultEvent(mails(30, { content: '<p>The <b>words</b></p>' })));
    const { page } = stage;
    const { keyboard } = page;
    const messages = list(stage, 'Messages');
    await until('the list has the keyboard', () => messages.evaluate((node) => node.matches(':focus')));
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await page.getByRole('option', { name: 'Mail 2 ', selected: true }).waitFor();
    assert.equal(
      await messages.getAttribute('aria-activedescendant'),
      await page.getByRole('option', { selected: true }).getAttribute('id'),
    );
    await page.getByRole('heading', { level: 2, name: 'Mail 2' }).waitFor();
    await page.getByText('The words', { exact: true }).waitFor();
    await keyboard.press('Escape');
    assert.equal(await page.getByRole('heading', { level: 2, name: 'Mail 2' }).count(), 0);
    await keyboard.press('End');
    await keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'Mail 29' }).waitFor();
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - Ctrl+F narrows a list down, Escape widens it again', async () => {
    await using stage = await open(resultEvent(mails(30)));
    const { page } = stage;
    await list(stage, 'Messages').focus();
    await page.keyboard.press('Control+f');
    await page.keyboard.type('mail 17');
    await until('one row is left', async () => (await drawnRows(stage)) === 1);
    await page.keyboard.press('Escape');
    await until('all rows are back', async () => (await drawnRows(stage)) > 10);
  });

  test('result page - a link is posted with its whole target and opens nothing in the page', async () => {
    const content = '<a href="https://contoso.example/a?b=%2F&c=1">here</a> <a href="javascript:alert(1)">not this</a>';
    await using stage = await open(resultEvent(structured(mail({ content }))));
    const { page } = stage;
    const link = page.getByRole('link', { name: 'here' });
    assert.equal(await link.getAttribute('title'), 'https://contoso.example/a?b=%2F&c=1');
    const address = page.url();
    await link.click();
    assert.deepEqual(await posted(stage, 'openLink'), { type: 'openLink', url: 'https://contoso.example/a?b=%2F&c=1' });
    assert.equal(page.url(), address);
    assert.equal(await page.getByRole('link', { name: 'not this' }).count(), 0);
  });

  test('result page - words that name another address than they lead to show where they lead', async () => {
    const content = '<a href="https://evil.example/">https://bank.example</a>';
    await using stage = await open(resultEvent(structured(mail({ content }))));
    await stage.page.getByText('https://bank.example <https://evil.example/>').waitFor();
  });

  test('result page - events are an agenda by day, with what is on now and where to join', async () => {
    const at = (minutes: number): string => new Date(Date.now() + minutes * 60_000).toISOString();
    const onlineMeeting = { joinUrl: 'https://teams.example/meet' };
    const value = [
      calendarEvent('Running', at(-10), at(20), { onlineMeeting }),
      calendarEvent('Gone', at(-10), at(20), { isCancelled: true }),
      calendarEvent('In a week', at(7 * 24 * 60), at(7 * 24 * 60 + 30)),
    ];
    await using stage = await open(resultEvent(asText({ value })));
    const { page } = stage;
    await page
      .getByRole('option', { name: /Running/ })
      .getByText('Now')
      .waitFor();
    await page.getByRole('option', { name: /Gone, cancelled/ }).waitFor();
    await page.getByRole('link', { name: 'Join' }).click();
    assert.deepEqual(await posted(stage, 'openLink'), { type: 'openLink', url: 'https://teams.example/meet' });
    // The keyboard passes over the headings of days.
    await list(stage, 'Agenda').focus();
    await page.keyboard.press('Home');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await page.getByRole('heading', { level: 2, name: 'In a week' }).waitFor();
  });

  test('result page - the next page is asked for with the keyboard, and joins the list where the reader is', async () => {
    const link = 'https://graph.microsoft.com/v1.0/me/messages?%24skip=30';
    const value = (count: number): object[] =>
      Array.from({ length: count }, (_, i) => mail({ subject: `Mail ${i}` }, i));
    const event = resultEvent(structured({ value: value(30), '@odata.nextLink': link }));
    await using stage = await open();
    const { page } = stage;
    const post = (shown: ToolResultEvent, paging: object): Promise<void> =>
      stage.post({ type: 'show', event: jsonText(shown), paging, isKept: false });
    await post(event, { links: [] });
    await page.getByText('30 messages').waitFor();
    assert.equal(await page.getByRole('button', { name: 'Load More' }).count(), 0);
    await post(event, { links: [link] });
    const button = page.getByRole('button', { name: 'Load More' });
    await button.waitFor();
    await page.getByRole('option', { name: /Mail 2$/ }).click();
    await button.focus();
    await page.keyboard.press('Enter');
    assert.deepEqual(await posted(stage, 'loadMore'), { type: 'loadMore', block: 0 });
    await stage.post({ type: 'paging', paging: { links: [link], loading: link } });
    await page.getByRole('button', { name: 'Loading…' }).waitFor();
    await stage.post({ type: 'paging', paging: { links: [link], failed: { link, problem: '<b>Blocked</b>.' } } });
    await page.getByRole('status').getByText('The next page did not come: <b>Blocked</b>.').waitFor();
    await post({ ...event, result: structured({ value: value(45) }) }, { links: [] });
    await page.getByText('45 messages').waitFor();
    await page.getByRole('option', { name: /Mail 2$/, selected: true }).waitFor();
    await page.getByRole('heading', { level: 2, name: 'Mail 2', exact: true }).waitFor();
    assert.equal(await button.count(), 0);
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - what an answer cites is a list of links with their kinds; what leads nowhere safe is text', async () => {
    const attributions = [
      ['Plan.docx', 'https://contoso.sharepoint.com/Plan.docx'],
      ['Budget', 'https://outlook.office365.example/owa/?ItemID=A'],
      ['Trap', 'javascript:alert(1)'],
    ].map(([providerDisplayName, seeMoreWebUrl]) => ({ providerDisplayName, seeMoreWebUrl }));
    await using stage = await open(
      resultEvent(asText({ response: 'It moved [^2^].', conversationId: 'c', attributions })),
    );
    const sources = stage.page.getByRole('region', { name: 'Sources' });
    assert.deepEqual(
      (await sources.getByRole('listitem').allInnerTexts()).map((text) => text.trim().replace(/\s+/g, ' ')),
      ['Plan.docx Word', 'Budget Outlook', 'Trap'],
    );
    assert.equal(await sources.getByRole('link').count(), 2);
    await sources.getByRole('link', { name: 'Plan.docx' }).click();
    assert.deepEqual(await posted(stage, 'openLink'), {
      type: 'openLink',
      url: 'https://contoso.sharepoint.com/Plan.docx',
    });
  });

  test('result page - a table sorts by its columns and shows a row whole', async () => {
    const rows = Array.from({ length: 20 }, (_, index) => ({
      name: `row ${index}`,
      size: (index * 7) % 20,
      more: { a: index },
    }));
    await using stage = await open(resultEvent(structured({ rows })));
    const { page } = stage;
    const sizes = (): Promise<string[]> => page.locator('.table-row .number').allTextContents();
    await page.getByRole('button', { name: 'size' }).click();
    await until('smallest first', async () => (await sizes())[0]?.trim() === '0');
    await page.getByRole('button', { name: 'size' }).click();
    await until('largest first', async () => (await sizes())[0]?.trim() === '19');
    assert.equal(await page.getByRole('columnheader', { name: 'size' }).getAttribute('aria-sort'), 'descending');
    await page.getByRole('row', { name: /row 17/ }).click();
    await page.getByRole('treeitem', { name: 'name : "row 17"' }).waitFor();
  });

  test('result page - the JSON tree opens, closes and is searched with the keyboard', async () => {
    await using stage = await open(resultEvent(mails(50)));
    const { page } = stage;
    const { keyboard } = page;
    await page.getByRole('radio', { name: 'JSON' }).click();
    const tree = page.getByRole('tree', { name: 'JSON' });
    await tree.focus();
    await keyboard.press('Home');
    const root = page.getByRole('treeitem').first();
    assert.equal(await root.getAttribute('aria-expanded'), 'true');
    await keyboard.press('ArrowLeft');
    await until('closed', async () => (await root.getAttribute('aria-expanded')) === 'false');
    assert.equal(await drawnRows(stage), 1);
    await keyboard.press('ArrowRight');
    await until('open', async () => (await drawnRows(stage)) > 1);
    await keyboard.press('Control+f');
    await keyboard.type('mail 4');
    await page.getByText('1 of 11').waitFor();
    await page.getByRole('treeitem', { name: 'subject : "Mail 4"', selected: true }).waitFor();
    await keyboard.press('Enter');
    await page.getByText('2 of 11').waitFor();
    await page.getByRole('treeitem', { name: 'subject : "Mail 40"', selected: true }).waitFor();
    await keyboard.press('Shift+Enter');
    await page.getByText('1 of 11').waitFor();
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - where the reader was is found again after hiding', async () => {
    const event = resultEvent(mails(200, { content: 'text' }));
    await using stage = await open(event);
    const { page } = stage;
    await list(stage, 'Messages').focus();
    await page.keyboard.press('End');
    await page.getByRole('heading', { level: 2, name: 'Mail 199' }).waitFor();
    await until('the place is saved', () =>
      page.evaluate(() => sessionStorage.getItem('state')?.includes('"row":199')),
    );
    await stage.reload();
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await show(stage, event);
    await page.getByRole('heading', { level: 2, name: 'Mail 199' }).waitFor();
    await page.getByRole('option', { name: 'Mail 199' }).waitFor();
    // Another result starts from its beginning.
    await show(stage, resultEvent(mails(200, { content: 'text' })));
    await page.getByRole('heading', { level: 2, name: 'Mail 0' }).waitFor();
  });

  test('result page - every error is a card with its meaning and the next step', async () => {
    await using stage = await open();
    const titles = new Set<string>();
    for (const code of errorCodes) {
      await show(stage, errorEvent({ code, message: `said ${code}`, action: `do ${code}`, requestId: 'request-1' }));
      const card = stage.page.getByRole('alert');
      await card.getByText(`said ${code}`).waitFor();
      await card.getByText(`do ${code}`).waitFor();
      await card.getByText('request-1').waitFor();
      titles.add((await card.getByRole('heading').textContent()) ?? '');
    }
    assert.equal(titles.size, errorCodes.length);
    await show(stage, errorEvent({ code: 'auth_required' }));
    await stage.page.getByRole('button', { name: 'Reconnect M365' }).click();
    assert.deepEqual(await posted(stage, 'step'), { type: 'step', step: 'reconnect' });
    await show(stage, errorEvent({ code: 'throttled', retryAfterMs: 30_000 }));
    await stage.page.getByText('Try again in 30 s.').waitFor();
    await stage.page.getByRole('button', { name: 'Run Again…', exact: true }).waitFor();
  });

  test('result page - what the window knows to do stands for the words that name the command line', async () => {
    await using stage = await open();
    const event = errorEvent({ code: 'auth_required', action: 'Run "rockbot auth workiq".' });
    await show(stage, event, { text: 'Reconnect M365, then run the tool again.' });
    const card = stage.page.getByRole('alert');
    await card.getByText('Reconnect M365, then run the tool again.').waitFor();
    assert.equal(await card.getByText('rockbot auth').count(), 0);
    await show(stage, event, { text: 'Run it again.', step: 'runAgain' });
    await card.getByRole('button', { name: 'Run Again…' }).waitFor();
  });

  test('result page - a file inside of a result is named and can be saved, also where its status stands beside it', async () => {
    const blob = { contentType: 'application/pdf', blobName: 'Budget.pdf', sizeBytes: 5, base64Content: 'JVBERi0=' };
    await using stage = await open(resultEvent({ content: [], structuredContent: { statusCode: 200, ...blob } }));
    await stage.page.getByText('Budget.pdf').waitFor();
    await stage.page.getByText('application/pdf · 5 B').waitFor();
    await stage.page.getByRole('button', { name: 'Save…' }).click();
    assert.deepEqual(await posted(stage, 'saveFile'), { type: 'saveFile', block: 0 });
  });

  test('result page - JSON in a text is a tree, and the whole answer another one', async () => {
    await using stage = await open(resultEvent(asText({ folder: { id: 'inner' }, other: { x: 1 } })));
    const mode = (name: string) => stage.page.getByRole('radio', { name, exact: true });
    await mode('JSON').click();
    await stage.page.getByRole('treeitem').filter({ hasText: 'inner' }).first().waitFor();
    assert.equal(await stage.page.getByRole('treeitem').filter({ hasText: 'content' }).count(), 0);
    await stage.page.keyboard.press('ArrowRight');
    await stage.page.getByRole('treeitem').filter({ hasText: 'content' }).first().waitFor();
    await stage.page.getByRole('button', { name: 'Copy the whole answer as JSON' }).click();
    assert.deepEqual(await posted(stage, 'copyJson'), { type: 'copyJson', isWhole: true });
  });

  test('result page - columns show numbers and times whole, and are made wider with pointer and keyboard', async () => {
    const rows = Array.from({ length: 900 }, (_, index) => ({
      id: index,
      amount: index === 899 ? 1_234_567_890.25 : index,
      at: '2026-11-23T08:00:00Z',
      note: 'n'.repeat(index % 50),
    }));
    await using stage = await open(resultEvent(asText(rows)));
    const { page } = stage;
    const amount = page.getByRole('columnheader', { name: /amount/ });
    const handle = page.getByRole('separator', { name: 'Width of amount' });
    const width = async (): Promise<number> => (await amount.boundingBox())?.width ?? 0;
    await page.getByRole('button', { name: 'amount' }).click();
    await page.getByRole('button', { name: 'amount' }).click();
    const cell = page.getByRole('gridcell', { name: '1234567890.25' });
    await cell.waitFor();
    assert.ok(await cell.evaluate((element) => element.scrollWidth <= element.clientWidth));
    assert.equal(await page.getByRole('gridcell', { name: '23 Nov 2026, 09:00' }).first().isVisible(), true);
    const before = await width();
    await handle.focus();
    await page.keyboard.press('ArrowRight');
    await until('the column is wider', async () => (await width()) > before + 10);
    const box = await handle.boundingBox();
    assert.ok(box);
    await page.mouse.move(box.x + 4, box.y + 8);
    await page.mouse.down();
    await page.mouse.move(box.x + 64, box.y + 8, { steps: 3 });
    await page.mouse.up();
    await until('the column is wider still', async () => (await width()) > before + 60);
    await handle.dblclick();
    await until('the column has its own width again', async () => Math.abs((await width()) - before) < 2);
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - what is no event is not taken for one', async () => {
    await using stage = await open(resultEvent(mails(2)));
    for (const text of ['{', '{}', '{"callId":7}']) await stage.post({ type: 'show', event: text, isKept: false });
    await stage.post({ type: 'kept', isKept: true });
    await stage.page.getByRole('img', { name: 'Kept open' }).waitFor();
    await stage.page.getByText('2 messages').waitFor();
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - what failed stands beside what succeeded', async () => {
    const results = [
      { statusCode: 200, data: { value: [mail({ subject: 'It worked' })] } },
      { statusCode: 403, data: { error: { code: 'ErrorAccessDenied', message: 'Access is denied.' } } },
    ];
    await using stage = await open(resultEvent({ content: [], structuredContent: { results } }));
    await stage.page.getByText('1 of 2 requests failed').waitFor();
    await stage.page.getByText('It worked').waitFor();
    await stage.page.getByText('Access is denied.').waitFor();
    await stage.page.getByRole('img', { name: 'Partly failed' }).waitFor();
  });

  test('result page - a result that is not here says why', async () => {
    await using stage = await open(resultEvent(undefined, { resultBytes: 7_600_000 }));
    await stage.page.getByText('The result is too large to be shown here').waitFor();
    await stage.page.getByRole('button', { name: 'Run Again…', exact: true }).click();
    assert.deepEqual(await posted(stage, 'step'), { type: 'step', step: 'runAgain' });
    const { callId, server, tool, caller, startedAt, durationMs, ok } = resultEvent(undefined);
    const facts = { callId, server, tool, caller, startedAt, durationMs, ok };
    await stage.post({ type: 'lost', facts });
    await stage.page.getByText('The result was not kept').waitFor();
    await stage.page.getByRole('button', { name: 'Run Again…', exact: true }).waitFor();
  });

  test('result page - 10 000 rows are in reach and few are drawn', async () => {
    const rows = Array.from({ length: 10_000 }, (_, index) => ({ id: index, name: `row ${index}` }));
    const people = Array.from({ length: 10_000 }, (_, index) => ({
      displayName: `Person ${index}`,
      mail: 'a@b.example',
    }));
    await using stage = await open(resultEvent(mails(10_000)));
    const { page } = stage;
    for (const [event, role, last] of [
      [resultEvent(mails(10_000)), 'listbox', 'Mail 9999'],
      [resultEvent(structured({ rows })), 'grid', 'row 9999'],
    ] as const) {
      await show(stage, event);
      assert.ok((await drawnRows(stage)) < 80);
      await page.getByRole(role).focus();
      await page.keyboard.press('End');
      await page.getByText(last, { exact: true }).first().waitFor();
      assert.ok((await drawnRows(stage)) < 80);
    }
    await show(stage, resultEvent(structured({ value: people })));
    await page.getByText('Person 1', { exact: true }).waitFor();
    assert.ok((await page.getByRole('listitem').count()) < 200);
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - 5 MB open, as things, as text and as JSON', async () => {
    const things = {
      items: Array.from({ length: 40_000 }, (_, index) => ({
        k: { n: index, s: `value ${index}` },
        l: [[index], 'abc'.repeat(20)],
      })),
    };
    const line = 'y'.repeat(5_000_000);
    await using stage = await open(resultEvent(structured({ things, more: {}, other: {} })));
    const { page } = stage;
    await page.getByRole('tree').waitFor();
    assert.ok((await drawnRows(stage)) < 80);
    await page.getByRole('searchbox').fill('value 39999');
    await page.getByRole('treeitem', { name: /value 39999/, selected: true }).waitFor();
    await show(stage, resultEvent({ content: [{ type: 'text', text: line }] }));
    await page.getByRole('button', { name: 'Show all (5,000,000 characters)' }).click();
    await until(
      'all of it is there',
      async () => (await page.locator('.long-text').evaluate((node) => node.textContent?.length)) === line.length,
    );
    assert.deepEqual(stage.complaints, []);
  });

  test('result page - nesting without end opens as far as it is looked at', async () => {
    await using stage = await open(resultEvent(structured({ a: nested(100_000), b: {}, c: {} })));
    const { page } = stage;
    await page.getByRole('tree').waitFor();
    await page.getByRole('searchbox').fill('innermost');
    await page.getByRole('treeitem', { name: /the innermost/, selected: true }).waitFor();
    assert.ok((await drawnRows(stage)) < 80);
    assert.deepEqual(stage.complaints, []);
  });

  const bait = `<script>globalThis.owned=1</script><img src=x onerror="globalThis.owned=1"><svg onload="globalThis.owned=1">`;
  const words = `${bait}[link](javascript:globalThis.owned=1) ![i](https://evil.example/x.png) \u202Eabc \u001B[31m`;
  const hostile: readonly [string, ToolResultEvent][] = [
    ['a mail list', resultEvent(mails(3, { subject: words, from: words, content: bait }))],
    [
      'a mail',
      resultEvent(
        structured(
          mail({
            subject: words,
            from: words,
            content: `<p>${words}</p>&lt;script&gt;globalThis.owned=1&lt;/script&gt;`,
          }),
        ),
      ),
    ],
    [
      'an event',
      resultEvent(
        structured({
          value: [
            calendarEvent(words, 'not a date', words, {
              location: { displayName: words },
              onlineMeeting: { joinUrl: 'javascript:globalThis.owned=1' },
            }),
          ],
        }),
      ),
    ],
    ['people', resultEvent(structured({ value: [{ displayName: words, mail: `${words}@x`, jobTitle: words }] }))],
    [
      'chat messages',
      resultEvent(
        structured({
          value: [
            {
              messageType: 'message',
              createdDateTime: words,
              from: { user: { displayName: words } },
              body: { contentType: 'html', content: words },
            },
          ],
        }),
      ),
    ],
    [
      'files',
      resultEvent(
        structured({
          value: [
            {
              name: words,
              file: { mimeType: words },
              webUrl: 'data:text/html,<script>1</script>',
              lastModifiedDateTime: words,
              size: 1e308,
            },
          ],
        }),
      ),
    ],
    [
      'an answer',
      resultEvent(
        asText({
          reply: words,
          rawResponse: JSON.stringify({
            messages: [
              {},
              { attributions: [{ providerDisplayName: words, seeMoreWebUrl: 'javascript:globalThis.owned=1' }] },
            ],
          }),
        }),
      ),
    ],
    ['text', resultEvent({ content: [{ type: 'text', text: `# ${words}` }] })],
    [
      'a table',
      resultEvent(
        structured({
          rows: [
            { [words]: words, n: Infinity },
            { [words]: words, n: Number.NaN },
          ],
        }),
      ),
    ],
    [
      'JSON',
      resultEvent(
        structured({
          a: JSON.parse(`{"__proto__":{"polluted":1},"constructor":{"x":1},"k":${JSON.stringify(words)}}`),
          b: {},
          c: {},
        }),
      ),
    ],
    [
      'an image',
      resultEvent({
        content: [
          { type: 'image', data: '<svg onload="globalThis.owned=1">', mimeType: 'image/svg+xml' },
          { type: 'image', data: pngBase64, mimeType: 'image/png' },
        ],
      }),
    ],
    ['an error', errorEvent({ code: words, message: words, action: words, requestId: words })],
    ['facts', resultEvent(structured({ value: [] }), { server: words, caller: words, startedAt: words })],
  ];
  for (const [name, event] of hostile) {
    test(`result page - hostile content stays text: ${name}`, async () => {
      await using stage = await open(event);
      const { page } = stage;
      for (const mode of ['View', 'JSON']) {
        const radio = page.getByRole('radio', { name: mode });
        if ((await radio.count()) > 0) await radio.click();
        await page.waitForTimeout(50);
        const found = await page.evaluate(() => ({
          owned: Reflect.has(globalThis, 'owned') || Reflect.has({}, 'polluted'),
          elements: document.body.querySelectorAll('script, iframe, object, svg, [onerror], [onload]').length,
          links: [...document.querySelectorAll('a')]
            .map((anchor) => anchor.href)
            .filter((href) => !/^(?:https?|mailto):/.test(href)),
          images: [...document.querySelectorAll('img')]
            .map((image) => image.src)
            .filter((src) => !src.startsWith('data:image/png;base64,')),
          // eslint-disable-next-line no-control-regex
          overrides: /[\u001b\u202e]/.test(document.body.textContent ?? ''),
        }));
        assert.deepEqual(found, { owned: false, elements: 0, links: [], images: [], overrides: false });
      }
      assert.deepEqual(stage.complaints, []);
    });
  }

  test('result page - every button has a name, in every view', async () => {
    await using stage = await open();
    for (const event of [
      resultEvent(mails(12, { content: 'x' })),
      resultEvent(structured({ rows: [{ a: 1 }, { a: 2 }] })),
      errorEvent({ code: 'timeout' }),
    ]) {
      await show(stage, event);
      const buttons = await stage.page.getByRole('button').all();
      for (const button of buttons) {
        const name = await button.evaluate((node) => node.getAttribute('aria-label') ?? node.textContent?.trim() ?? '');
        assert.notEqual(name, '');
      }
    }
  });
});

declare const sessionStorage: { getItem(key: string): string | null };
declare const document: {
  body: { textContent: string | null; querySelectorAll(selectors: string): { length: number } };
  querySelectorAll(selectors: 'a'): Iterable<{ href: string }>;
  querySelectorAll(selectors: 'img'): Iterable<{ src: string }>;
};
