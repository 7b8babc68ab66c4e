/** Proves the Entra simulator with an unmodified msal-node over TLS; it must not know the product. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createPublicKey, verify } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { request } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, beforeEach, describe, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { AuthError, InteractionRequiredAuthError, PublicClientApplication, ServerError } from '@azure/msal-node';
import type { AccountInfo, AuthenticationResult, DeviceCodeRequest } from '@azure/msal-node';
import { z } from 'zod';
import { AADSTS_CODES } from '../support/entra/aadsts-catalogue.ts';
import type { EntraControl } from '../support/entra/admin-contract.ts';
import { connectEntra } from '../support/entra/client.ts';
import { AGENT_365_APP_ID, AGENT_365_SERVER_APP_IDS, WORK_IQ_APP_ID } from '../support/entra/directory.ts';
import type { Fault } from '../support/entra/faults.ts';
import { signInByHttp } from '../support/entra/sign-in-by-http.ts';
import { startEntra } from '../support/entra/simulator.ts';
import type { EntraSimulator } from '../support/entra/simulator.ts';
import { trustingNetworkClient } from '../support/entra/trusting-network-client.ts';
import { until } from '../support/until.ts';

const ASK = 'api://workiq.svc.cloud.microsoft/WorkIQAgent.Ask';
const OPENID = 'openid profile offline_access';

let entra: EntraSimulator;
let control: EntraControl;

before(async () => {
  entra = await startEntra({ settings: { deviceCodeIntervalSeconds: 0.02 } });
  control = connectEntra(entra.adminUrl);
});
after(() => entra.close());
beforeEach(() => control.reset());

function newMsal(options: { authority?: string; clientId?: string; capabilities?: string[]; timeoutMs?: number } = {}) {
  const timeoutMs = options.timeoutMs ?? 5000;
  return new PublicClientApplication({
    auth: {
      clientId: options.clientId ?? entra.clientId,
      authority: options.authority ?? entra.authority,
      knownAuthorities: [entra.host],
      ...(options.capabilities ? { clientCapabilities: options.capabilities } : {}),
    },
    system: { networkClient: trustingNetworkClient(entra.caPem, { timeoutMs }) },
  });
}

interface BySignIn {
  msal?: PublicClientApplication;
  user?: string;
  decision?: 'accept' | 'decline';
  scopes?: string[];
  pages?: string[];
  claims?: string;
}

function interactive({ msal = newMsal(), user = 'adele', decision, scopes = [ASK], pages, claims }: BySignIn = {}) {
  return msal.acquireTokenInteractive({
    scopes,
    ...(claims === undefined ? {} : { claims }),
    openBrowser: async (url) => {
      const seen = await signInByHttp({ url, caPem: entra.caPem, user, ...(decision ? { decision } : {}) });
      pages?.push(...seen.pages);
    },
  });
}

/** Signs in by device code, approved by control before the first poll: quick, and no page is involved. */
async function connected(options: { msal?: PublicClientApplication; user?: string } = {}) {
  const msal = options.msal ?? newMsal();
  await control.changeSettings({ autoApproveDeviceCodesAs: options.user ?? 'adele' });
  const result = await deviceCode(msal, () => undefined);
  await control.changeSettings({ autoApproveDeviceCodesAs: null });
  return { msal, result, account: accountOf(result) };
}

async function deviceCode(
  msal: PublicClientApplication,
  decide: (userCode: string, request: DeviceCodeRequest) => unknown,
): Promise<AuthenticationResult> {
  const codeRequest: DeviceCodeRequest = {
    scopes: [ASK],
    deviceCodeCallback: ({ userCode }) => void decide(userCode, codeRequest),
  };
  const result = await msal.acquireTokenByDeviceCode(codeRequest);
  assert.ok(result);
  return result;
}

function accountOf(result: AuthenticationResult): AccountInfo {
  assert.ok(result.account);
  return result.account;
}

const payloadShape = z.looseObject({ aud: z.string(), jti: z.string().optional(), scp: z.string().optional() });

function payload(jwt: string) {
  return payloadShape.parse(JSON.parse(Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()));
}

/** A raw exchange, to see what MSAL hides. */
function call(method: string, url: string, form: Record<string, string> = {}, ca = entra.caPem) {
  return new Promise<{ status: number; headers: Record<string, unknown>; text: string }>((resolve, reject) => {
    const headers = { 'Content-Type': 'application/x-www-form-urlencoded' };
    const outgoing = request(url, { method, headers, ca, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
    });
    outgoing.on('error', reject);
    outgoing.end(method === 'POST' ? new URLSearchParams(form).toString() : undefined);
  });
}

