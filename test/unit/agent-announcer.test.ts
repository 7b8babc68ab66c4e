import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentAnnouncer } from '../../agent/agent-announcer.ts';
import type { EventOf } from '../../shared/contract/contract.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { until } from '../support/until.ts';

test('agent announcer - names of tools that would not fit into one message are left out, and every server is still told', async () => {
  const events: EventOf<'mcpServersIndexed'>[] = [];
  const listed = (name: string, count: number): ListedServer => ({
    name,
    type: 'streamable-http',
    state: 'ready',
    tools: Array.from({ length: count }, (_, index) => ({
      name: `${name}-${index}`.padEnd(256, 'ü'),
      inputSchema: {},
      sideEffects: 'read',
    })),
    hidden: [],
  });
  const announcer = new AgentAnnouncer({
    about: { instance: 'i', version: '1.0.0', startedAt: new Date(0).toISOString() },
    bus: () => ({
      connected: true,
      publish: (name, payload) => {
        if (name === 'mcpServersIndexed') events.push(payload as EventOf<'mcpServersIndexed'>);
      },
    }),
    servers: () => [listed('small', 2), listed('huge', 8_000), listed('last', 1)],
    auth: () => ({ status: 'not_connected', since: new Date(0).toISOString(), generation: 0 }),
  });
  announcer.serversChanged(['gone']);
  await until('it is told', () => events.length > 0);
  const [event] = events;
  assert.ok(event);
  assert.ok(Buffer.byteLength(JSON.stringify(event)) < 300 * 1024);
  assert.deepEqual(
    event.servers.map(({ name, tools, truncated }) => [name, tools.length > 0, truncated]),
    [
      ['small', true, undefined],
      ['huge', true, true],
      ['last', false, true],
    ],
  );
  assert.deepEqual(event.removed, ['gone']);
});
