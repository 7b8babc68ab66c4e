// What each refusal of Entra means: the AADSTS numbers of Microsoft's reference as a table, with the `error` and `suberror`
// that they come with, and what MSAL makes of them.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { errorOfFailure, reasonOf, refreshFailure } from '../../agent/auth/refresh-failure.ts';
import { aadstsOf, describeEntraRefusal, type EntraFailureKind } from '../../shared/entra-failure.ts';
import { errorCodes } from '../../shared/errors/error-code.ts';
import * as fc from '../support/repeatable-fast-check.ts';

interface Row {
  /** What went wrong, in plain words. */
  meaning: string;
  aadsts: number;
  error: string;
  suberror?: string;
  kind: EntraFailureKind;
  /** The grant is lost for every resource, not only for the one that was asked for. */
  grantVoid?: boolean;
  /** Must stand in the advice. */
  advice?: RegExp;
}

const rows: readonly Row[] = [
  { meaning: 'nobody consented', aadsts: 65001, error: 'invalid_grant', suberror: 'consent_required', kind: 'consent' },
  { meaning: 'nobody consented', aadsts: 65001, error: 'invalid_grant', kind: 'consent', advice: /administrator/ },
  { meaning: 'the user declined', aadsts: 65004, error: 'access_denied', kind: 'consent' },
  { meaning: 'only an admin may consent', aadsts: 90094, error: 'invalid_grant', kind: 'consent' },
  {
    meaning: 'the resource has no service principal here',
    aadsts: 650052,
    error: 'invalid_client',
    kind: 'admin',
    advice: /az ad sp create --id fdcc1f02-fc51-4226-8753-f668596af7f7/,
  },
  { meaning: 'the same, as a grant error', aadsts: 650052, error: 'invalid_grant', kind: 'admin' },
  {
    meaning: 'the same, with a consent suberror',
    aadsts: 650052,
    error: 'invalid_grant',
    suberror: 'consent_required',
    kind: 'admin',
  },
  {
    meaning: 'a first-party client that is not pre-authorised',
    aadsts: 65002,
    error: 'invalid_client',
    kind: 'admin',
    advice: /WorkIQ__ClientId/,
  },
  {
    meaning: 'a second factor is needed',
    aadsts: 50076,
    error: 'invalid_grant',
    suberror: 'basic_action',
    kind: 'sign_in',
  },
  { meaning: 'a second factor is needed', aadsts: 50076, error: 'invalid_grant', kind: 'sign_in' },
  { meaning: 'a second factor is needed', aadsts: 50076, error: 'interaction_required', kind: 'sign_in' },
  { meaning: 'a second factor must be set up', aadsts: 50079, error: 'interaction_required', kind: 'sign_in' },
  {
    meaning: 'Conditional Access blocks',
    aadsts: 53003,
    error: 'invalid_grant',
    suberror: 'message_only',
    kind: 'admin',
    advice: /sign-in log/,
  },
  { meaning: 'Conditional Access blocks', aadsts: 53003, error: 'access_denied', kind: 'admin' },
  {
    meaning: 'token protection blocks',
    aadsts: 530084,
    error: 'invalid_grant',
    kind: 'admin',
    advice: /token protection/,
  },
  { meaning: 'idle for 90 days', aadsts: 700082, error: 'invalid_grant', kind: 'sign_in', grantVoid: true },
  {
    meaning: 'idle for 90 days',
    aadsts: 700082,
    error: 'invalid_grant',
    suberror: 'token_expired',
    kind: 'sign_in',
    grantVoid: true,
  },
  { meaning: 'password changed or revoked', aadsts: 50173, error: 'invalid_grant', kind: 'sign_in', grantVoid: true },
  {
    meaning: 'password changed or revoked',
    aadsts: 50173,
    error: 'invalid_grant',
    suberror: 'bad_token',
    kind: 'sign_in',
    grantVoid: true,
  },
  {
    meaning: 'sign-in frequency is over',
    aadsts: 70043,
    error: 'invalid_grant',
    suberror: 'bad_token',
    kind: 'sign_in',
    grantVoid: true,
  },
  { meaning: 'the grant expired', aadsts: 70008, error: 'invalid_grant', kind: 'sign_in', grantVoid: true },
  { meaning: 'the grant is no good', aadsts: 70000, error: 'invalid_grant', kind: 'sign_in', grantVoid: true },
  {
    meaning: 'a single-page app has 24 hours',
    aadsts: 700084,
    error: 'invalid_grant',
    kind: 'sign_in',
    grantVoid: true,
    advice: /Mobile and desktop/,
  },
  { meaning: 'several identities', aadsts: 16000, error: 'interaction_required', kind: 'sign_in' },
  { meaning: 'an account of another tenant', aadsts: 50020, error: 'invalid_grant', kind: 'sign_in', advice: /tenant/ },
  { meaning: 'redirect not registered', aadsts: 50011, error: 'invalid_request', kind: 'admin', advice: /localhost/ },
  { meaning: 'no public client', aadsts: 7000218, error: 'invalid_client', kind: 'admin', advice: /public client/ },
  { meaning: 'unknown resource', aadsts: 500011, error: 'invalid_resource', kind: 'admin', advice: /WorkIQ__Scopes/ },
  { meaning: 'malformed tenant', aadsts: 900023, error: 'invalid_request', kind: 'admin', advice: /WorkIQ__TenantId/ },
  { meaning: 'a parameter is missing', aadsts: 900144, error: 'invalid_request', kind: 'admin' },
  { meaning: 'resource against scope', aadsts: 9010010, error: 'invalid_target', kind: 'admin' },
  { meaning: 'resource against scope', aadsts: 9010010, error: 'invalid_request', kind: 'admin' },
  { meaning: 'refreshed without a scope', aadsts: 90009, error: 'invalid_request', kind: 'admin' },
  { meaning: '.default beside named scopes', aadsts: 70011, error: 'invalid_scope', kind: 'admin' },
  { meaning: 'an unqualified scope', aadsts: 650053, error: 'invalid_client', kind: 'admin', advice: /WorkIQ__Scopes/ },
  {
    meaning: 'an unknown app',
    aadsts: 700016,
    error: 'unauthorized_client',
    kind: 'admin',
    advice: /WorkIQ__ClientId/,
  },
  { meaning: 'an unknown tenant', aadsts: 90002, error: 'invalid_tenant', kind: 'admin', advice: /WorkIQ__TenantId/ },
  { meaning: 'the person has not decided yet', aadsts: 70016, error: 'authorization_pending', kind: 'transient' },
  { meaning: 'too many requests', aadsts: 90055, error: 'temporarily_unavailable', kind: 'transient' },
  { meaning: 'too many requests', aadsts: 90055, error: 'throttled', kind: 'transient' },
];