const bodyShape = z.looseObject({
  error: z.string().optional(),
  error_codes: z.array(z.number()).optional(),
  suberror: z.string().optional(),
  claims: z.string().optional(),
  scope: z.string().optional(),
  access_token: z.string().optional(),
  refresh_token: z.string().optional(),
});

async function tokenCall(form: Record<string, string>, tenant = entra.tenantId) {
  const { status, headers, text } = await call('POST', `${entra.origin}/${tenant}/oauth2/v2.0/token`, form);
  return { status, headers, body: bodyShape.parse(JSON.parse(text)) };
}

function refreshForm(refreshToken: string, change: Record<string, string> = {}) {
  const scope = `${ASK} ${OPENID}`;
  return { grant_type: 'refresh_token', client_id: entra.clientId, refresh_token: refreshToken, scope, ...change };
}

async function newRefreshToken(user = 'adele'): Promise<string> {
  const { refresh_token: token } = await control.issueTokens({ user, scope: `${ASK} ${OPENID}` });
  assert.ok(token);
  return token;
}

describe('entra simulator, interactive sign-in', () => {
  test('interactive - account, consent and form_post give a token whose signature verifies', async () => {
    const pages: string[] = [];
    const msal = newMsal();
    const result = await interactive({ msal, pages });
    assert.deepEqual(pages, ['page-accounts', 'page-consent', 'page-working', 'app']);
    const account = accountOf(result);
    assert.equal(account.homeAccountId, `0c6bc4a2-337b-4672-9bcd-6aa53af1b02a.${entra.tenantId}`);
    assert.equal(account.username, 'adele@contoso.example');
    const { aud, scp } = payload(result.accessToken);
    assert.deepEqual({ aud, scp }, { aud: 'api://workiq.svc.cloud.microsoft', scp: 'WorkIQAgent.Ask' });

    const jwks = await call('GET', `${entra.authority}/discovery/v2.0/keys`);
    const keys = z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }).parse(JSON.parse(jwks.text)).keys;
    for (const jwt of [result.accessToken, result.idToken]) {
      const [head = '', body = '', signature = ''] = jwt.split('.');
      const { kid } = z.object({ kid: z.string() }).parse(JSON.parse(Buffer.from(head, 'base64url').toString()));
      const key = createPublicKey({ key: keys.find((candidate) => candidate.kid === kid) ?? {}, format: 'jwk' });
      assert.ok(verify('sha256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url')));
    }
    const again: string[] = [];
    await interactive({ msal, pages: again });
    assert.deepEqual(again, ['page-accounts', 'page-working', 'app'], 'consent is asked once');
  });

  test('interactive - declined consent and needed admin approval reach MSAL as access_denied', async () => {
    const declined = { errorCode: 'access_denied' };
    await assert.rejects(interactive({ decision: 'decline' }), declined);
    await control.changeSettings({ consent: 'admin-approval' });
    const pages: string[] = [];
    await assert.rejects(interactive({ pages }), (error) => {
      assert.ok(error instanceof AuthError);
      assert.match(error.errorMessage, /AADSTS90094/);
      return error.errorCode === 'access_denied';
    });
    assert.ok(pages.includes('page-admin-approval'));
  });

  test('interactive - another tenant is refused by the tenant authority and welcome at organizations', async () => {
    const closed = newMsal().acquireTokenInteractive({
      scopes: [ASK],
      openBrowser: async (url) => {
        const { aadsts, pages } = await signInByHttp({ url, caPem: entra.caPem, user: 'nestor' });
        throw new Error(`window closed at ${pages.join()} ${aadsts ?? ''}`);
      },
    });
    await assert.rejects(closed, /window closed at page-accounts,page-error AADSTS50020/);
    const result = await interactive({ msal: newMsal({ authority: entra.organizationsAuthority }), user: 'nestor' });
    assert.equal(accountOf(result).tenantId, '00000000-0000-4000-8000-00000000bbbb');
  });

  test('interactive - query response mode, PKCE mismatch, code reuse and wrong redirect are answered as by Entra', async () => {
    const redirectUri = 'http://localhost:1';
    const query = { client_id: entra.clientId, response_type: 'code', scope: `${ASK} ${OPENID}`, state: 's' };
    // S256 of forty-three times `v`.
    const verifier = 'v'.repeat(43);
    const challenge = Buffer.from(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(verifier))).toString(
      'base64url',
    );
    const authorize = async (change: Record<string, string>) => {
      const pkce = { code_challenge: challenge, code_challenge_method: 'S256', redirect_uri: redirectUri };
      const search = new URLSearchParams({ ...query, ...pkce, ...change }).toString();
      return call('GET', `${entra.authority}/oauth2/v2.0/authorize?${search}`);
    };
    await control.changeSettings({ autoSignInAs: 'adele' });
    const location = new URL(String((await authorize({})).headers['location']));
    assert.equal(location.origin, redirectUri);
    assert.equal(location.searchParams.get('state'), 's');
    const code = location.searchParams.get('code') ?? '';
    const form = { grant_type: 'authorization_code', client_id: entra.clientId, code, redirect_uri: redirectUri };
    const wrong = await tokenCall({ ...form, code_verifier: 'w'.repeat(43) });
    assert.deepEqual(wrong.body.error_codes, [501481]);
    const right = await tokenCall({ ...form, code_verifier: verifier });
    assert.equal(right.status, 200);
    assert.deepEqual((await tokenCall({ ...form, code_verifier: verifier })).body.error_codes, [54005]);

    for (const redirect of ['http://localhost:1/callback', 'http://127.0.0.1:1', 'https://localhost:1', 'urn:x']) {
      const page = await authorize({ redirect_uri: redirect });
      assert.match(page.text, /id="aadsts">AADSTS50011</, redirect);
    }
    const errors: [Record<string, string>, number][] = [
      [{ resource: 'https://workiq.svc.cloud.microsoft/mcp' }, 9010010],
      [{ scope: 'api://nobody/x' }, 500011],
      [{ code_challenge_method: 'plain' }, 9002325],
    ];
    for (const [change, number] of errors) {
      const target = new URL(String((await authorize(change)).headers['location']));
      assert.match(target.searchParams.get('error_description') ?? '', new RegExp(`AADSTS${String(number)}:`));
    }
    await control.changeSettings({ autoSignInAs: null });
    const silent = new URL(String((await authorize({ prompt: 'none' })).headers['location']));
    assert.equal(silent.searchParams.get('error'), 'login_required');
  });
});

