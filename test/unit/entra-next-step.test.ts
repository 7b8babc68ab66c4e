// Every refusal of Entra as a person reads it: the real cause in plain words, and the one exact next step for this tenant and app.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { NextStep } from '../../shared/contract/auth-state.ts';
import { describeEntraRefusal } from '../../shared/entra-failure.ts';
import { knownCodes } from '../../shared/entra-known-codes.ts';
import { adminConsentUrl, exactAction, nextStepOf, type EntraApp } from '../../shared/entra-next-step.ts';
import { everyText, periodText } from '../../shared/period-text.ts';

const tenantId = '00000000-0000-4000-8000-00000000aaaa';
const clientId = '11111111-0000-4000-8000-00000000bbbb';
const app: EntraApp = {
  authority: `https://login.microsoftonline.com/${tenantId}`,
  tenantId,
  clientId,
  scopes: ['api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask', 'offline_access', 'openid', 'profile'],
};
const consentUrl = `https://login.microsoftonline.com/${tenantId}/adminconsent?client_id=${clientId}`;
const createPrincipal = 'az ad sp create --id fdcc1f02-fc51-4226-8753-f668596af7f7';

/** The AADSTS classes with the words that must stand in the reason, and the next step. */
const rows: readonly [number[], string, RegExp, 'sign_in' | 'consent' | 'principal' | 'admin'][] = [
  [[50173], 'invalid_grant', /password was changed or the sign-in was revoked/, 'sign_in'],
  [[50132, 50133], 'invalid_grant', /password was changed or has expired/, 'sign_in'],
  [[50055, 50144], 'invalid_grant', /password has expired/, 'sign_in'],
  [[50089], 'invalid_grant', /ended or was revoked/, 'sign_in'],
  [[70043, 70044], 'invalid_grant', /sign-in frequency policy/, 'sign_in'],
  [[700082], 'invalid_grant', /not used for 90 days/, 'sign_in'],
  [[70008, 70000], 'invalid_grant', /expired|no longer valid/, 'sign_in'],
  [[700084], 'invalid_grant', /single pages and ended after 24 hours/, 'sign_in'],
  [[50076, 50074, 50078], 'invalid_grant', /[Mm]ulti-factor/, 'sign_in'],
  [[50079, 50072, 53004], 'invalid_grant', /has to be set up/, 'sign_in'],
  [[16000], 'interaction_required', /Several accounts/, 'sign_in'],
  [[50020], 'invalid_grant', /another tenant/, 'sign_in'],
  [[65001], 'invalid_grant', /consented/, 'consent'],
  [[90094], 'invalid_grant', /consent of an administrator/, 'consent'],
  [[650056, 65005, 650057], 'invalid_grant', /permissions/, 'consent'],
  [[65004], 'access_denied', /declined/, 'sign_in'],
  [[650052, 500011], 'invalid_client', /service principal|not known in this tenant/, 'principal'],
  [[500014], 'invalid_client', /subscription has lapsed/, 'admin'],
  [[53003, 50131], 'invalid_grant', /Conditional Access policy blocks/, 'admin'],
  [[530084], 'invalid_grant', /token protection/, 'admin'],
  [[53000, 53001, 50097], 'invalid_grant', /Conditional Access policy asks for a .* device/, 'admin'],
  [[53002, 50005], 'invalid_grant', /Conditional Access policy/, 'admin'],
  [[50105], 'invalid_grant', /not assigned to the app/, 'admin'],
  [[50057, 50053, 53011, 50034], 'invalid_grant', /account|user/, 'admin'],
  [[65002], 'invalid_grant', /first-party client id/, 'admin'],
  [[50011, 7000218, 900023, 900144, 9010010, 90009, 70011, 650053], 'invalid_request', /./, 'admin'],
];

const stepOf: Record<'sign_in' | 'consent' | 'principal' | 'admin', NextStep> = {
  sign_in: { kind: 'sign_in' },
  consent: { kind: 'ask_admin', url: consentUrl },
  principal: { kind: 'ask_admin', command: createPrincipal },
  admin: { kind: 'ask_admin' },
};

