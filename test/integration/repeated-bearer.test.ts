// A server that repeats the bearer it was sent, in everything that it can say: nobody behind the agent ever gets it (promise P6).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { startRepeatingServer, type RepeatingServer } from '../support/mcp/repeating-server.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let repeating: RepeatingServer;
let stack: Stack;
/** Everything that the bus told. */
const heard: unknown[] = [];

before(async () => {
  repeating = await startRepeatingServer();
  const auth = { profile: 'workiq' };
  stack = await startStack({
    servers: () => ({
      http: { type: 'http', url: repeating.url, auth },
      sse: { type: 'sse', url: repeating.sseUrl, auth },
    }),
  });
  await stack.restartAgent({ env: { WorkIQ__AllowedOrigins: new URL(repeating.url).origin } });
  stack.ui.subscribe('toolResult', (event) => void heard.push(event));
  stack.ui.subscribe('toolProgress', (event) => void heard.push(event));
  await stack.connect();
  for (const server of ['http', 'sse']) await stack.call('repeat', {}, { server });
});

after(async () => {
  await stack[Symbol.asyncDispose]();
  await repeating[Symbol.asyncDispose]();
});

/** The reply, or the error as it came over the bus. */
async function told(reply: Promise<unknown>): Promise<string> {
  return JSON.stringify(
    await reply.catch((error: unknown) => {
      assert.ok(error instanceof RockBotError);
      return Object.assign(Object.create(null) as object, error, { message: error.message, cause: undefined });
    }),
  );
}

function assertNoBearer(text: string, what: string): void {
  assert.ok(repeating.bearers.size > 0);
  for (const bearer of repeating.bearers) {
    assert.ok(bearer.length > 100);
    assert.ok(!text.includes(bearer), `${what}: ${text.slice(0, 400)}`);
    // Nor what is left of it when something cuts it.
    assert.ok(!text.includes(bearer.slice(0, 60)), `${what}: ${text.slice(0, 400)}`);
    assert.ok(!text.includes(bearer.slice(-60)), `${what}: ${text.slice(0, 400)}`);
  }
}

for (const server of ['http', 'sse']) {
  const saying: Record<string, () => Promise<unknown>> = {
    'descriptions of tools': () => stack.ui.request('toolList', { server }),
    'a result': () => stack.call('repeat', {}, { server }),
    'a list of resources': () => stack.ui.request('resourceList', { server }),
    'a resource': () => stack.ui.request('resourceRead', { server, uri: 'sample://one' }),
    'a list of prompts': () => stack.ui.request('promptList', { server }),
    'a prompt': () => stack.ui.request('promptGet', { server, name: 'one', arguments: {} }),
    'an error': () => stack.call('complain', {}, { server }),
  };
  for (const [what, ask] of Object.entries(saying)) {
    test(`repeated bearer - is masked in ${what} of a server over ${server} [P6]`, async () => {
      const text = await told(ask());
      assert.match(text, /You sent Bearer \[redacted\]/);
      assertNoBearer(text, what);
    });
  }

  test(`repeated bearer - a fresh one is masked as well, where a stream of before brings the answer: ${server} [P6]`, async () => {
    const before = new Set(repeating.bearers);
    repeating.refuse(1);
    const text = await told(stack.call('repeat', {}, { server }));
    assert.equal(repeating.bearers.size, before.size + 1);
    assert.match(text, /You sent Bearer \[redacted\]/);
    assertNoBearer(text, 'a result');
  });

  test(`repeated bearer - is masked in a page, a header and a challenge that refuse a request over ${server} [P6]`, async () => {
    for (const status of [400, 403, 500]) {
      repeating.fail(status);
      assertNoBearer(await told(stack.call('repeat', {}, { server })), `HTTP ${status}`);
    }
    repeating.refuse(2);
    const text = await told(stack.call('repeat', {}, { server }));
    assert.match(text, /auth_required/);
    assertNoBearer(text, 'a challenge');
    await until('the server is ready', async () => {
      await stack.ui.request('mcpManage', { action: 'refresh', name: server }).catch(() => undefined);
      const [listed] = (await stack.ui.request('toolList', { server })).servers;
      return listed?.state === 'ready';
    });
  });
}

test('repeated bearer - stands in no event and no line of the log, where the server logs it as well [P6]', async () => {
  await until('the server has logged', () => stack.output().includes('A server logs.'));
  await stack.ui.flush();
  assert.ok(heard.length > 5);
  assertNoBearer(JSON.stringify(heard), 'events');
  assertNoBearer(stack.output(), 'the log');
});