describe('entra simulator, device code', () => {
  test('device code - pending, then approved by control', async () => {
    const result = await deviceCode(newMsal(), async (userCode) => {
      assert.match(userCode, /^[A-Z0-9]{9}$/);
      await until('it was polled', async () => ((await control.deviceCodes())[0]?.polls ?? 0) > 0);
      await control.decideDeviceCode({ userCode, decision: 'approve', user: 'megan' });
    });
    assert.equal(accountOf(result).username, 'megan@contoso.example');
    const [code] = await control.deviceCodes();
    assert.equal(code?.state, 'redeemed');
    assert.ok((code?.polls ?? 0) > 1);
  });

  test('device code - entered and confirmed on the pages by a person', async () => {
    let pages: string[] = [];
    const result = await deviceCode(newMsal(), async (userCode) => {
      const url = `${entra.origin}/devicelogin`;
      const typed = `${userCode.slice(0, 4).toLowerCase()}-${userCode.slice(4)}`;
      ({ pages } = await signInByHttp({ url, caPem: entra.caPem, user: 'rob', userCode: typed }));
    });
    assert.equal(accountOf(result).username, 'rob@contoso.example');
    assert.deepEqual(pages, ['page-device-code', 'page-accounts', 'page-device-confirm', 'page-consent', 'page-done']);
  });

  test('device code - declined on the page, declined and expired by control, slow_down', async () => {
    const url = `${entra.origin}/devicelogin`;
    const decline = (userCode: string) =>
      signInByHttp({ url, caPem: entra.caPem, user: 'rob', userCode, decision: 'decline' });
    const cases: [string, (userCode: string) => unknown][] = [
      ['authorization_declined', decline],
      ['authorization_declined', (userCode) => control.decideDeviceCode({ userCode, decision: 'decline' })],
      ['expired_token', (userCode) => control.decideDeviceCode({ userCode, decision: 'expire' })],
      ['slow_down', (userCode) => control.slowDownDeviceCode({ userCode })],
    ];
    for (const [error, decide] of cases) {
      await assert.rejects(deviceCode(newMsal(), decide), (thrown: unknown) => {
        assert.ok(thrown instanceof AuthError);
        assert.match(thrown.message, new RegExp(error));
        return true;
      });
    }
  });

  test('device code - expires by itself, and a wrong or used user code is turned away', async () => {
    await control.changeSettings({ deviceCodeLifeSeconds: 0.05 });
    const started = await call('POST', `${entra.authority}/oauth2/v2.0/devicecode`, {
      client_id: entra.clientId,
      scope: ASK,
    });
    const code = z.object({ device_code: z.string(), user_code: z.string() }).parse(JSON.parse(started.text));
    // Its life.
    await delay(60);
    for (const grantType of ['device_code', 'urn:ietf:params:oauth:grant-type:device_code']) {
      const form = { grant_type: grantType, client_id: entra.clientId, device_code: code.device_code };
      assert.deepEqual((await tokenCall(form)).body.error_codes, [70020]);
    }
    for (const userCode of [code.user_code, 'NOSUCHONE']) {
      const url = `${entra.origin}/devicelogin`;
      const { html } = await signInByHttp({ url, caPem: entra.caPem, user: 'adele', userCode });
      assert.match(html, /id="code-error"/);
    }
  });
});

