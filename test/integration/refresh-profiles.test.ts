// Several audiences on one account: each has its own token and its own refusals; only a void grant concerns them all.
import assert from 'node:assert/strict';
import { after, before, beforeEach, test } from 'node:test';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { mailScopes, startSession, workIqScopes, type SessionHarness } from '../support/account-session.ts';
import { manualClock } from '../support/manual-clock.ts';
import { startEntraProcess, type EntraProcess } from '../support/stack.ts';
import { until } from '../support/until.ts';

let entra: EntraProcess;

before(async () => {
  entra = await startEntraProcess();
});
after(() => entra.child[Symbol.asyncDispose]());
beforeEach(() => entra.control.reset());

const start = (more: { clock?: ReturnType<typeof manualClock> } = {}): Promise<SessionHarness> =>
  startSession({ entra, clock: manualClock(Date.now()), ...more });
const codeOf = (outcome: Promise<unknown>): Promise<string> =>
  outcome.then(
    () => 'ok',
    (error: unknown) => (error instanceof RockBotError ? error.code : String(error)),
  );
const mailToken = async (harness: SessionHarness): Promise<string> => harness.mail.token();
const claimsOf = (token: string): Record<string, unknown> =>
  JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<string, unknown>;

test('profiles - a further audience gets its own token with the same refresh token, and keeps the requested scope', async () => {
  await using harness = await start();
  await harness.connect();
  const [work, mail] = [await harness.workiq.token(), await mailToken(harness)];
  const audience = async (token: string): Promise<unknown> => entra.control.introspect({ token });
  assert.match(JSON.stringify(await audience(work)), /workiq\.svc\.cloud\.microsoft/);
  assert.match(JSON.stringify(await audience(mail)), /16b1878d-62c7-4009-aa25-68989d63bbad/);
  assert.ok(harness.mail.token() === mail, 'held as well');
  await harness.mail.refresh({ rejected: mail });
  const scopes = (await entra.control.requests()).filter(({ grantType }) => grantType === 'refresh_token');
  for (const { scope = '' } of scopes) {
    const sent = new Set(scope.split(' '));
    const asked = sent.has(mailScopes[0] ?? '') ? mailScopes : workIqScopes;
    for (const one of asked) assert.ok(sent.has(one), scope);
    assert.equal([...sent].filter((one) => one.includes('/')).length, 1, 'never two resources at once');
  }
});

test('profiles - missing consent for a further audience expires nothing, and is over when consent is given [P9]', async () => {
  await using harness = await start();
  await entra.control.changeSettings({ consent: 'strict' });
  await harness.connect();
  assert.equal(await codeOf(mailToken(harness)), 'consent_required');
  assert.equal(harness.session.state().status, 'connected');
  assert.equal(typeof harness.workiq.token(), 'string');
  await entra.control.changeSettings({ consent: 'granted' });
  assert.equal(await codeOf(mailToken(harness)), 'ok');
});

for (const [name, code, expected] of [
  ['the resource is not in the tenant', 650052, 'admin_action_required'],
  ['a policy blocks it', 53003, 'admin_action_required'],
  ['it wants a second factor', 50076, 'auth_required'],
] as const) {
  test(`profiles - ${name}, for a further audience: ${expected} there, and the account stays connected [P9]`, async () => {
    await using harness = await start();
    await harness.connect();
    await entra.control.addFault({ grantType: 'refresh_token', times: 'all', action: { kind: 'aadsts', code } });
    assert.equal(await codeOf(mailToken(harness)), expected);
    assert.equal(harness.session.state().status, 'connected');
    assert.equal(typeof harness.workiq.token(), 'string');
    assert.ok(!harness.effects.some(({ type }) => type === 'notify_expired'));
  });
}

test('profiles - a revoked grant that shows at a further audience concerns the account, once [S5, P13]', async () => {
  await using harness = await start();
  await harness.connect();
  await entra.control.revokeRefreshTokens({ aadsts: 50173 });
  assert.equal(await codeOf(mailToken(harness)), 'auth_required');
  assert.equal(harness.session.state().status, 'expired');
  assert.equal(await codeOf((async () => harness.workiq.token())()), 'auth_required');
  assert.equal(harness.effects.filter(({ type }) => type === 'notify_expired').length, 1);
  await harness.connect();
  assert.equal(harness.session.state().status, 'connected');
  assert.equal(await codeOf(mailToken(harness)), 'ok');
});

