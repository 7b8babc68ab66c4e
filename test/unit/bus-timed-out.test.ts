// The words for an answer that did not come: nothing that may have been carried out is called worth sending again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { timedOut } from '../../extension/bus/timed-out.ts';

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