describe('entra simulator, silent refresh', () => {
  test('refresh - several lifetimes pass with nobody present, each with a new access and refresh token', async (t) => {
    // Simulator and MSAL share this clock. MSAL counts less than 300 s as expired.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    await control.changeSettings({ accessTokenLifeSeconds: 301 });
    const { msal, account, result } = await connected();
    const seen = new Set([result.accessToken]);
    for (let life = 0; life < 3; life += 1) {
      const cached = await msal.acquireTokenSilent({ account, scopes: [ASK] });
      assert.ok(seen.has(cached.accessToken), 'a live token comes from the cache');
      t.mock.timers.tick(2_000);
      const renewed = await msal.acquireTokenSilent({ account, scopes: [ASK] });
      assert.ok(!seen.has(renewed.accessToken));
      seen.add(renewed.accessToken);
    }
    assert.equal((await control.counters()).tokenRequests['refresh_token'], 3);
    const refreshTokens = (await control.secrets()).filter(({ kind }) => kind === 'refresh_token');
    assert.equal(new Set(refreshTokens.map(({ value }) => value)).size, refreshTokens.length);
  });

  test('refresh - a rotated token stays usable by default; strict reuse revokes the whole family', async () => {
    const first = await newRefreshToken();
    const second = (await tokenCall(refreshForm(first))).body.refresh_token ?? '';
    assert.notEqual(second, first);
    assert.equal((await tokenCall(refreshForm(first))).status, 200);
    await control.changeSettings({ strictReuse: true });
    const reused = await tokenCall(refreshForm(first));
    assert.equal(reused.status, 400);
    assert.equal(reused.body.error, 'invalid_grant');
    assert.equal(reused.body.suberror, 'bad_token');
    assert.equal((await tokenCall(refreshForm(second))).body.suberror, 'bad_token', 'the family is gone');
    assert.equal((await tokenCall(refreshForm(await newRefreshToken()))).status, 200, 'another family is not');
  });

  test('refresh - one refresh token serves every audience', async () => {
    const { msal, account } = await connected();
    const { MailTools } = AGENT_365_SERVER_APP_IDS;
    const server = `https://agent365.svc.cloud.microsoft/agents/tenants/${entra.tenantId}/servers/mcp_MailTools`;
    const audiences: [string, string, RegExp][] = [
      [`${WORK_IQ_APP_ID}/WorkIQAgent.Ask`, WORK_IQ_APP_ID, /^WorkIQAgent\.Ask$/],
      ['api://workiq.svc.cloud.microsoft/.default', 'api://workiq.svc.cloud.microsoft', /^WorkIQAgent\.Ask$/],
      [`${AGENT_365_APP_ID}/McpServers.Mail.All`, AGENT_365_APP_ID, /^McpServers\.Mail\.All$/],
      [`${AGENT_365_APP_ID}/.default`, AGENT_365_APP_ID, /McpServers\.Calendar\.All/],
      [`${server}/.default`, server, /McpServers\.Mail\.All/],
      [`${MailTools}/Tools.ListInvoke.All`, MailTools, /^Tools\.ListInvoke\.All$/],
    ];
    for (const [scope, audience, scp] of audiences) {
      const { accessToken } = await msal.acquireTokenSilent({ account, scopes: [scope], forceRefresh: true });
      const claims = payload(accessToken);
      assert.equal(claims.aud, audience);
      assert.match(claims.scp ?? '', scp);
      const seen = await control.introspect({ token: accessToken });
      assert.ok(seen.active && seen.upn === 'adele@contoso.example' && seen.scp === claims.scp);
    }
    const granted = await tokenCall(
      refreshForm(await newRefreshToken(), { scope: `${WORK_IQ_APP_ID}/WorkIQAgent.Ask ${OPENID}` }),
    );
    assert.equal(granted.body.scope, `openid profile email ${ASK}`, 'granted differs in form from requested');
  });

  test('refresh - revocation refuses with the chosen code, and only MSAL with bad_token asks for interaction', async () => {
    const cases: [Parameters<EntraControl['revokeRefreshTokens']>[0], number, boolean][] = [
      [{ user: 'adele' }, 50173, true],
      [{ user: 'adele', aadsts: 50173, suberror: null }, 50173, false],
      [{ user: 'adele', aadsts: 700082 }, 700082, false],
      [{ aadsts: 70000 }, 70000, true],
    ];
    for (const [revocation, number, isInteraction] of cases) {
      const { msal, account } = await connected();
      const other = await newRefreshToken('megan');
      assert.ok((await control.revokeRefreshTokens(revocation)).revoked > 0);
      await assert.rejects(
        msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true }),
        (error: unknown) => {
          assert.ok(error instanceof AuthError);
          assert.equal(error.errorCode, 'invalid_grant');
          assert.equal(error instanceof InteractionRequiredAuthError, isInteraction);
          assert.match(error.message, new RegExp(`AADSTS${String(number)}`));
          return true;
        },
      );
      const megan = await tokenCall(refreshForm(other));
      assert.equal(megan.status, revocation?.user ? 200 : 400, 'only the named user is hit');
      const again = await connected({ msal });
      await again.msal.acquireTokenSilent({ account: again.account, scopes: [ASK], forceRefresh: true });
    }
  });

  test('refresh - idle and sign-in frequency limits end a session', async () => {
    await control.changeSettings({ refreshTokenLifeSeconds: 0 });
    assert.deepEqual((await tokenCall(refreshForm(await newRefreshToken()))).body.error_codes, [700082]);
    await control.changeSettings({ refreshTokenLifeSeconds: 60, signInFrequencySeconds: 0 });
    assert.deepEqual((await tokenCall(refreshForm(await newRefreshToken()))).body.error_codes, [70043]);
  });
});