describe('next step', () => {
  for (const [numbers, error, words, step] of rows)
    for (const number of numbers)
      test(`next step - AADSTS${number} names its cause, and ends in: ${step}`, () => {
        const failure = describeEntraRefusal({ error, description: `AADSTS${number}: x` });
        assert.match(failure.message, words);
        const next = nextStepOf(failure, app);
        assert.deepEqual(next, stepOf[step]);
        const action = exactAction(failure, next);
        if (next.url !== undefined) assert.ok(action.includes(`${next.url} `), action);
        if (next.command !== undefined) assert.ok(action.includes(`"${next.command}"`), action);
        for (const text of [failure.message, action]) {
          assert.match(text, /^[A-Z].*\.$/s, 'a sentence');
          assert.doesNotMatch(text, /AADSTS|undefined|\.\.|\s\s/, text);
        }
      });

  test('next step - what Conditional Access blocks says where the administrator has to look', () => {
    for (const number of [53003, 53000, 50131]) {
      const failure = describeEntraRefusal({ error: 'invalid_grant', description: `AADSTS${number}: x` });
      assert.match(failure.action, /Sign-in logs.*"Conditional Access" tab/);
    }
    const { action } = describeEntraRefusal({ error: 'invalid_grant', description: 'AADSTS530084: x' });
    assert.match(action, /Require token protection for sign-in sessions/);
  });

  test('next step - sovereign clouds and other authorities have their own host, with or without the tenant in them', () => {
    for (const host of ['login.microsoftonline.us', 'login.partner.microsoftonline.cn', '127.0.0.1:8443'])
      for (const authority of [`https://${host}`, `https://${host}/${tenantId}`, `https://${host}/${tenantId}/`])
        assert.equal(
          adminConsentUrl({ ...app, authority }),
          `https://${host}/${tenantId}/adminconsent?client_id=${clientId}`,
        );
  });

  test('next step - the missing service principal is that of the resource that was asked for', () => {
    const reason = { code: 'admin_action_required', aadsts: 'AADSTS650052' };
    const commandFor = (...scopes: string[]): string | undefined => nextStepOf(reason, { ...app, scopes }).command;
    const mail = '16b1878d-62c7-4009-aa25-68989d63bbad';
    assert.equal(commandFor('openid', `${mail}/Tools.ListInvoke.All`), `az ad sp create --id ${mail}`);
    assert.equal(commandFor(`api://${mail}/Tools.ListInvoke.All`), `az ad sp create --id ${mail}`);
    assert.equal(commandFor('https://graph.example/Mail.Read'), undefined);
  });

  test('next step - consent without a number has the link; what is no refusal of Entra has no step for an administrator', () => {
    assert.deepEqual(nextStepOf({ code: 'consent_required' }, app), stepOf.consent);
    assert.deepEqual(nextStepOf({ code: 'auth_required' }, app), stepOf.sign_in);
    assert.deepEqual(nextStepOf({ code: 'auth_required', aadsts: '__proto__' }, app), stepOf.sign_in);
  });

  test('next step - every number that is known reads as sentences', () => {
    for (const [number, { message, action }] of Object.entries(knownCodes))
      for (const text of [message, action]) assert.match(text, /^[A-Z].*\.$/s, number);
  });

  test('next step - how long the tenant lets a sign-in serve is read where Entra says it, and nowhere else', () => {
    const said = (text: string, aadsts = 70043): number | undefined =>
      describeEntraRefusal({ error: 'invalid_grant', description: `AADSTS${aadsts}: ${text}` }).signInPeriodMs;
    const words =
      'The token was issued on 2026-01-05T09:27:30.5870000Z and the maximum allowed lifetime for this request is';
    assert.equal(said(`${words} 43200. Trace ID: x`), 43_200_000);
    assert.equal(said(`${words} 604800.`), 604_800_000);
    assert.equal(said(`${words} 604800`, 70044), 604_800_000);
    assert.equal(said(`${words} 604800`, 50173), undefined);
    assert.equal(said(`${words} 0`), undefined);
    assert.equal(said(`${words} 7.00:00:00`), undefined);
    assert.equal(said('nothing'), undefined);
  });

  test('next step - periods read as people say them', () => {
    const hour = 3_600_000;
    assert.deepEqual(
      [24 * hour, 7 * 24 * hour, hour, 12 * hour, 90 * 60_000, 36 * hour, 12_000, 1_499].map(everyText),
      [
        'every day',
        'every 7 days',
        'every hour',
        'every 12 hours',
        'every 90 minutes',
        'every 36 hours',
        'every 12 seconds',
        'every second',
      ],
    );
    assert.equal(periodText(604_800_123), '7 days');
  });
});
