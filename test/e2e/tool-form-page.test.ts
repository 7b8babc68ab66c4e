// The page of a tool's form in a real browser: filling in, problems, JSON, running, keyboard and what a screen reader is told.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import type { Browser } from 'playwright-core';
import type { RunView, ToPage } from '../../extension/tool-form/form-messages.ts';
import type { JsonObject } from '../../shared/tool-schema/json-value.ts';
import { until } from '../support/until.ts';
import { openWebviewStage, startWebviewBrowser, type WebviewStage } from '../support/webview-stage.ts';

const eventSchema = {
  type: 'object',
  required: ['subject', 'attendees'],
  properties: {
    subject: { type: 'string', minLength: 3, description: 'Shown in the calendar.' },
    attendees: { type: 'array', items: { type: 'string', format: 'email' } },
    start: { type: 'string', format: 'date-time' },
    format: { enum: ['Text', 'HTML'] },
    online: { type: 'boolean' },
    remind: { type: 'boolean', default: true },
    top: { type: 'integer', maximum: 50 },
    place: { type: 'object', properties: { name: { type: 'string' } } },
    files: { type: 'array', items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] } },
    body: { oneOf: [{ type: 'object' }, { type: 'string' }] },
  },
} as const;

const show = (inputSchema: unknown = eventSchema, more: Partial<ToPage & { type: 'show' }> = {}): ToPage => ({
  type: 'show',
  revision: 0,
  target: { server: 'calendar', tool: 'CreateEvent' },
  head: {
    server: 'calendar',
    name: 'CreateEvent',
    title: 'Create event',
    description: 'Makes an event.',
    sideEffects: 'write',
  },
  inputSchema: inputSchema as JsonObject,
  run: { kind: 'idle' },
  ...more,
});

