// The notices of the sign-in in VS Code, in the status card and in the terminal: who, why, and the exact next step.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { authLines } from '../../extension/cli/commands/auth-text.ts';
import type { View } from '../../extension/cli/render/view.ts';
import { initialState } from '../../extension/connection/connection-state.ts';
import { endedNotice, endingNotice } from '../../extension/connection/sign-in-notices.ts';
import { statusView } from '../../extension/connection/status-view.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';

const clock = { now: Date.parse('2026-11-23T10:00:00Z'), timeZone: 'UTC', locale: 'en-GB' };
const plain = new Proxy({}, { get: () => (text: string) => text }) as View['colors'];
const view = { ...clock, colors: plain } as unknown as View;
const account = { id: 'oid', username: 'adele@contoso.example', tenantId: 'tenant' };
const connected: AuthState = { status: 'connected', account, since: '2026-11-20T10:00:00Z', generation: 1 };
const url = 'https://login.example/tenant/adminconsent?client_id=client';
const consentMissing: AuthState = {
  ...connected,
  status: 'expired',
  episodeId: 'one',
  reason: {
    code: 'consent_required',
    aadsts: 'AADSTS65001',
    message: 'Nobody has consented to this app for Work IQ yet.',
    action: `Ask a tenant administrator to open ${url} and consent for everybody.`,
  },
  nextStep: { kind: 'ask_admin', url },
};
const ending: AuthState = {
  ...connected,
  endsAt: {
    at: '2026-11-24T09:30:00Z',
    cause: 'sign_in_frequency',
    soon: true,
    message: 'The tenant asks for a sign-in every 7 days (learnt).',
  },
};
const card = (auth: AuthState): string =>
  statusView(
    { ...initialState('rockbot'), bus: { kind: 'online', url: 'ws://h' }, agent: { kind: 'online', heardAt: 0 }, auth },
    clock,
  ).tooltip;

describe('sign-in notices', () => {
  test('sign-in notices - an ended sign-in names user and cause; only what a sign-in does not mend goes to an administrator', () => {
    assert.equal(endedNotice(connected), undefined);
    const notice = endedNotice(consentMissing);
    assert.equal(
      notice?.text,
      'The Microsoft 365 sign-in of adele@contoso.example has ended: Nobody has consented to this app for Work IQ yet.',
    );
    assert.equal(
      notice.forAdmin,
      [
        'RockBot cannot reach Microsoft 365 of adele@contoso.example. Nobody has consented to this app for Work IQ yet. (AADSTS65001)',
        `Ask a tenant administrator to open ${url} and consent for everybody.`,
      ].join('\n'),
    );
    const revoked: AuthState = { ...consentMissing, nextStep: { kind: 'sign_in' } };
    const own = endedNotice(revoked);
    assert.ok(own !== undefined && own.forAdmin === undefined);
    assert.equal(endedNotice({ ...revoked, status: 'connected' }), undefined, 'an episode that is over is not told');
    // An older agent tells no next step.
    assert.deepEqual(Object.keys(endedNotice({ ...revoked, nextStep: undefined }) ?? {}), ['key', 'text']);
  });

  test('sign-in notices - a sign-in that will end is told when it is soon, once per end', () => {
    assert.equal(endingNotice({ ...ending, endsAt: { ...ending.endsAt!, soon: false } }, clock), undefined);
    assert.equal(endingNotice(connected, clock), undefined);
    const late = { ...clock, now: Date.parse('2026-11-23T22:00:00Z') };
    assert.match(
      endingNotice(ending, late)?.text ?? '',
      /ends on 24 Nov 2026, 09:30\./,
      'it may be read on another day',
    );
    assert.deepEqual(endingNotice(ending, clock), {
      key: 'ends-2026-11-24T09:30:00Z',
      text: 'The Microsoft 365 sign-in of adele@contoso.example ends on 24 Nov 2026, 09:30. The tenant asks for a sign-in every 7 days (learnt). Sign in again before that.',
    });
  });

  test('sign-in notices - the status card shows until when to sign in, while there is something to end', () => {
    assert.match(card(ending), /Sign in before.*24 Nov 2026/);
    assert.doesNotMatch(card(connected), /Sign in before/);
    assert.doesNotMatch(card({ ...consentMissing, endsAt: ending.endsAt }), /Sign in before/);
  });

  test('sign-in notices - the terminal has link or command alone on a line, and the expected end with what to do', () => {
    assert.ok(authLines(consentMissing, view).some((line) => line.trim() === `link          ${url}`));
    const command = 'az ad sp create --id fdcc1f02-fc51-4226-8753-f668596af7f7';
    const principal: AuthState = { ...consentMissing, nextStep: { kind: 'ask_admin', command } };
    assert.ok(authLines(principal, view).some((line) => line.trim() === `command       ${command}`));
    const lines = authLines(ending, view).join('\n');
    assert.match(lines, /ends +tomorrow 09:30\. The tenant asks for a sign-in every 7 days \(learnt\)\./);
    assert.match(lines, /what to do +Run "rockbot auth workiq" to sign in again before that\./);
  });

  test('[P6] sign-in notices - names from outside bring no line break and no control character', () => {
    const hostile: AuthState = { ...consentMissing, account: { ...account, username: 'a\u001b]8;;x\u0007\nb' } };
    assert.doesNotMatch(endedNotice(hostile)?.text ?? '', /\p{Cc}/u);
    assert.equal(endedNotice(hostile)?.forAdmin?.split('\n').length, 2);
    assert.doesNotMatch(endingNotice({ ...ending, account: hostile.account }, clock)?.text ?? '', /\p{Cc}/u);
  });
});
