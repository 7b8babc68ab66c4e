// Ids of tenant and app that a person set in place of the agent's: what is wrong with them is theirs to mend, in the settings.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { assertOwnAppIds, namingOwnAppIds, WrongSetting } from '../../extension/connection/own-app-ids.ts';
import { failedMessage } from '../../extension/connection/sign-in-outcome.ts';
import { SignInSession } from '../../extension/connection/sign-in-session.ts';
import { assertAccountFits } from '../../extension/consent/account-check.ts';
import { describeSignInFailure } from '../../extension/consent/sign-in-failure.ts';
import type { RockBotError } from '../../shared/errors/rockbot-error.ts';

const tenantId = '00000000-0000-4000-8000-00000000aaaa';
const clientId = '11111111-0000-4000-8000-00000000bbbb';
const other = '22222222-0000-4000-8000-00000000cccc';
const profile = { tenantId, clientId };

const refusal = (aadsts: string): RockBotError =>
  describeSignInFailure({
    error: new Error('x'),
    request: { tenantId, clientId, authority: `https://login.example/${tenantId}`, scopes: [] },
    lastRefusal: { error: 'invalid_request', description: `${aadsts}: no.` },
    lastFailure: undefined,
  });

describe('own ids - what can be none is refused at once', () => {
  for (const [own, names] of [
    [{ tenantId: 'not-a-guid' }, 'rockbot.workiq.tenantId'],
    [{ tenantId: `${tenantId}0` }, 'rockbot.workiq.tenantId'],
    [{ tenantId: 'contoso.example/x' }, 'rockbot.workiq.tenantId'],
    [{ tenantId, clientId: 'contoso.example' }, 'rockbot.workiq.clientId'],
  ] as const) {
    test(`own ids - ${JSON.stringify(own)}, by the name of its setting, before anybody is asked`, async () => {
      const session = new SignInSession({
        bus: { request: () => assert.fail('the agent is asked') },
        agentSignal: () => new AbortController().signal,
        signer: () => assert.fail('a signer is made'),
        loadConsent: () => assert.fail('consent is loaded'),
        http: () => assert.fail('Entra is asked'),
        person: { changed: () => assert.fail('something begins') } as never,
      });
      const error: unknown = await session.run({ way: 'browser', overrides: own }).catch((cause: unknown) => cause);
      const { severity, text, next, other: another } = failedMessage(error, 'browser');
      assert.ok(text.includes(`${names} `), text);
      assert.doesNotMatch(text, /operator|WorkIQ__/);
      assert.deepEqual([severity, next?.kind, another], ['error', 'open_settings', undefined]);
    });
  }

  test('own ids - an id in any case, a domain of the tenant, and none are fine', () => {
    assertOwnAppIds({});
    assertOwnAppIds({ tenantId: tenantId.toUpperCase(), clientId });
    assertOwnAppIds({ tenantId: 'contoso.onmicrosoft.com' });
  });
});

describe('own ids - a failure for them names the setting', () => {
  for (const [what, error, own, names] of [
    ['no such tenant', refusal('AADSTS90002'), { tenantId: other }, ['rockbot.workiq.tenantId']],
    ['an app of another tenant', refusal('AADSTS700016'), { tenantId: other }, ['rockbot.workiq.tenantId']],
    ['no such app', refusal('AADSTS700016'), { clientId: other }, ['rockbot.workiq.clientId']],
    [
      'one of both',
      refusal('AADSTS700016'),
      { tenantId: other, clientId: other },
      ['rockbot.workiq.tenantId', 'rockbot.workiq.clientId'],
    ],
  ] as const) {
    test(`own ids - ${what}`, () => {
      const named = namingOwnAppIds(error, own, profile);
      const { text, next } = failedMessage(named, 'browser');
      assert.ok(named instanceof WrongSetting && named.cause === error);
      for (const name of names) assert.ok(text.includes(name), text);
      assert.doesNotMatch(text, /operator|WorkIQ__/);
      assert.match(text, /AADSTS/);
      assert.equal(next?.kind, 'open_settings');
    });
  }

  test('own ids - an account of the wrong tenant, by the tenant that was set', () => {
    const account = { id: 'a', username: 'a@fabrikam.example', tenantId: other };
    let error: unknown;
    try {
      assertAccountFits(account, { ...profile, state: {} } as never);
    } catch (cause) {
      error = cause;
    }
    assert.match(
      failedMessage(namingOwnAppIds(error, { tenantId: other }, profile), 'browser').text,
      /workiq\.tenantId/,
    );
    assert.equal(namingOwnAppIds(error, { clientId: other }, profile), error, 'the setting is not the cause');
  });

  test('own ids - what is not theirs stays as it is', () => {
    const wrongTenant = refusal('AADSTS90002');
    assert.match(wrongTenant.action ?? '', /WorkIQ__TenantId/);
    assert.equal(namingOwnAppIds(wrongTenant, {}, profile), wrongTenant);
    assert.equal(namingOwnAppIds(wrongTenant, { tenantId: tenantId.toUpperCase() }, profile), wrongTenant, 'the same');
    assert.equal(namingOwnAppIds(wrongTenant, { clientId: other }, profile), wrongTenant);
    const policy = refusal('AADSTS53003');
    assert.equal(namingOwnAppIds(policy, { tenantId: other, clientId: other }, profile), policy);
    const defect = new TypeError('x');
    assert.equal(namingOwnAppIds(defect, { tenantId: other }, profile), defect);
  });
});
