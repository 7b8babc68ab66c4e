// The agent starts while everything it depends on is away, and each comes back in its own time, in any order: it says what it waits
// for, nothing is forgotten, nobody has to sign in, and calls work without a restart.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { startAgentProcess } from '../support/agent-process.ts';
import { startCuttableLink } from '../support/cuttable-link.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { freePort } from '../support/free-port.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

type Dependency = 'bus' | 'Entra' | 'MCP server';

const orders: readonly (readonly Dependency[])[] = [
  ['bus', 'Entra', 'MCP server'],
  ['MCP server', 'Entra', 'bus'],
  ['Entra', 'bus', 'MCP server'],
];

for (const order of orders) {
  test(`start order - all are away at the start, then come ${order.join(', ')}: calls work again by themselves [P9]`, async () => {
    // The stored access token does not outlive the restart, so that Entra is needed.
    await using stack = await startStack({ entra: { accessTokenLifeSeconds: 2 } });
    const { generation } = await stack.connect();
    await using busLink = await startCuttableLink(stack.nats.url);
    await using serverLink = await startCuttableLink(stack.workiq.mcpUrl);
    const { dataDir } = stack.agent;
    assert.equal(await stack.agent.child.stop(), 0);
    await writeFile(
      join(dataDir, 'mcp.json'),
      JSON.stringify({ mcpServers: { workiq: { type: 'http', url: serverLink.url, auth: { profile: 'workiq' } } } }),
    );
    const bringBack: Record<Dependency, () => unknown> = {
      bus: () => busLink.mend(),
      'MCP server': () => serverLink.mend(),
      Entra: () => stack.entra.control.changeSettings({ outage: 'none' }),
    };
    busLink.cut();
    serverLink.cut();
    await stack.entra.control.changeSettings({ outage: 'refused' });

    const httpPort = await freePort();
    const starting = startAgentProcess({
      busUrl: busLink.url,
      dataDir,
      env: {
        ...stack.agentEnv,
        WorkIQ__AllowedOrigins: new URL(serverLink.url).origin,
        Http__Port: String(httpPort),
      },
    });
    const get = async (path: string): Promise<{ status: number; text: string } | undefined> => {
      const response = await fetch(`http://127.0.0.1:${httpPort}${path}`).catch(() => undefined);
      return response === undefined ? undefined : { status: response.status, text: await response.text() };
    };
    await until('it lives', async () => (await get('/livez'))?.status === 200);
    let isBusThere = false;
    for (const dependency of order) {
      const ready = await get('/readyz');
      assert.equal(ready?.status, isBusThere ? 200 : 503, ready?.text);
      if (!isBusThere) assert.match(ready?.text ?? '', /bus/i);
      await bringBack[dependency]();
      if (dependency !== 'bus') continue;
      stack.agent = await starting;
      isBusThere = true;
    }
    const failures = new Set<string>();
    await until(
      () => `a call works; until now: ${[...failures].join(', ')}`,
      () =>
        stack.call('fetch', { entityUrls: ['/me'] }).then(
          () => true,
          (error: unknown) => {
            failures.add(error instanceof RockBotError ? error.code : String(error));
            return false;
          },
        ),
      { timeoutMs: 60_000, everyMs: 200 },
    );
    for (const code of failures)
      assert.match(code, /^(?:server_unavailable|tool_not_found)$/, 'an outage is no refusal');
    const state = await stack.ui.request('authState', {});
    assert.equal(state.generation, generation);
    await until('it is connected', async () => (await stack.ui.request('authState', {})).status === 'connected');
    assert.equal((await stack.entra.control.counters()).tokenRequests['device_code'], 1, 'one sign-in in all');
  });
}
