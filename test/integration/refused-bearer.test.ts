// A server that refuses every bearer, fresh or not: its callers hear of it each time, Entra does not.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { failureOf } from '../support/call-failure.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;

before(async () => {
  stack = await startStack({
    servers: ({ mcpUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return { workiq: entry, second: entry, third: entry, late: { ...entry, enabled: true } };
    },
  });
  await stack.connect();
  for (const server of ['workiq', 'second', 'third', 'late']) await read(server);
});

after(() => stack[Symbol.asyncDispose]());
afterEach(() => stack.workiq.control.clearFaults());

const read = (server: string): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me?$select=id'] }, { server });
const refreshes = async (): Promise<number> =>
  (await stack.entra.control.counters()).tokenRequests['refresh_token'] ?? 0;

test('refused bearer - two servers that refuse every call have a few tokens fetched each, and a sign-in ends that [P7]', async () => {
  const already = await refreshes();
  await stack.workiq.control.inject({ kind: 'unauthorized', times: 'all' });
  for (let call = 0; call < 8; call++)
    for (const server of ['workiq', 'second']) {
      const { code, retryable } = await failureOf(read(server));
      assert.deepEqual([code, retryable], ['auth_required', false]);
    }
  assert.equal(await refreshes(), already + 6);
  const parallel = await Promise.all(Array.from({ length: 20 }, () => failureOf(read('workiq'))));
  assert.deepEqual(new Set(parallel.map(({ code }) => code)), new Set(['auth_required']));
  assert.equal(await refreshes(), already + 6);
  // It is a matter of these servers: the connection is as it was, and a claims challenge is a reason of its own.
  assert.equal((await stack.ui.request('authState', {})).status, 'connected');
  await stack.workiq.control.clearFaults();
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  await stack.workiq.control.inject({ kind: 'unauthorized', claims });
  await read('workiq');
  assert.equal(await refreshes(), already + 7);

  await stack.workiq.control.inject({ kind: 'unauthorized', times: 'all' });
  for (let call = 0; call < 5; call++) await failureOf(read('workiq'));
  await stack.workiq.control.clearFaults();
  await stack.connect();
  const since = await refreshes();
  await stack.workiq.control.inject({ kind: 'unauthorized' });
  await read('workiq');
  assert.equal(await refreshes(), since + 1);
});

test('refused bearer - one that is taken after a refresh is refreshed every time it is refused [P7]', async () => {
  const already = await refreshes();
  for (let call = 1; call <= 4; call++) {
    await stack.workiq.control.inject({ kind: 'unauthorized' });
    await read('third');
    assert.equal(await refreshes(), already + call);
  }
});

test('refused bearer - a server that does not even let the agent connect costs a few tokens for all its tries', async () => {
  await stack.workiq.control.inject({ kind: 'unauthorized', method: 'initialize', times: 'all' });
  await stack.workiq.control.loseSessions();
  const already = await refreshes();
  const initialised = async (): Promise<number> =>
    (await stack.workiq.control.requests()).filter(({ method }) => method === 'initialize').length;
  const tried = await initialised();
  await failureOf(read('late'));
  await until('it was tried again some times', async () => {
    await stack.ui.request('mcpManage', { action: 'refresh', name: 'late' }).catch(() => undefined);
    return (await initialised()) > tried + 40;
  });
  // Other servers lost their sessions as well.
  assert.ok((await refreshes()) <= already + 4 * 3, `${await refreshes()} refreshes, ${already} before`);
});