describe('tool form page', async () => {
  let browser: Browser | undefined;
  before(async () => {
    browser = await startWebviewBrowser();
  });
  after(async () => browser?.close());

  async function open(message: ToPage = show()): Promise<WebviewStage> {
    assert.ok(browser);
    const stage = await openWebviewStage(browser, { page: 'tool-form' });
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await stage.post(message);
    await stage.page.getByRole('button', { name: 'Run', exact: true }).waitFor();
    return stage;
  }

  const postedOf = async (stage: WebviewStage, type: string): Promise<unknown> =>
    (await stage.posted()).find((message) => (message as { type: string }).type === type);

  const runPosted = async (stage: WebviewStage): Promise<JsonObject> => {
    const message = await until('the page asks to run', () => postedOf(stage, 'run'));
    return JSON.parse((message as { arguments: string }).arguments) as JsonObject;
  };

  const run = (stage: WebviewStage, view: RunView): Promise<void> => stage.post({ type: 'run', run: view });

  test('tool form page - a form is filled in and run with the keyboard alone', async () => {
    await using stage = await open();
    const { keyboard } = stage.page;
    await keyboard.type('Review\nof the plan');
    await keyboard.press('Tab');
    await keyboard.type('anna@example.com');
    await keyboard.press('Enter');
    await keyboard.type('ben@example.com');
    await stage.page.getByLabel('Format').selectOption('HTML');
    await stage.page.getByLabel('Online').selectOption('Yes');
    await stage.page.getByLabel('Remind').uncheck();
    await stage.page.getByLabel('Top').fill('7');
    await stage.page.getByLabel('Kind of Body').selectOption('Text');
    await stage.page.getByLabel('Body', { exact: true }).fill('Hello');
    await keyboard.press('Control+Enter');
    assert.deepEqual(await runPosted(stage), {
      subject: 'Review\nof the plan',
      attendees: ['anna@example.com', 'ben@example.com'],
      format: 'HTML',
      online: true,
      remind: false,
      top: 7,
      body: 'Hello',
    });
    assert.deepEqual(stage.complaints, []);
  });

  test('tool form page - one that comes back waits for its tool, says when it is gone, and what is secret is hidden', async () => {
    assert.ok(browser);
    await using stage = await openWebviewStage(browser, { page: 'tool-form' });
    const { page } = stage;
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await stage.post({ type: 'without', message: 'Waiting for the agent.', isGone: false });
    await page.getByText('Waiting for the agent.').waitFor();
    assert.equal(await page.getByRole('button').count(), 0);
    await stage.post({ type: 'without', message: 'There is no tool.', isGone: true });
    await page.getByRole('button', { name: 'Choose Another Tool' }).click();
    await until('it asks for another tool', () => postedOf(stage, 'chooseTool'));
    const properties = { user: { type: 'string' }, pass: { type: 'string', format: 'password' } };
    await stage.post(show({ type: 'object', properties }));
    await page.getByLabel('User').fill('adele');
    assert.equal(await page.getByLabel('Pass').getAttribute('type'), 'password');
    assert.equal(await page.getByText('There is no tool.').count(), 0);
    assert.deepEqual(stage.complaints, []);
  });

  test('tool form page - problems show when typing pauses, and the first one gets the focus on Run', async () => {
    await using stage = await open();
    const top = stage.page.getByLabel('Top');
    await top.pressSequentially('99');
    await stage.page.getByText('Enter 50 or less.').waitFor();
    assert.equal(await top.getAttribute('aria-invalid'), 'true');
    assert.equal(await described(stage, 'Top'), 'At most 50. Enter 50 or less.');
    assert.equal(await stage.page.getByText('This is required.').count(), 0);

    await stage.page.keyboard.press('Control+Enter');
    await stage.page.getByText('3 fields need attention.').waitFor();
    assert.equal(await postedOf(stage, 'run'), undefined);
    const subject = stage.page.getByRole('textbox', { name: 'Subject (required)' });
    await until('the subject has the focus', async () => (await stage.focused()) === 'input:%2Fsubject');
    assert.equal(await described(stage, 'Subject'), 'Shown in the calendar.\nAt least 3 characters. This is required.');
    await subject.fill('Plan');
    await stage.page.getByText('2 fields need attention.').waitFor();
  });

  test('tool form page - a list that wants items gets the focus where its first item goes, and says why', async () => {
    await using stage = await open();
    await stage.page.getByLabel('Subject').fill('Plan');
    await stage.page.keyboard.press('Control+Enter');
    await stage.page.getByText('One field needs attention.').waitFor();
    await until('the list has the focus', async () => (await stage.focused()) === 'input:%2Fattendees%2F0');
    const row = stage.page.getByLabel('Attendees, new item');
    assert.equal(await row.getAttribute('aria-invalid'), 'true');
    assert.equal(await described(stage, 'Attendees, new item'), 'This is required.');
    await stage.page.keyboard.type('anna@example.com');
    await stage.page.keyboard.press('Control+Enter');
    assert.partialDeepStrictEqual(await runPosted(stage), { attendees: ['anna@example.com'] });

    const files = { type: 'object', required: ['files'], properties: { files: eventSchema.properties.files } };
    await stage.post(show(files, { revision: 1 }));
    await stage.page.getByRole('button', { name: 'Add item to Files' }).waitFor();
    await stage.page.keyboard.press('Control+Enter');
    await until('the way to the first item has the focus', () =>
      stage.page.getByRole('button', { name: 'Add item to Files' }).evaluate((node) => node.matches(':focus')),
    );
  });

  test('tool form page - what is no message, or one with wrong members, changes nothing', async () => {
    await using stage = await open();
    const failed = { kind: 'failed', code: 'throttled', title: 'Slow down', meaning: '', message: '', advice: '' };
    for (const wrong of [
      undefined,
      { type: 'run' },
      { type: 'run', run: { kind: 'over' } },
      { type: 'run', run: { kind: 'running', isCancelling: 'no' } },
      { type: 'run', run: { kind: 'done', durationMs: '1' } },
      { type: 'run', run: { ...failed, message: 7 } },
      { ...show(), revision: 1, head: { server: 's' } },
      { ...show(), revision: 1, arguments: [] },
    ])
      await stage.post(wrong);
    await stage.post({ type: 'run', run: { ...failed, step: { id: 'quit', label: 'Quit' } } });
    await stage.page.getByText('Slow down').waitFor();
    assert.equal(await stage.page.getByRole('button', { name: 'Quit' }).count(), 0, 'a step that is not known');
    assert.equal(await stage.page.getByRole('heading', { name: 'Create event' }).count(), 1);
    assert.deepEqual(stage.complaints, []);
  });

  test('tool form page - half-typed numbers stay as they are typed', async () => {
    await using stage = await open(show({ type: 'object', properties: { n: { type: 'number' } } }));
    const field = stage.page.getByRole('textbox', { name: 'N' });
    await field.pressSequentially('1.50');
    assert.equal(await field.inputValue(), '1.50');
    await field.press('Tab');
    assert.equal(await field.inputValue(), '1.5');
  });

  test('tool form page - form and JSON are two views of the same arguments', async () => {
    await using stage = await open();
    await stage.page.getByLabel('Subject').fill('Plan');
    await stage.page.getByRole('tab', { name: 'JSON' }).click();
    const json = stage.page.getByLabel('Arguments as JSON');
    assert.deepEqual(JSON.parse(await json.inputValue()), { subject: 'Plan', remind: true });

    await json.fill('{"subject": "Plan", "attendees": ["x"], "top": "many", "extra": {"deep": [1]}');
    await stage.page.getByText('This JSON is not complete').waitFor();
    await stage.page.getByRole('tab', { name: 'Form' }).click();
    assert.equal(await json.count(), 1);

    await json.press('End');
    await json.pressSequentially('}');
    await stage.page.getByText('This has to be a whole number.').waitFor();
    await stage.page.getByRole('tab', { name: 'Form' }).click();
    assert.equal(await stage.page.getByRole('textbox', { name: 'Attendees 1' }).inputValue(), 'x');
    assert.equal(await stage.page.getByLabel('Top').inputValue(), '"many"');
    assert.deepEqual(JSON.parse(await stage.page.getByLabel('Other properties').inputValue()), {
      extra: { deep: [1] },
    });
    await stage.page.getByLabel('Top').fill('12');
    await stage.page.getByLabel('Top').press('Tab');
    await stage.page.getByRole('tab', { name: 'JSON' }).click();
    assert.deepEqual(JSON.parse(await json.inputValue()), {
      subject: 'Plan',
      attendees: ['x'],
      top: 12,
      extra: { deep: [1] },
    });
  });

  test('tool form page - JSON that the schema refuses can be run all the same, after a second look', async () => {
    await using stage = await open();
    await stage.page.getByRole('tab', { name: 'JSON' }).click();
    await stage.page.getByLabel('Arguments as JSON').fill('{"subject": 1}');
    await stage.page.keyboard.press('Control+Enter');
    await stage.page.getByRole('button', { name: 'Run Anyway' }).click();
    assert.deepEqual(await runPosted(stage), { subject: 1 });
  });

  test('tool form page - rows are added, pasted, moved and removed, and the focus goes along', async () => {
    await using stage = await open();
    const { page } = stage;
    await page.evaluate(`navigator.clipboard.writeText('a@example.com\\n b@example.com \\n\\nc@example.com')`);
    await page.getByLabel('Attendees, new item').focus();
    await page.keyboard.press('Control+V');
    await page.getByRole('textbox', { name: 'Attendees 3' }).waitFor();
    await page.getByRole('button', { name: 'Move down: Attendees 1' }).click();
    await page.getByRole('button', { name: 'Remove: Attendees 3' }).click();
    assert.equal(await stage.focused(), 'input:%2Fattendees%2F2');
    await page.getByRole('button', { name: 'Add item to Files' }).click();
    await page.getByLabel('Subject').fill('Plan');
    await page.getByRole('group', { name: 'Item 1' }).getByLabel('Name').fill('plan.txt');
    await page.keyboard.press('Control+Enter');
    assert.partialDeepStrictEqual(await runPosted(stage), {
      attendees: ['b@example.com', 'a@example.com'],
      files: [{ name: 'plan.txt' }],
    });
  });

  test('tool form page - a time is picked in local time and sent with its zone', async () => {
    await using stage = await open(show({ type: 'object', properties: { start: eventSchema.properties.start } }));
    await stage.page.getByLabel('Start').fill('2026-07-01T09:30:00');
    await stage.page.keyboard.press('Control+Enter');
    assert.deepEqual(await runPosted(stage), { start: '2026-07-01T09:30:00+02:00' });
    await run(stage, { kind: 'idle' });
    await stage.post(
      show(
        { type: 'object', properties: { start: eventSchema.properties.start } },
        { revision: 1, arguments: { start: '2026-01-01T12:00:00Z' } },
      ),
    );
    await until('the picker shows local time', async () =>
      (await stage.page.getByLabel('Start').inputValue()).startsWith('2026-01-01T13:00'),
    );
  });

  test('tool form page - a run locks the form, shows what the server says and can be cancelled', async () => {
    await using stage = await open(show(eventSchema, { arguments: { subject: 'Plan', attendees: ['a@example.com'] } }));
    const { page } = stage;
    await page.getByLabel('Subject').focus();
    await page.keyboard.press('Control+Enter');
    await page.getByText('Waiting for your answer').waitFor();
    await run(stage, { kind: 'running', isCancelling: false, share: 0.4, message: 'Inviting people' });
    await page.getByText('Inviting people 40 %').waitFor();
    assert.equal(await page.getByLabel('Subject').isDisabled(), true);
    await until('Cancel has the focus', async () => (await stage.focused()) === 'cancel');
    await page.keyboard.press('Enter');
    await until('the page asks to cancel', () => postedOf(stage, 'cancel'));
    await run(stage, { kind: 'running', isCancelling: true });
    await page.getByText('Cancelling…').waitFor();
    await run(stage, { kind: 'cancelled', message: 'Cancelled', action: 'Look whether it happened.' });
    await page.getByText('Cancelled Look whether it happened.').waitFor();
    assert.equal(await page.getByLabel('Subject').inputValue(), 'Plan');
    await until('the subject has the focus again', async () => (await stage.focused()) === 'input:%2Fsubject');
  });

  test('tool form page - the outcome stands at the foot with the next step', async () => {
    await using stage = await open();
    const { page } = stage;
    await run(stage, {
      kind: 'failed',
      code: 'auth_required',
      title: 'Sign in again',
      meaning: 'The sign-in ended.',
      message: '<b>the server</b> says so',
      advice: 'Reconnect, then run again.',
      requestId: 'r-1',
      step: { id: 'reconnect', label: 'Reconnect M365' },
    });
    const card = page.getByRole('alert');
    await card.getByText('<b>the server</b> says so').waitFor();
    await card.getByRole('button', { name: 'Reconnect M365' }).click();
    await run(stage, { kind: 'done', durationMs: 1_234 });
    await page.getByText('Finished in 1.2 s.').waitFor();
    await page.getByRole('button', { name: 'Open Result' }).click();
    await until('both buttons were heard', async () => (await stage.posted()).length >= 3);
    assert.deepEqual((await stage.posted()).slice(1), [{ type: 'step', id: 'reconnect' }, { type: 'openResult' }]);
  });

  test('tool form page - what was filled in outlives hiding, and new arguments replace it', async () => {
    await using stage = await open();
    await stage.page.getByLabel('Subject').fill('Plan');
    await stage.page.getByLabel('Top').fill('1x');
    await stage.reload();
    await until('the page is ready', async () => (await stage.posted()).length > 0);
    await stage.post(show());
    assert.equal(await stage.page.getByLabel('Subject').inputValue(), 'Plan');
    assert.equal(await stage.page.getByLabel('Top').inputValue(), '1x');
    await stage.post(show(eventSchema, { revision: 1, arguments: { subject: 'Other' } }));
    await until(
      'the other subject is shown',
      async () => (await stage.page.getByLabel('Subject').inputValue()) === 'Other',
    );
    assert.equal(await stage.page.getByLabel('Top').inputValue(), '');
  });

  test('tool form page - everything of a tool is text, whatever it looks like', async () => {
    const evil = '<img src=x onerror="document.title=1"><script>document.title=1</script>';
    const head = { server: evil, name: evil, title: evil, description: evil.repeat(20), sideEffects: 'read' } as const;
    const schema = {
      type: 'object',
      properties: {
        [evil]: { type: 'string', title: evil, description: evil, examples: [evil] },
        a: { enum: [evil, 'x'] },
      },
    };
    await using stage = await open(show(schema, { head }));
    assert.equal(await stage.page.locator('img, script:not([type=module])').count(), 0);
    assert.equal(await stage.page.title(), 'tool-form');
    assert.deepEqual(stage.complaints, []);
  });

  test('tool form page - every input has a name for screen readers, in every theme', async () => {
    await using stage = await open();
    await stage.page.getByRole('button', { name: 'Add item to Files' }).click();
    for (const theme of ['light', 'dark', 'highContrast', 'highContrastLight'] as const) {
      await stage.setTheme(theme);
      assert.deepEqual(await stage.page.evaluate(nameless), []);
      assert.deepEqual(await stage.page.evaluate(repeatedIds), []);
    }
  });

  test('tool form page - a tool of 10 000 properties and a choice of 100 000 are still a form', async () => {
    const properties = Object.fromEntries([
      ['pick', { enum: Array.from({ length: 100_000 }, (_, index) => `value ${index}`) }],
      ...Array.from({ length: 10_000 }, (_, index) => [`p${index}`, { type: 'string' }]),
    ]) as JsonObject;
    await using stage = await open(show({ type: 'object', properties, required: ['pick'] }));
    await stage.page.getByLabel('Pick').fill('value 99999');
    await stage.page.getByLabel('Other properties').fill('{"p9999": "x"}');
    await stage.page.keyboard.press('Control+Enter');
    assert.deepEqual(await runPosted(stage), { pick: 'value 99999', p9999: 'x' });
  });
});

/** Run in the page: controls that a screen reader could only call "button" or "edit". */
const nameless = `[...document.querySelectorAll('input, textarea, select, button')]
  .filter((control) => {
    const words = control.getAttribute('aria-label') ?? control.labels?.[0]?.textContent ?? control.textContent;
    return words.trim() === '' || (control.localName !== 'button' && words === control.textContent);
  })
  .map((control) => control.outerHTML)`;
const repeatedIds = `[...document.querySelectorAll('[id]')].map(({ id }) => id).filter((id, index, all) => all.indexOf(id) < index)`;

/** The words that explain an input to a screen reader. */
async function described(stage: WebviewStage, label: string): Promise<string> {
  const ids = (await stage.page.getByLabel(label).getAttribute('aria-describedby')) ?? '';
  const words = ids.split(' ').filter((id) => id !== '');
  const texts = words.map((id) => stage.page.locator(`[id="${id}"]`).textContent());
  return (await Promise.all(texts)).map((text) => text?.trim()).join(' ');
}