test('profiles - an outage at a further audience leaves the state alone, and its calls say server_unavailable [P9]', async () => {
  await using harness = await start();
  await harness.connect();
  await entra.control.addFault({ grantType: 'refresh_token', times: 'all', action: { kind: 'unavailable' } });
  for (let call = 0; call < 4; call++) assert.equal(await codeOf(mailToken(harness)), 'server_unavailable');
  assert.equal(harness.session.state().status, 'connected');
});

test('claims - a challenge is passed on to Entra word by word, once for all that met it [P7]', async () => {
  await using harness = await start();
  await harness.connect();
  const rejected = await harness.workiq.token();
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c7"}}}';
  const already = (await entra.control.counters()).tokenRequests['refresh_token'] ?? 0;
  const fresh = await Promise.all(Array.from({ length: 50 }, () => harness.workiq.refresh({ rejected, claims })));
  assert.equal(new Set(fresh).size, 1);
  assert.equal((await entra.control.counters()).tokenRequests['refresh_token'], already + 1);
  const sent = JSON.parse((await entra.control.requests()).at(-1)?.claims ?? '{}') as { access_token: object };
  assert.deepEqual((sent.access_token as { acrs: unknown }).acrs, { essential: true, value: 'c7' });
  // Met again with the token that it was answered with, it is asked again; by a latecomer with the old one, it is not.
  assert.ok((await harness.workiq.refresh({ rejected, claims })) === fresh[0]);
  assert.ok((await harness.workiq.refresh({ rejected: fresh[0], claims })) !== fresh[0]);
});

test('claims - every token tells servers that the agent handles challenges, also one that was got for a challenge', async () => {
  await using harness = await start();
  await harness.connect();
  const rejected = await harness.workiq.token();
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c1"}}}';
  const challenged = await harness.workiq.refresh({ rejected, claims });
  // Without it Entra makes no token that can be revoked before its time, and servers do not challenge.
  for (const token of [rejected, challenged, await mailToken(harness)])
    assert.deepEqual(claimsOf(token)['xms_cc'], ['CP1']);
  assert.deepEqual(claimsOf(challenged)['acrs'], ['c1']);
});

test('claims - a challenge that only a person can meet asks for a sign-in with these claims [S5]', async () => {
  await using harness = await start();
  await harness.connect();
  await entra.control.changeSettings({ stepUp: 'interactive' });
  const rejected = await harness.workiq.token();
  const claims = '{"access_token":{"acrs":{"essential":true,"value":"c9"}}}';
  assert.equal(await codeOf(harness.workiq.refresh({ rejected, claims })), 'auth_required');
  const { status, reason } = harness.session.state();
  assert.equal(status, 'expired');
  assert.equal(reason?.aadsts, 'AADSTS50076');
  assert.match(reason?.claims ?? '', /c9/);
});

test('consent - withdrawn and given again by an administrator: it heals by itself, without a sign-in', async () => {
  const clock = manualClock(Date.now());
  await using harness = await start({ clock });
  await entra.control.changeSettings({ consent: 'strict' });
  await harness.connect();
  await entra.control.revokeConsent();
  const rejected = await harness.workiq.token();
  assert.equal(await codeOf(harness.workiq.refresh({ rejected })), 'consent_required');
  assert.equal(harness.session.state().status, 'expired');
  // While an administrator is at work nobody's call bothers Entra.
  const already = (await entra.control.counters()).tokenRequests['refresh_token'];
  assert.equal(await codeOf((async () => harness.workiq.token())()), 'consent_required');
  assert.equal((await entra.control.counters()).tokenRequests['refresh_token'], already);
  await entra.control.changeSettings({ consent: 'granted' });
  await until('the probe succeeded', () => {
    clock.advance(30_000);
    return harness.session.state().status === 'connected';
  });
  assert.equal(harness.effects.filter(({ type }) => type === 'notify_expired').length, 1);
});

test('stopping - ends what waits for Entra, and nothing is asked after it', async () => {
  await using harness = await start();
  await harness.connect();
  await entra.control.changeSettings({ latencyMs: 500 });
  const waiting = codeOf(mailToken(harness));
  await harness.session.close();
  assert.match(await waiting, /ok|server_unavailable/);
  assert.equal(await codeOf(harness.workiq.refresh({})), 'server_unavailable');
});
