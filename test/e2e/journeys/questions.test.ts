// Questions of MCP servers in the workbench: told, answered in quick inputs that check what is typed, declined, closed, and gone
// when somebody else was first.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startFullHttpServer } from '../../support/mcp/full-http-server.ts';
import { startStack, type Stack } from '../../support/stack.ts';
import { tapBus, type BusTap } from '../../support/bus-tap.ts';
import { until } from '../../support/until.ts';
import type { Workbench } from '../../support/workbench/start-workbench.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { message, messagesAreIn, press, startRockBot, statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();

describe('journey - questions of servers', { skip }, () => {
  const started = new AsyncDisposableStack();
  let stack: Stack;
  let tap: BusTap;
  let workbench: Workbench;
  before(async () => {
    const full = started.use(await startFullHttpServer());
    stack = started.use(await startStack({ servers: () => ({ weather: { url: full.url }, shop: { url: full.url } }) }));
    tap = started.use(await tapBus(stack.nats.url));
    workbench = started.use(await startRockBot(stack, { name: 'questions' }));
    await statusIs(workbench.window, /Connect M365/);
  });
  after(() => started.disposeAsync());

  async function call(server: string, tool: string): Promise<unknown> {
    const { result } = await stack.call(tool, {}, { server, timeoutMs: 90_000 });
    const { content } = result as unknown as { content: { text: string }[] };
    return JSON.parse(content[0]?.text ?? 'null') as unknown;
  }

  const question = /asks: Which city is it about\?/;

  test('journey - a question is answered with the keyboard, and what does not fit is said while typing', async () => {
    const { window } = workbench;
    const answer = call('weather', 'ask');
    await press(window, question, 'Answer…');
    await window.quickInput.input.waitFor();
    await window.quickInput.type('O');
    await window.quickInput.widget.getByText('Enter at least 2 characters').waitFor();
    await window.screenshot('too-short');
    await window.quickInput.accept();
    await window.quickInput.type('Oslo');
    await window.quickInput.accept();
    await window.quickInput.row('Metric').first().waitFor();
    await window.screenshot('choice');
    await window.quickInput.row('Imperial').first().click();
    assert.deepEqual(await answer, { action: 'accept', content: { city: 'Oslo', units: 'imperial' } });
  });

  test('journey - a question is declined, and closing its form cancels it', async () => {
    const { window } = workbench;
    const declined = call('weather', 'ask');
    await press(window, question, 'Decline');
    assert.deepEqual(await declined, { action: 'decline' });
    const closed = call('shop', 'ask');
    await press(window, question, 'Answer…');
    await window.quickInput.input.waitFor();
    await window.quickInput.cancel();
    assert.deepEqual(await closed, { action: 'cancel' });
  });

  test('journey - a form goes away with a word when somebody else has answered', async () => {
    const { window } = workbench;
    const heard = tap.on('elicitation.asked.rockbot').length;
    const answer = call('shop', 'ask');
    await press(window, question, 'Answer…');
    await window.quickInput.input.waitFor();
    const asked = await until('it was asked', () => tap.on('elicitation.asked.rockbot')[heard]);
    await stack.ui.request('elicitationAnswer', {
      elicitationId: String(asked['elicitationId']),
      action: 'accept',
      content: { city: 'Bergen' },
    });
    await window.quickInput.widget.waitFor({ state: 'hidden' });
    await window.statusBarItem(/The question of shop was answered elsewhere/).waitFor();
    await window.screenshot('answered-elsewhere');
    assert.deepEqual(await answer, { action: 'accept', content: { city: 'Bergen' } });
  });

  test('journey - a notification whose question was answered elsewhere is of no effect and says so', async () => {
    const { window } = workbench;
    await window.runCommand('Notifications: Clear All Notifications');
    const heard = tap.on('elicitation.asked.rockbot').length;
    const answer = call('shop', 'ask');
    await message(window, question);
    const asked = await until('it was asked', () => tap.on('elicitation.asked.rockbot')[heard]);
    const elicitationId = String(asked['elicitationId']);
    await stack.ui.request('elicitationAnswer', { elicitationId, action: 'decline' });
    assert.deepEqual(await answer, { action: 'decline' });
    const word = window.statusBarItem(/The question of shop was answered elsewhere/);
    await word.waitFor();
    await word.waitFor({ state: 'detached' });
    await press(window, question, 'Answer…');
    await word.waitFor();
    assert.equal(await window.quickInput.widget.count(), 0);
    await window.screenshot('pressed-too-late');
  });

  test('journey - a question for a password is shown to nobody', async () => {
    const { window } = workbench;
    await window.runCommand('Notifications: Clear All Notifications');
    const heard = tap.on('elicitation.asked.rockbot').length;
    assert.deepEqual(await call('weather', 'ask_password'), { action: 'decline' });
    await messagesAreIn(window);
    assert.equal(tap.on('elicitation.asked.rockbot').length, heard);
    const notices = await window.notifications();
    assert.ok(!notices.some((text) => /sign in/i.test(text)), notices.join());
  });
});
