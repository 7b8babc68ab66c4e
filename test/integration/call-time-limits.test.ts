// How long a call may take: what the caller asks for, else what the entry says, else the default, and never more than the
// operator allows. The far server never answers, so that the limit alone ends a call.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { failureOf } from '../support/call-failure.ts';
import { startStack, type Stack } from '../support/stack.ts';

const defaultMs = 500;
const mostMs = 900;
const ofEntryMs = 700;

let stack: Stack;

before(async () => {
  stack = await startStack({
    servers: ({ mcpUrl }) => {
      const entry = { type: 'http', url: mcpUrl, auth: { profile: 'workiq' } };
      return { plain: entry, own: { ...entry, timeoutMs: ofEntryMs }, patient: { ...entry, timeoutMs: 20_000 } };
    },
  });
  await stack.connect();
  for (const server of ['plain', 'own', 'patient']) await stack.call('fetch', me, { server });
  // The limits hold from here on; a slow first connect is none of their business.
  await stack.restartAgent({
    env: { McpBridge__DefaultTimeoutMs: String(defaultMs), McpBridge__MaxTimeoutMs: String(mostMs) },
  });
  for (const server of ['plain', 'own', 'patient'])
    await stack.ui.request('mcpManage', { action: 'refresh', name: server }, { timeoutMs: 20_000 });
  await stack.workiq.control.inject({ kind: 'hang', times: 'all' });
});

after(() => stack[Symbol.asyncDispose]());

const me = { entityUrls: ['/me?$select=id'] };

const table: [what: string, server: string, asked: number | undefined, limit: number][] = [
  ['neither caller nor entry says how long', 'plain', undefined, defaultMs],
  ['the caller asks for less than the default', 'plain', 200, 200],
  ['the caller asks for more than the default', 'plain', 800, 800],
  ['the caller asks for more than is allowed', 'plain', 20_000, mostMs],
  ['the entry says how long', 'own', undefined, ofEntryMs],
  ['the caller asks for less than the entry says', 'own', 300, 300],
  ['the caller asks for more than the entry says', 'own', 850, 850],
  ['the entry says more than is allowed', 'patient', undefined, mostMs],
  ['entry and caller say more than is allowed', 'patient', 20_000, mostMs],
];

for (const [what, server, asked, limit] of table) {
  test(`time limits - ${limit} ms when ${what}`, async () => {
    const started = performance.now();
    const call = stack.call('fetch', me, { server, ...(asked !== undefined && { timeoutMs: asked }) });
    const { code, message } = await failureOf(call);
    assert.equal(code, 'timeout');
    // The limit in force is what the caller is told; that it is the one that was kept shows from below.
    assert.match(message, new RegExp(`within ${limit} ms`));
    assert.ok(performance.now() - started >= limit - 5);
  });
}