const codeOf: Record<EntraFailureKind, string> = {
  sign_in: 'auth_required',
  consent: 'consent_required',
  admin: 'admin_action_required',
  transient: 'server_unavailable',
};

describe('entra failure - by number', () => {
  for (const { meaning, aadsts, error, suberror, kind, grantVoid = false, advice } of rows) {
    const name = `AADSTS${aadsts} as ${error}${suberror === undefined ? '' : `/${suberror}`}`;
    test(`entra failure - ${name} (${meaning}) is ${kind} [P9]`, () => {
      const failure = describeEntraRefusal({ error, suberror, description: `AADSTS${aadsts}: Some text. Trace ID: x` });
      assert.equal(failure.kind, kind);
      assert.equal(failure.code, codeOf[kind]);
      assert.equal(failure.grantVoid, grantVoid);
      assert.equal(failure.aadsts, `AADSTS${aadsts}`);
      assert.ok(failure.message.length > 10 && failure.action.length > 5);
      if (advice !== undefined) assert.match(`${failure.message} ${failure.action}`, advice);
    });
  }
});

describe('entra failure - by error and suberror', () => {
  const cases: readonly [string, Parameters<typeof describeEntraRefusal>[0], EntraFailureKind, boolean][] = [
    ['invalid_grant without anything else', { error: 'invalid_grant' }, 'sign_in', true],
    ['invalid_grant with bad_token', { error: 'invalid_grant', suberror: 'bad_token' }, 'sign_in', true],
    [
      'invalid_grant with an unknown number',
      { error: 'invalid_grant', description: 'AADSTS999999: New.' },
      'sign_in',
      true,
    ],
    ['invalid_grant with consent_required', { error: 'invalid_grant', suberror: 'consent_required' }, 'consent', false],
    ['interaction_required alone', { error: 'interaction_required' }, 'sign_in', false],
    ['login_required alone', { error: 'login_required' }, 'sign_in', false],
    ['consent_required alone', { error: 'consent_required' }, 'consent', false],
    ['access_denied alone', { error: 'access_denied' }, 'consent', false],
    ['invalid_client alone', { error: 'invalid_client' }, 'admin', false],
    ['unsupported_grant_type alone', { error: 'unsupported_grant_type' }, 'admin', false],
    ['nothing at all', {}, 'transient', false],
    ['an unknown error', { error: 'brand_new_error' }, 'transient', false],
    ['an unknown error with an unknown suberror', { error: 'brand_new', suberror: 'newer' }, 'transient', false],
    ['temporarily_unavailable', { error: 'temporarily_unavailable' }, 'transient', false],
    ['server_error', { error: 'server_error' }, 'transient', false],
    // A gateway's text may quote a number: without a refusal it means nothing.
    ['a number without an error', { description: 'AADSTS50173: quoted' }, 'transient', false],
    [
      'server_error with a revoking number',
      { error: 'server_error', description: 'AADSTS50173: quoted' },
      'transient',
      false,
    ],
    [
      'invalid_grant with a throttling number',
      { error: 'invalid_grant', description: 'AADSTS90055: x' },
      'sign_in',
      false,
    ],
  ];
  for (const [name, refusal, kind, grantVoid] of cases) {
    test(`entra failure - ${name} is ${kind} [P9]`, () => {
      const failure = describeEntraRefusal(refusal);
      assert.equal(failure.kind, kind);
      assert.equal(failure.grantVoid, grantVoid);
    });
  }

  test('entra failure - a claims challenge is kept for the next sign-in, an empty one is not', () => {
    const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
    assert.equal(describeEntraRefusal({ error: 'interaction_required', claims }).claims, claims);
    assert.equal('claims' in describeEntraRefusal({ error: 'interaction_required', claims: '' }), false);
  });

  test('entra failure - anything that Entra may say gets a known code, words and advice [P9]', () => {
    const word = fc.option(
      fc.oneof(fc.string(), fc.constantFrom('invalid_grant', 'bad_token', '__proto__', 'toString')),
      {
        nil: undefined,
      },
    );
    const refusal = fc.record({ error: word, suberror: word, description: word, claims: word });
    fc.assert(
      fc.property(refusal, (said) => {
        const failure = describeEntraRefusal(said);
        assert.ok((errorCodes as readonly string[]).includes(failure.code));
        assert.ok(failure.message !== '' && failure.action !== '');
        if (said.error === undefined) assert.equal(failure.kind, 'transient');
      }),
    );
  });

  test('entra failure - the number is read from the text of Entra only when it is one', () => {
    assert.equal(aadstsOf('AADSTS50173: The provided grant has expired.'), 'AADSTS50173');
    assert.equal(aadstsOf('invalid_grant: 50173 - [x]: AADSTS700082: idle'), 'AADSTS700082');
    assert.equal(aadstsOf('AADSTS12'), undefined);
    assert.equal(aadstsOf(undefined), undefined);
  });
});

