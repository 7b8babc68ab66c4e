// The error of calls without a sign-in: the first one, which met the refusal of Entra, and all that come after it say the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { failureOf } from '../support/call-failure.ts';
import { startStack } from '../support/stack.ts';

test('sign-in reason - every call that is refused for a lost sign-in names the number of Entra, not only the first', async () => {
  await using stack = await startStack();
  const call = (): Promise<unknown> => stack.call('fetch', { entityUrls: ['/me?$select=id'] });
  assert.match((await failureOf(call())).message, /Nobody has connected/);
  await stack.connect();
  await call();
  await stack.entra.control.revokeRefreshTokens();
  await stack.entra.control.revokeAccessTokens();
  const first = await failureOf(call());
  const second = await failureOf(call());
  for (const { code, message } of [first, second]) {
    assert.equal(code, 'auth_required');
    assert.match(message, /\(AADSTS\d+\)$/);
  }
  assert.equal(second.message, first.message);
  assert.equal(second.action, first.action);
});
