// An agent whose bus goes away and comes back while everybody else stays on it: what it missed to tell is told.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Bus } from '../../agent/bus.ts';
import { startAgentProcess } from '../support/agent-process.ts';
import { tapBus } from '../support/bus-tap.ts';
import { startCuttableLink } from '../support/cuttable-link.ts';
import { startTestNats } from '../support/nats.ts';
import { until } from '../support/until.ts';

const settings = {
  WorkIQ__TenantId: '11111111-1111-4111-8111-111111111111',
  WorkIQ__ClientId: '22222222-2222-4222-8222-222222222222',
};
const disabled = { command: 'true', enabled: false };

test('bus outage - servers that were removed meanwhile are told as removed when the bus is back', async () => {
  await using nats = await startTestNats();
  await using link = await startCuttableLink(nats.url);
  await using tap = await tapBus(nats.url);
  await using agent = await startAgentProcess({
    busUrl: link.url,
    env: settings,
    mcpConfig: { mcpServers: { stays: disabled, goes: disabled } },
  });
  const metrics = async (): Promise<string> => (await fetch(`http://127.0.0.1:${agent.httpPort}/metrics`)).text();
  assert.match(await metrics(), /^rockbot_bus_connected 1$/m);
  const announced = (): Record<string, unknown>[] => tap.on('tool.meta.mcp.rockbot');
  link.cut();
  await until('it is noticed', async () => /^rockbot_bus_connected 0$/m.test(await metrics()));
  await writeFile(join(agent.dataDir, 'mcp.json'), JSON.stringify({ mcpServers: { stays: disabled } }));
  await until('the file was read', async () => !(await metrics()).includes('server="goes"'));
  assert.deepEqual(
    announced().filter(({ removed }) => (removed as string[]).length > 0),
    [],
  );
  link.mend();
  const told = await until('it is told', () => announced().find(({ removed }) => (removed as string[]).length > 0));
  assert.deepEqual(told, { servers: [{ name: 'stays', state: 'disabled', tools: [] }], removed: ['goes'] });
  assert.match(await metrics(), /^rockbot_bus_connected 1$/m);
});

test('bus outage - a listener that fails does not end the watch over the connection', async () => {
  await using nats = await startTestNats();
  await using link = await startCuttableLink(nats.url);
  const errors: unknown[] = [];
  const silent = (): void => undefined;
  const heard: boolean[] = [];
  const bus = await Bus.connect({
    url: link.url,
    agent: 'rockbot',
    instance: 'one',
    logger: { debug: silent, info: silent, warn: silent, error: (_, fields) => void errors.push(fields) },
    onConnection: (connected) => {
      heard.push(connected);
      throw new Error('the listener failed');
    },
  });
  try {
    for (let round = 0; round < 2; round++) {
      link.cut();
      await until('the loss is noticed', () => !bus.connected);
      link.mend();
      await until('it is back', () => bus.connected);
    }
    assert.deepEqual(heard, [false, true, false, true]);
    assert.equal(errors.length, 4);
  } finally {
    await bus.drain();
  }
});