describe('entra simulator, errors', () => {
  test('errors - a wrong request is refused with the number Entra gives', async () => {
    const token = await newRefreshToken();
    const cases: [Record<string, string>, string, number, string, number][] = [
      [refreshForm(token, { scope: `api://nobody/x ${OPENID}` }), entra.tenantId, 500011, 'invalid_resource', 400],
      [refreshForm(token, { scope: 'McpServers.Mail.All' }), entra.tenantId, 650053, 'invalid_client', 401],
      [refreshForm(token, { scope: `${ASK}X` }), entra.tenantId, 650053, 'invalid_client', 401],
      [
        refreshForm(token, { scope: `${ASK} api://workiq.svc.cloud.microsoft/.default` }),
        entra.tenantId,
        70011,
        'invalid_scope',
        400,
      ],
      [
        refreshForm(token, { scope: `${ASK} ${AGENT_365_APP_ID}/McpServers.Mail.All` }),
        entra.tenantId,
        28000,
        'invalid_request',
        400,
      ],
      [
        refreshForm(token, { resource: 'https://workiq.svc.cloud.microsoft/mcp' }),
        entra.tenantId,
        9010010,
        'invalid_target',
        400,
      ],
      [refreshForm(token, { scope: '' }), entra.tenantId, 90009, 'invalid_request', 400],
      [refreshForm(token, { client_id: AGENT_365_APP_ID }), entra.tenantId, 700016, 'unauthorized_client', 400],
      [refreshForm(token), '99999999-0000-4000-8000-000000000000', 90002, 'invalid_request', 400],
      [refreshForm(token), '00000000-0000-4000-8000-00000000bbbb', 50020, 'invalid_grant', 400],
      [refreshForm('nonsense'), entra.tenantId, 70000, 'invalid_grant', 400],
      [refreshForm(token, { grant_type: 'password' }), entra.tenantId, 70003, 'unsupported_grant_type', 400],
      [{ client_id: entra.clientId }, entra.tenantId, 900144, 'invalid_request', 400],
    ];
    for (const [form, tenant, number, error, status] of cases) {
      const answer = await tokenCall(form, tenant);
      const { error: code, error_codes: numbers } = answer.body;
      assert.deepEqual({ numbers, code, status: answer.status }, { numbers: [number], code: error, status });
    }
    await assert.rejects(
      newMsal({ authority: `${entra.origin}/nobody.example` }).acquireTokenByDeviceCode({
        scopes: [ASK],
        deviceCodeCallback: () => undefined,
      }),
      { errorCode: 'endpoints_resolution_error' },
    );
  });

  test('errors - every number of the catalogue can be forced and reaches MSAL with its shape', async () => {
    let { msal, account } = await connected();
    for (const code of AADSTS_CODES) {
      await control.addFault({ action: { kind: 'aadsts', code } });
      const silent = msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true });
      await assert.rejects(silent, (error: unknown) => {
        assert.ok(error instanceof AuthError, String(code));
        assert.match(error.message, new RegExp(`AADSTS${String(code)}: `));
        assert.ok(error instanceof ServerError || error instanceof InteractionRequiredAuthError);
        return true;
      });
      // MSAL drops the refresh token on bad_token, and throttles itself for a minute after a 429 or 5xx.
      if ([50173, 70000, 90033, 90055].includes(code)) ({ msal, account } = await connected());
    }
    await control.addFault({ action: { kind: 'aadsts', code: 50076 } });
    const forced = await tokenCall(refreshForm(await newRefreshToken()));
    assert.equal(forced.body.suberror, 'basic_action');
    assert.match(forced.body.claims ?? '', /capolids/);
    const described = z.looseObject({
      error_description: z.string().regex(/^AADSTS50076: .* Trace ID: .* Correlation ID: .* Timestamp: .*Z$/),
      timestamp: z.string(),
      trace_id: z.guid(),
      correlation_id: z.guid(),
      error_uri: z.url(),
    });
    described.parse(forced.body);
  });

  test('errors - throttling, unavailability and broken answers, for the next N or for all requests', async () => {
    const token = await newRefreshToken();
    const post = async () => call('POST', `${entra.authority}/oauth2/v2.0/token`, refreshForm(token));
    const forced = async (action: Fault['action']) => {
      await control.addFault({ action, grantType: 'refresh_token' });
      return post();
    };
    const throttled = await forced({ kind: 'throttled', retryAfterSeconds: 7 });
    assert.equal(throttled.status, 429);
    assert.equal(throttled.headers['retry-after'], '7');
    const html = await forced({ kind: 'unavailable', body: 'html' });
    assert.deepEqual([html.status, html.headers['content-type']], [503, 'text/html; charset=utf-8']);
    assert.deepEqual(JSON.parse((await forced({ kind: 'unavailable', body: 'json' })).text), {
      message: 'The service is unavailable.',
    });
    assert.equal((await forced({ kind: 'unavailable', body: 'empty' })).text, '');
    assert.equal((await forced({ kind: 'empty-object' })).text, '{}');
    const cut = await forced({ kind: 'truncated' });
    assert.throws(() => void JSON.parse(cut.text), SyntaxError);
    await assert.rejects(forced({ kind: 'reset' }), { code: 'ECONNRESET' });

    await control.addFault({ times: 2, action: { kind: 'unavailable' } });
    assert.deepEqual([(await post()).status, (await post()).status, (await post()).status], [503, 503, 200]);
    await control.addFault({ times: 'all', action: { kind: 'unavailable' } });
    for (let n = 0; n < 4; n += 1) assert.equal((await post()).status, 503);
    await control.clearFaults();
    assert.equal((await post()).status, 200);

    const before = (await control.secrets()).length;
    await assert.rejects(forced({ kind: 'lost-answer' }), { code: 'ECONNRESET' });
    assert.ok((await control.secrets()).length > before, 'the tokens were issued all the same');
    const started = performance.now();
    assert.equal((await forced({ kind: 'delay', ms: 80 })).status, 200);
    assert.ok(performance.now() - started >= 75);
  });

  test('errors - an empty 200 resolves in MSAL with an empty token, as measured with the real library', async () => {
    const { msal, account } = await connected();
    await control.addFault({ action: { kind: 'empty-object' } });
    const result = await msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true });
    assert.equal(result.accessToken, '');
  });

  test('errors - outage by reset and by refusal, hang and recovery on the same port', async () => {
    const { msal, account } = await connected({ msal: newMsal({ timeoutMs: 150 }) });
    const silent = () => msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true });
    const discover = () => call('GET', `${entra.authority}/v2.0/.well-known/openid-configuration`);
    await control.changeSettings({ outage: 'refused' });
    await assert.rejects(discover(), { code: 'ECONNREFUSED' });
    await assert.rejects(silent());
    await control.changeSettings({ outage: 'reset' });
    await assert.rejects(discover(), { code: 'ECONNRESET' });
    await control.changeSettings({ outage: 'none', hang: true });
    await assert.rejects(silent());
    const held = async () => (await control.requests()).filter(({ outcome }) => outcome === 'hang').length;
    const before = await held();
    const hanging = assert.rejects(discover(), { code: 'ECONNRESET' });
    await until('the request is held', async () => (await held()) > before);
    await control.changeSettings({ hang: false });
    await hanging;
    assert.notEqual((await silent()).accessToken, '');
  });

  test('errors - silent requests without consent are refused with 65001 when consent is strict', async () => {
    const { msal, account } = await connected();
    await control.changeSettings({ consent: 'strict' });
    await msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true });
    const scopes = [`${AGENT_365_APP_ID}/.default`];
    await assert.rejects(msal.acquireTokenSilent({ account, scopes, forceRefresh: true }), {
      errorCode: 'invalid_grant',
      subError: 'consent_required',
    });
    await interactive({ msal, scopes });
    await msal.acquireTokenSilent({ account, scopes, forceRefresh: true });
  });
});

