// The words for an answer that did not come: nothing that may have been carried out is called worth sending again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnswerLost } from '../../extension/bus/answer-lost.ts';
import { busLeft, timedOut } from '../../extension/bus/timed-out.ts';

const common = { agent: 'rockbot', url: 'ws://127.0.0.1:1', timeoutMs: 1_500 } as const;

for (const [name, isSent, isLost, code, retryable] of [
  ['toolList', false, false, 'timeout', true],
  ['toolList', true, false, 'timeout', true],
  ['toolList', true, true, 'server_unavailable', true],
  ['toolInvoke', false, true, 'server_unavailable', true],
  ['toolInvoke', true, false, 'outcome_unknown', false],
  ['toolInvoke', true, true, 'outcome_unknown', false],
  ['authCache', false, false, 'timeout', true],
  ['authCache', true, false, 'timeout', false],
  ['authDisconnect', true, true, 'server_unavailable', false],
] as const) {
  const when = `${isSent ? 'sent' : 'not sent'}, ${isLost ? 'bus lost' : 'bus there'}`;
  test(`[P10] bus timeout - ${name}, ${when}: ${code}, ${retryable ? 'retryable' : 'final'}`, () => {
    const error = timedOut({ ...common, name, isSent, isLost });
    assert.deepEqual([error.code, error.retryable], [code, retryable]);
    assert.notEqual(error.action, undefined);
  });
}

for (const [name, isSent, code, retryable] of [
  ['toolList', true, 'cancelled', false],
  ['toolInvoke', false, 'server_unavailable', true],
  ['toolInvoke', true, 'outcome_unknown', false],
  ['authCache', false, 'cancelled', false],
  ['authCache', true, 'server_unavailable', false],
] as const)
  test(`[P10] bus left - ${name}, ${isSent ? 'sent' : 'not sent'}: ${code}, ${retryable ? 'retryable' : 'final'}`, () => {
    const error = busLeft({ ...common, name, isSent });
    assert.deepEqual([error.code, error.retryable], [code, retryable]);
    if (name === 'toolInvoke') assert.doesNotMatch(error.message, /cancel/i);
  });

test('bus timeout - the answer of a call that only reads is late, and nothing is unknown', () => {
  for (const [isLost, code] of [
    [false, 'timeout'],
    [true, 'server_unavailable'],
  ] as const) {
    const error = timedOut({ ...common, name: 'toolInvoke', isSent: true, isLost });
    assert.ok(error instanceof AnswerLost);
    assert.deepEqual([error.ofRead.code, error.ofRead.retryable], [code, true]);
  }
});
