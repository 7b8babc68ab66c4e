// The one message at the end of a sign-in and the one step that it offers, for every way in which it can end.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { connectedMessage, failedMessage, followUpTitle } from '../../extension/connection/sign-in-outcome.ts';
import { UntrustedAgentKey } from '../../extension/consent/untrusted-agent-key.ts';
import { signInWay } from '../../extension/connection/sign-in-way.ts';
import { BusUnreachableError } from '../../extension/bus/bus-unreachable.ts';
import { PartNotLoaded } from '../../extension/loaded-part.ts';
import { errorCodes, type ErrorCode, type RefusalReason } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

function error(code: ErrorCode, more: { action?: string; reason?: RefusalReason } = {}): RockBotError {
  return new RockBotError({ code, message: 'What happened.', ...more });
}

const link = 'https://login.example/t/adminconsent?client_id=c';

describe('sign-in - every end has one message and one next step', () => {
  for (const [name, cause, way, next, severity] of [
    ['cancelled in the browser', error('cancelled'), 'browser', 'device_code', 'info'],
    ['cancelled with a code', error('cancelled'), 'device_code', 'retry', 'info'],
    ['declined, or the code expired', error('auth_required'), 'browser', 'retry', 'warning'],
    [
      'consent missing',
      error('consent_required', { action: `An administrator can consent here: ${link}` }),
      'browser',
      'copy_for_admin',
      'error',
    ],
    [
      'conditional access',
      error('admin_action_required', { action: 'Ask a tenant administrator.' }),
      'browser',
      'copy_for_admin',
      'error',
    ],
    ['wrong tenant', error('handoff_refused', { reason: 'tenant' }), 'browser', 'open_settings', 'error'],
    ['wrong account', error('handoff_refused', { reason: 'account' }), 'browser', 'retry', 'error'],
    [
      'signer not allowed',
      error('handoff_refused', { reason: 'signer', action: 'Add it.' }),
      'browser',
      'copy_for_admin',
      'error',
    ],
    ['stale hand-off', error('handoff_refused', { reason: 'expired' }), 'browser', 'retry', 'error'],
    [
      'no bus, no agent',
      new BusUnreachableError({ message: 'Gone.', action: 'Wait.' }),
      'browser',
      'open_settings',
      'error',
    ],
    ['no Entra', error('server_unavailable'), 'browser', 'retry', 'error'],
    ['bus permission denied', error('forbidden'), 'browser', 'set_credentials', 'error'],
    [
      'no bus set',
      new BusUnreachableError({ message: 'None.', action: 'Set one.', trouble: 'no_bus_set' }),
      'browser',
      'set_address',
      'error',
    ],
    [
      'another key than before',
      new UntrustedAgentKey({ agent: 'a', expected: 'k1', offered: 'k2', message: 'Another key.', action: 'Ask.' }),
      'browser',
      'ask_operator',
      'error',
    ],
    [
      'a part of the extension that is gone',
      new PartNotLoaded(new Error('secret detail')),
      'browser',
      'reload_window',
      'error',
    ],
    ['a defect', new TypeError('secret detail'), 'browser', 'show_log', 'error'],
  ] as const) {
    test(`sign-in - ${name}`, () => {
      const message = failedMessage(cause, way);
      assert.deepEqual([message.next?.kind, message.severity], [next, severity]);
      assert.doesNotMatch(message.text, /secret detail/);
    });
  }

  test('sign-in - every code there is leads somewhere', () => {
    for (const code of errorCodes)
      assert.notEqual(followUpTitle(failedMessage(error(code), 'browser').next ?? { kind: 'retry' }), '');
  });

  test("sign-in - the administrator's link is copied alone, other instructions whole", () => {
    const consent = failedMessage(error('consent_required', { action: `Go to ${link}` }), 'browser');
    assert.deepEqual(consent.next, { kind: 'copy_for_admin', text: link, isLink: true });
    assert.doesNotMatch(consent.text, /https:/);
    const policy = failedMessage(error('admin_action_required', { action: 'Ask for an exception.' }), 'browser');
    assert.deepEqual(policy.next, {
      kind: 'copy_for_admin',
      text: 'What happened.\nAsk for an exception.',
      isLink: false,
    });
  });

  test('sign-in - who has no server yet is led to Work IQ', () => {
    const account = { id: 'i', username: 'adele@contoso.example', tenantId: 't' };
    assert.equal(connectedMessage(account, { hasServers: false }).next?.kind, 'add_work_iq');
    assert.equal(connectedMessage(account, { hasServers: true }).next, undefined);
  });
});

describe('sign-in - a loopback port that the browser cannot reach is not offered', () => {
  for (const [setting, isRemote, isWeb, way] of [
    ['auto', false, false, 'browser'],
    ['auto', true, false, 'device_code'],
    ['auto', false, true, 'device_code'],
    ['auto', true, true, 'device_code'],
    ['deviceCode', false, false, 'device_code'],
    ['browser', true, true, 'browser'],
  ] as const) {
    test(`sign-in - ${setting}${isRemote ? ', remote' : ''}${isWeb ? ', web' : ''}: ${way}`, () => {
      assert.equal(signInWay({ setting, isRemote, isWeb }), way);
    });
  }
});
