// What every end of a sign-in is called and what it asks for next.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertAccountFits } from '../../extension/consent/account-check.ts';
import { decideAgentKey } from '../../extension/consent/decide-agent-key.ts';
import { signInRequestOf } from '../../extension/consent/sign-in.ts';
import { describeSignInFailure, type SignInFailureInput } from '../../extension/consent/sign-in-failure.ts';
import { browserCommand, isBrowserLikely } from '../../extension/consent/system-browser.ts';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { ErrorCode } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

const tenantId = '11111111-1111-4111-8111-111111111111';
const request = {
  tenantId,
  clientId: 'client',
  authority: `https://login.example/${tenantId}`,
  scopes: ['scope'],
};

function libraryError(name: string, errorCode: string, more: object = {}): Error {
  return Object.assign(new Error(errorCode), { name, errorCode, ...more });
}

function describeFailure(input: Partial<SignInFailureInput>): RockBotError {
  return describeSignInFailure({
    error: new Error('x'),
    request,
    lastRefusal: undefined,
    lastFailure: undefined,
    ...input,
  });
}

describe('sign-in failure', () => {
  const cases: [string, Partial<SignInFailureInput>, ErrorCode, RegExp][] = [
    [
      'a declined code',
      { lastRefusal: { error: 'authorization_declined' } },
      'auth_required',
      /Start the sign-in again/,
    ],
    ['an expired code', { lastRefusal: { error: 'expired_token' } }, 'auth_required', /about 15 minutes/],
    [
      "the library's own end of patience",
      {
        lastRefusal: { error: 'authorization_pending' },
        error: libraryError('ClientAuthError', 'device_code_expired'),
      },
      'auth_required',
      /about 15 minutes/,
    ],
    [
      'missing consent',
      { lastRefusal: { error: 'invalid_grant', suberror: 'consent_required', description: 'AADSTS65001: x' } },
      'consent_required',
      new RegExp(`https://login\\.example/${tenantId}/adminconsent\\?client_id=client`),
    ],
    [
      'consent declined in the browser',
      { error: libraryError('ServerError', 'access_denied', { errorMessage: 'AADSTS65004: User declined' }) },
      'consent_required',
      /accept/,
    ],
    [
      'a press on cancel in the browser',
      { error: libraryError('ServerError', 'access_denied', { errorMessage: 'the user canceled' }) },
      'auth_required',
      /Start the sign-in again/,
    ],
    [
      'conditional access',
      { lastRefusal: { error: 'invalid_grant', description: 'AADSTS53003: blocked' } },
      'admin_action_required',
      /administrator/,
    ],
    [
      'a wrong tenant at discovery',
      {
        error: libraryError('ClientAuthError', 'endpoints_resolution_error'),
        lastRefusal: { error: 'invalid_tenant', description: "AADSTS90002: Tenant 'x' not found." },
      },
      'admin_action_required',
      /WorkIQ__TenantId/,
    ],
    [
      'an unreachable service',
      { lastFailure: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) },
      'server_unavailable',
      /HTTPS_PROXY/,
    ],
    [
      'an untrusted certificate',
      { lastFailure: Object.assign(new Error('x'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }) },
      'server_unavailable',
      /WorkIQ__CaFile/,
    ],
    ['a busy service', { lastRefusal: { error: 'server_error' } }, 'server_unavailable', /Try again in a minute/],
    [
      'something unknown',
      { error: libraryError('ClientAuthError', 'odd_thing') },
      'internal',
      /the browser or a device code/,
    ],
    ['a cancel', { signal: AbortSignal.abort() }, 'cancelled', /^$/],
  ];
  for (const [what, input, code, action] of cases) {
    test(`sign-in failure - ${what} is ${code}`, () => {
      const error = describeFailure(input);
      assert.equal(error.code, code);
      assert.match(error.action ?? '', action);
    });
  }

  test('sign-in failure - who declined is not sent to an administrator', () => {
    const error = libraryError('ServerError', 'access_denied', { errorMessage: 'AADSTS65004: User declined' });
    assert.doesNotMatch(describeFailure({ error }).action ?? '', /adminconsent/);
  });

  test('sign-in failure - the reason of a cancel is kept', () => {
    const reason = new RockBotError({ code: 'auth_required', message: 'too late' });
    assert.equal(describeFailure({ signal: AbortSignal.abort(reason) }), reason);
  });
});

const profile: AuthProfile = {
  agent: 'rockbot',
  tenantId,
  clientId: 'client',
  authority: request.authority,
  scopes: ['scope'],
  publicKey: { kty: 'OKP', crv: 'X25519', x: 'x', kid: 'kid' },
  state: { status: 'not_connected', since: '2026-01-01T00:00:00Z', generation: 0 },
};
const account = { id: 'oid', username: 'adele@contoso.example', tenantId };