describe('entra simulator, resource servers and claims', () => {
  test('introspection - active, expired, revoked with a challenge, unknown; also at /introspect', async () => {
    await control.changeSettings({ accessTokenLifeSeconds: 1 });
    const { access_token: short } = await control.issueTokens({ user: 'adele', scope: ASK });
    await control.changeSettings({ accessTokenLifeSeconds: 600 });
    const { access_token: token } = await control.issueTokens({ user: 'adele', scope: ASK });
    const { access_token: megans } = await control.issueTokens({ user: 'megan', scope: ASK });
    const response = await fetch(`${entra.adminUrl}/introspect`, { method: 'POST', body: JSON.stringify({ token }) });
    const seen = z.looseObject({ active: z.boolean(), aud: z.string(), tid: z.string() }).parse(await response.json());
    assert.deepEqual([seen.active, seen.aud, seen.tid], [true, 'api://workiq.svc.cloud.microsoft', entra.tenantId]);
    assert.deepEqual(await control.revokeAccessTokens({ user: 'adele' }), { revoked: 2 });
    const revoked = await control.introspect({ token });
    assert.ok(!revoked.active && revoked.reason === 'revoked' && revoked.claims?.includes('nbf'));
    assert.ok((await control.introspect({ token: megans })).active);
    assert.deepEqual(await control.introspect({ token: 'x' }), { active: false, reason: 'unknown' });
    await until('the short one has expired', async () => {
      const found = await control.introspect({ token: short });
      return !found.active && found.reason === 'expired';
    });
    await control.changeSettings({ clockSkewSeconds: 60 });
    const forgiven = await control.introspect({ token: short });
    assert.equal(!forgiven.active && forgiven.reason, 'revoked', 'its time is forgiven, and nothing else');
    await control.changeSettings({ clockSkewSeconds: 0 });
  });

  test('claims - a CAE challenge is recorded and a step-up satisfied silently or by a new sign-in', async () => {
    const { msal, account, result } = await connected({ msal: newMsal({ capabilities: ['cp1'] }) });
    assert.deepEqual(payload(result.accessToken)['xms_cc'], ['cp1']);
    await control.revokeAccessTokens();
    const challenge = await control.introspect({ token: result.accessToken });
    assert.ok(!challenge.active && challenge.claims);
    const renewed = await msal.acquireTokenSilent({ account, scopes: [ASK], claims: challenge.claims });
    assert.ok((await control.introspect({ token: renewed.accessToken })).active);
    const last = (await control.requests()).findLast(({ endpoint }) => endpoint === 'token');
    assert.match(last?.claims ?? '', /"nbf".*"xms_cc"/);
    assert.equal(last?.user, account.localAccountId);

    await control.changeSettings({ requiredClaims: { acrs: ['c1'] } });
    const lacking = await control.introspect({ token: renewed.accessToken });
    assert.ok(!lacking.active && lacking.reason === 'insufficient_claims' && lacking.claims);
    const claims = lacking.claims;
    await control.changeSettings({ stepUp: 'interactive' });
    await assert.rejects(msal.acquireTokenSilent({ account, scopes: [ASK], claims }), { subError: 'basic_action' });
    const stepped = await interactive({ msal, claims });
    assert.ok((await control.introspect({ token: stepped.accessToken })).active);
    const kept = await msal.acquireTokenSilent({ account, scopes: [ASK], forceRefresh: true });
    assert.ok((await control.introspect({ token: kept.accessToken })).active, 'the session keeps its context');
    await control.changeSettings({ stepUp: 'silent', requiredClaims: { acrs: ['c2'] } });
    const c2 = JSON.stringify({ access_token: { acrs: { essential: true, value: 'c2' } } });
    const silent = await msal.acquireTokenSilent({ account, scopes: [ASK], claims: c2 });
    assert.ok((await control.introspect({ token: silent.accessToken })).active);
  });

  test('signing keys - a rotated key signs new tokens while the old one stays published', async () => {
    const { kid } = await control.rotateSigningKey();
    const { access_token: token } = await control.issueTokens({ user: 'adele', scope: ASK });
    assert.match(Buffer.from(token.split('.')[0] ?? '', 'base64url').toString(), new RegExp(kid));
    const { text } = await call('GET', `${entra.authority}/discovery/v2.0/keys`);
    assert.equal(z.object({ keys: z.array(z.unknown()) }).parse(JSON.parse(text)).keys.length, 2);
  });
});

