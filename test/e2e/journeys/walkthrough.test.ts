// The walkthrough of a new user: each of its steps is ticked by what happened, and none before.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startAgentStandIn, type AgentStandIn } from '../../support/agent-stand-in.ts';
import { startTestNats } from '../../support/nats.ts';
import { until } from '../../support/until.ts';
import { startWorkbench, type Workbench } from '../../support/workbench/start-workbench.ts';
import { workbenchObstacle } from '../../support/workbench/provide-workbench.ts';
import { statusIs } from './rockbot-window.ts';

const skip = await workbenchObstacle();

const titles = ['Reach an agent', 'Connect Microsoft 365', 'Add Work IQ and see its tools', 'Run a tool'];

describe('journey - walkthrough', { skip }, () => {
  const started = new AsyncDisposableStack();
  let busUrl: string;
  let workbench: Workbench;
  before(async () => {
    const nats = started.use(await startTestNats());
    busUrl = nats.url;
    const settings = { 'rockbot.nats.url': busUrl };
    workbench = started.use(await startWorkbench({ name: 'walkthrough', settings }));
    await statusIs(workbench.window, /offline/);
  });
  after(() => started.disposeAsync());

  const standIn = async (options: Partial<Parameters<typeof startAgentStandIn>[0]>): Promise<AgentStandIn> =>
    startAgentStandIn({ busUrl, heartbeatMs: 500, ...options });

  async function openWalkthrough(): Promise<void> {
    const { window } = workbench;
    await window.runCommand('Welcome: Open Walkthrough...');
    await window.quickInput.pick('Get started with RockBot');
    await window.page
      .getByText(titles[0] ?? '')
      .first()
      .waitFor();
  }

  /** Titles of the steps that are ticked. */
  async function ticked(): Promise<string[]> {
    const steps = workbench.window.page.locator('.gettingStartedContainer .getting-started-step');
    const done: string[] = [];
    for (const step of await steps.all()) {
      const isDone = (await step.locator('.codicon.complete').count()) > 0;
      const title = (await step.locator('.step-title').innerText()).trim();
      if (isDone) done.push(title);
    }
    return done;
  }

  const ticks = (expected: readonly string[]): Promise<unknown> => {
    let last: string[] = [];
    return until(
      () => `the steps ${expected.join(', ')} are ticked, not ${last.join(', ')}`,
      async () => {
        last = await ticked();
        return last.join() === expected.join();
      },
      { timeoutMs: 40_000, everyMs: 200 },
    );
  };

  test('journey - an agent, a sign-in, tools and a call each tick their step of the walkthrough', async () => {
    const { window } = workbench;
    await openWalkthrough();
    assert.deepEqual(await ticked(), []);
    const tools = [{ name: 'list_agents', inputSchema: { type: 'object' }, sideEffects: 'read' as const }];
    const server = { name: 'workiq', state: 'ready', type: 'streamable-http', tools, hidden: [] } as const;
    await using first = await standIn({ servers: [] });
    await ticks(titles.slice(0, 1));
    await window.screenshot('reached');
    const account = { id: 'id', username: 'adele@contoso.example', tenantId: 'tenant' };
    first.state = { ...first.state, status: 'connected', account, generation: 1 };
    await first.publish('authChanged', first.state);
    await ticks(titles.slice(0, 2));
    await first.close();
    await using _second = await standIn({
      state: first.state,
      servers: [{ ...server, tools: [...tools], hidden: [] }],
      tool: () => Promise.resolve({ content: [{ type: 'text', text: '[]' }] }),
    });
    await ticks(titles.slice(0, 3));
    await window.quickInput.openPalette();
    await window.quickInput.pick('RockBot: Run Tool…', { typed: '>RockBot: Run Tool' });
    await window.quickInput.pick('list_agents');
    await window.editorTab(/^list_agents/).waitFor();
    // The result took the place of its tab, which is a preview.
    await openWalkthrough();
    await ticks(titles);
    await window.screenshot('all');
  });
});