function msalError(errorCode: string, more: object = {}): Error {
  return Object.assign(new Error(`${errorCode}: text of MSAL`), { errorCode, ...more });
}

describe('refresh failure - what MSAL threw and what the endpoint said', () => {
  test('refresh failure - the endpoint is believed before MSAL [P9]', () => {
    const said = { status: 400, error: 'invalid_grant', description: 'AADSTS50173: x', retryAfterMs: undefined };
    assert.equal(refreshFailure(msalError('endpoints_resolution_error'), said).failure.kind, 'sign_in');
    const busy = { status: 503, error: 'temporarily_unavailable', retryAfterMs: 7_000 };
    const failure = refreshFailure(msalError('invalid_grant', { subError: 'bad_token' }), busy);
    assert.equal(failure.failure.kind, 'transient');
    assert.equal(failure.retryAfterMs, 7_000);
  });

  for (const code of ['no_tokens_found', 'no_account_found', 'no_account_in_silent_request', 'refresh_token_expired']) {
    test(`refresh failure - MSAL's own ${code} needs a sign-in`, () => {
      const { failure } = refreshFailure(msalError(code), undefined);
      assert.deepEqual([failure.kind, failure.grantVoid], ['sign_in', true]);
    });
    test(`refresh failure - MSAL's own ${code} after an outage does not [P9]`, () => {
      const { failure } = refreshFailure(msalError(code), { error: 'temporarily_unavailable' });
      assert.equal(failure.kind, 'transient');
    });
  }

  for (const code of ['endpoints_resolution_error', 'token_parsing_error', 'network_error', 'invalid_grant']) {
    test(`refresh failure - MSAL's ${code} without an answer of Entra is transient [P9]`, () => {
      assert.equal(refreshFailure(msalError(code), undefined).failure.kind, 'transient');
    });
  }

  test('refresh failure - whatever is thrown is transient without an answer of Entra [P9]', () => {
    for (const thrown of [undefined, null, 'text', 42, new TypeError('x'), { errorCode: 7, subError: 8, message: 9 }])
      assert.equal(refreshFailure(thrown, undefined).failure.kind, 'transient');
  });

  test('refresh failure - the error of a call carries code, number, advice and the time to wait, and no text of MSAL', () => {
    const failure = refreshFailure(msalError('x'), {
      status: 400,
      error: 'invalid_grant',
      description: 'AADSTS700082: y',
    });
    const error = errorOfFailure(failure);
    assert.equal(error.code, 'auth_required');
    assert.match(error.message, /\(AADSTS700082\)$/);
    assert.doesNotMatch(error.message, /MSAL|: y/);
    assert.equal(reasonOf(failure.failure).aadsts, 'AADSTS700082');
  });
});