describe('entra simulator, as a process and as a module', () => {
  test('process - one line of JSON when ready, ends on SIGTERM', async () => {
    const main = fileURLToPath(new URL('../support/entra/main.ts', import.meta.url));
    const child = spawn(process.execPath, [main], { stdio: ['ignore', 'pipe', 'inherit'] });
    const line = await new Promise<string>((resolve) => {
      child.stdout.setEncoding('utf8').once('data', (text: string) => resolve(text));
    });
    const ready = z.looseObject({ adminUrl: z.url(), caFile: z.string(), authority: z.url() }).parse(JSON.parse(line));
    const remote = connectEntra(ready.adminUrl);
    assert.ok((await remote.issueTokens({ user: 'rob', scope: ASK })).access_token);
    await assert.rejects(remote.issueTokens({ user: 'nobody', scope: ASK }), /name one of adele, megan, rob, nestor/);
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGTERM');
    assert.equal(await ended, 0);
  });

  test('module - restarted on its port with a kept certificate, the same clients still trust it', async () => {
    const certificateDirectory = await mkdtemp(join(tmpdir(), 'entra-certificate-'));
    const first = await startEntra({ certificateDirectory });
    const { port, caPem } = first;
    await first.close();
    await using second = await startEntra({ certificateDirectory, port });
    assert.equal(second.caPem, caPem);
    const url = `${second.authority}/v2.0/.well-known/openid-configuration`;
    const shared = await call('GET', url.replace(second.tenantId, 'common'), {}, caPem);
    assert.match(shared.text, /"issuer":"https:\/\/localhost:\d+\/\{tenantid\}\/v2\.0"/);
    const own = await call('GET', url, {}, caPem);
    assert.ok(own.text.includes(`"issuer":"${second.authority}/v2.0"`));
    await rm(certificateDirectory, { recursive: true });
  });

  test('module - control without HTTP does the same, and counters show what was asked', async () => {
    await using own = await startEntra({
      settings: { autoApproveDeviceCodesAs: 'adele', deviceCodeIntervalSeconds: 0 },
    });
    const msal = new PublicClientApplication({
      auth: { clientId: own.clientId, authority: own.authority, knownAuthorities: [own.host] },
      system: { networkClient: trustingNetworkClient(own.caPem) },
    });
    const result = await deviceCode(msal, () => undefined);
    const silent = () => msal.acquireTokenSilent({ account: accountOf(result), scopes: [ASK], forceRefresh: true });
    await own.control.changeSettings({ latencyMs: 20 });
    await Promise.all([silent(), silent()]);
    const counters = await own.control.counters();
    assert.deepEqual(counters.tokenRequests, { device_code: 1, refresh_token: 1 });
    assert.equal(counters.maxConcurrentTokenRequests, 1);
    const secrets = await own.control.secrets();
    assert.ok(secrets.some(({ value }) => value === result.accessToken));
    for (const kind of ['access_token', 'refresh_token', 'id_token', 'device_code']) {
      assert.ok(
        secrets.some((secret) => secret.kind === kind),
        kind,
      );
    }
    const trail = JSON.stringify(await own.control.requests());
    for (const { value } of secrets) assert.ok(!trail.includes(value), 'the request log holds no secret');
  });
});
