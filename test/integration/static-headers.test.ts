// Headers of an entry beside its bearer: both stand on every request of every transport, and neither goes anywhere else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startSseServer } from '../support/mcp/sse-server.ts';
import { startStack } from '../support/stack.ts';
import { until } from '../support/until.ts';

const apiKey = 'key-of-the-gateway-4711';
const headers = { 'X-Api-Key': '${GATEWAY_KEY}', 'X-Fixed': 'as it stands' };
const me = { entityUrls: ['/me?$select=id'] };

test('static headers - stand beside the bearer on every request, from initialize to the end of the session', async () => {
  await using stack = await startStack({
    agentEnv: { GATEWAY_KEY: apiKey },
    servers: ({ mcpUrl }) => ({
      keyed: { type: 'http', url: mcpUrl, headers, auth: { profile: 'workiq' } },
      plain: { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } },
    }),
  });
  await stack.connect();
  await stack.call('fetch', me, { server: 'keyed' });
  await stack.call('fetch', me, { server: 'plain' });
  // Also what is sent once more after a 401, and what tells the server that nobody waits any more.
  await stack.workiq.control.inject({ kind: 'unauthorized' });
  await stack.call('fetch', me, { server: 'keyed' });
  await stack.workiq.control.inject({ kind: 'hang' });
  const callId = 'cancelled-call';
  const cancelled = stack.ui.request('toolInvoke', { callId, server: 'keyed', tool: 'fetch', arguments: me });
  cancelled.catch(() => undefined);
  const seen = () => stack.workiq.control.requests();
  await until('the call reached the server', async () =>
    (await seen()).some(({ method, status }) => method === 'tools/call' && status === 0),
  );
  await stack.ui.request('toolCancel', { callId });
  await assert.rejects(cancelled);
  await until('the cancellation was announced', async () =>
    (await seen()).some(({ method }) => method === 'notifications/cancelled'),
  );
  await stack.agent.child.stop();

  const all = await seen();
  const keyed = all.filter((request) => request.headers['x-api-key'] !== undefined);
  for (const request of keyed) {
    assert.equal(request.headers['x-api-key'], apiKey, request.method);
    assert.equal(request.headers['x-fixed'], 'as it stands', request.method);
    // Before the hand-off there is no bearer, and nothing is sent.
    assert.notEqual(request.authorizationSha256, null, request.method);
  }
  const methods = new Set(keyed.map(({ method }) => method));
  for (const method of [
    'initialize',
    'notifications/initialized',
    'tools/list',
    'tools/call',
    'notifications/cancelled',
    'GET',
    'DELETE',
  ])
    assert.ok(methods.has(method), `${method} of ${[...methods].join(', ')}`);
  const calls = keyed.filter(({ method }) => method === 'tools/call');
  assert.deepEqual(
    calls.map(({ status }) => status),
    [200, 401, 200, 0],
  );
  // The other entry has none of it.
  const plain = all.filter((request) => request.headers['x-api-key'] === undefined);
  assert.ok(plain.some(({ method }) => method === 'tools/call'));
  for (const request of plain) assert.equal(request.headers['x-fixed'], undefined);
});

test('static headers - stand beside the bearer on the stream and the posts of an SSE server', async () => {
  await using sse = await startSseServer();
  await using stack = await startStack({
    agentEnv: { GATEWAY_KEY: apiKey },
    servers: () => ({ keyed: { type: 'sse', url: sse.url, headers, auth: { profile: 'workiq' } } }),
  });
  await stack.restartAgent({ env: { WorkIQ__AllowedOrigins: new URL(sse.url).origin } });
  await stack.connect();
  await stack.call('echo', { said: 1 }, { server: 'keyed' });
  const bearer = new Set(sse.seen.map((request) => request.headers.authorization));
  assert.equal(bearer.size, 1);
  assert.match([...bearer][0] ?? '', /^Bearer ey/);
  assert.deepEqual(new Set(sse.seen.map(({ method }) => method)), new Set(['GET', 'POST']));
  for (const { method, headers: sent } of sse.seen) {
    assert.equal(sent['x-api-key'], apiKey, method);
    assert.equal(sent['x-fixed'], 'as it stands', method);
  }
});