describe('account check', () => {
  test('account check - the right account passes, whatever its case', () => {
    assertAccountFits(account, profile);
    assertAccountFits(
      { ...account, tenantId: tenantId.toUpperCase() },
      { ...profile, expectedAccount: 'ADELE@contoso.example' },
    );
    assertAccountFits(account, { ...profile, expectedAccount: 'oid' });
    assertAccountFits(account, { ...profile, state: { ...profile.state, account } });
  });

  const wrong: [string, typeof account, AuthProfile, string][] = [
    ['another tenant', { ...account, tenantId: '22222222-2222-4222-8222-222222222222' }, profile, 'tenant'],
    [
      'another account than the operator wants',
      account,
      { ...profile, expectedAccount: 'rob@contoso.example' },
      'account',
    ],
    [
      'another account than the agent has',
      account,
      {
        ...profile,
        state: { ...profile.state, status: 'expired', account: { ...account, id: 'other', username: 'rob' } },
      },
      'account',
    ],
  ];
  for (const [what, who, agent, reason] of wrong) {
    test(`account check - ${what} is refused before anything is sent`, () => {
      assert.throws(() => assertAccountFits(who, agent), { code: 'handoff_refused', reason });
    });
  }
});

describe('sign-in request', () => {
  test('sign-in request - an expired connection passes on its claims and its account', () => {
    const reason = { code: 'auth_required', message: 'm', action: 'a', claims: '{"access_token":{}}' };
    const wanted = signInRequestOf({ ...profile, state: { ...profile.state, status: 'expired', account, reason } });
    assert.equal(wanted.claims, reason.claims);
    assert.equal(wanted.loginHint, account.username);
    const connected = signInRequestOf({
      ...profile,
      state: { ...profile.state, status: 'connected', account, reason },
    });
    assert.equal(connected.claims, undefined);
  });

  test('sign-in request - the account that the operator wants is the hint, unless it is an object id', () => {
    assert.equal(
      signInRequestOf({ ...profile, expectedAccount: 'rob@contoso.example' }).loginHint,
      'rob@contoso.example',
    );
    assert.equal(signInRequestOf({ ...profile, expectedAccount: 'oid' }).loginHint, undefined);
  });

  test("sign-in request - a tenant of one's own takes the place of the agent's in the authority", () => {
    const wanted = signInRequestOf(profile, { tenantId: 'other', clientId: 'mine' });
    assert.equal(wanted.authority, 'https://login.example/other');
    assert.equal(wanted.clientId, 'mine');
  });
});

describe('agent key', () => {
  const cases: [string | undefined, string, string][] = [
    [undefined, 'a', 'first'],
    ['a', 'a', 'known'],
    ['a', 'b', 'changed'],
  ];
  for (const [known, offered, kind] of cases) {
    test(`agent key - ${known ?? 'none'} before, ${offered} now: ${kind} [P3]`, () => {
      assert.equal(decideAgentKey({ known, offered }).kind, kind);
    });
  }
});

describe('system browser', () => {
  const url = 'https://login.example/a?b=c&d=$(touch x)';
  test('system browser - the address is one argument on every system and no shell reads it', () => {
    for (const platform of ['linux', 'darwin', 'win32'] as const) {
      const [program, args] = browserCommand(url, { platform, env: {} });
      assert.ok(!/(^|\/)(sh|bash|cmd|powershell)(\.exe)?$/.test(program));
      assert.equal(args.at(-1), new URL(url).href);
    }
    assert.deepEqual(browserCommand(url, { platform: 'linux', env: { ROCKBOT_BROWSER: '/b' } }), [
      '/b',
      [new URL(url).href],
    ]);
  });

  test('system browser - only web addresses are opened', () => {
    for (const other of ['file:///etc/passwd', 'javascript:alert(1)', 'calculator:']) {
      assert.throws(() => browserCommand(other, { platform: 'linux', env: {} }));
    }
  });

  test('system browser - it is taken for likely where a person would see it', () => {
    assert.ok(isBrowserLikely({ platform: 'linux', env: { DISPLAY: ':0' } }));
    assert.ok(isBrowserLikely({ platform: 'darwin', env: {} }));
    assert.ok(!isBrowserLikely({ platform: 'linux', env: {} }));
    assert.ok(!isBrowserLikely({ platform: 'darwin', env: { SSH_CONNECTION: 'x' } }));
    assert.ok(!isBrowserLikely({ platform: 'linux', env: { DISPLAY: ':0', SSH_TTY: 'x' } }));
  });
});
