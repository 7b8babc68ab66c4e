// Hand-offs to the real agent: what it accepts, what it refuses with which reason, and that a refusal changes nothing.
import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { generateKeyPair, exportJWK, base64url } from 'jose';
import { decodeEnvelope } from '../../agent/auth/cache-envelope.ts';
import type { SignedIn } from '../../extension/consent/sign-in.ts';
import { createSeed } from '../../extension/consent/seed-file.ts';
import type { AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { RefusalReason } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { HandOffClaims } from '../../shared/hand-off/hand-off-claims.ts';
import { FOREIGN_TENANT_ID } from '../support/entra/directory.ts';
import { handOffClaims, newSigner, sealAnyhow, signerOf, signInFor, type SealOptions } from '../support/hand-offs.ts';
import { startStack, type Stack } from '../support/stack.ts';
import { until } from '../support/until.ts';

let stack: Stack;
let signedIn: SignedIn;

const cacheFile = (of: Stack): string => join(of.agent.dataDir, 'secrets', 'workiq-cache.bin');
const state = (of: Stack): Promise<AuthState> => of.ui.request('authState', {});
const fetchMe = (of: Stack): Promise<unknown> => of.call('fetch', { entityUrls: ['/me'] });
const currentProfile = (): Promise<AuthProfile> => stack.ui.request('authProfile', {});

async function sealed(
  changes: Partial<HandOffClaims> = {},
  more: Partial<SealOptions> & { as?: SignedIn } = {},
): Promise<string> {
  const profile = await currentProfile();
  const signer = more.signer ?? signerOf(stack.uiSeed);
  const claims = handOffClaims({ profile, signedIn: more.as ?? signedIn, signer, changes });
  return sealAnyhow({ claims, signer, recipient: profile.publicKey, ...more });
}

/** The hand-off is refused with this reason, and state, cache file and connection are as before. */
async function refused(reason: RefusalReason, text: string): Promise<RockBotError> {
  const [stateBefore, fileBefore] = [await state(stack), await readFile(cacheFile(stack))];
  const error = await stack.ui.request('authCache', { sealed: text }).then(
    () => assert.fail('the hand-off was accepted'),
    (thrown: unknown) => thrown,
  );
  assert.ok(error instanceof RockBotError);
  assert.deepEqual([error.code, error.reason], ['handoff_refused', reason], error.message);
  assert.ok(error.action !== undefined, 'says what to do next');
  assert.deepEqual(await state(stack), stateBefore);
  assert.deepEqual(await readFile(cacheFile(stack)), fileBefore);
  await fetchMe(stack);
  return error;
}

function isReplay(error: unknown): boolean {
  return (error as RockBotError).reason === 'replay';
}

before(async () => {
  stack = await startStack();
  await stack.connect();
  ({ signedIn } = await signInFor(stack));
});
after(() => stack[Symbol.asyncDispose]());

describe('hand-off - accepted', () => {
  test('hand-off - the receipt names account, generation, scopes and expiry, and the state says the same', async () => {
    const { generation } = await state(stack);
    const receipt = await stack.connect();
    assert.equal(receipt.generation, generation + 1);
    assert.equal(receipt.account.username, 'adele@contoso.example');
    assert.ok(receipt.scopes.some((scope) => scope.endsWith('/WorkIQAgent.Ask')));
    assert.ok(Date.parse(receipt.accessTokenExpiresAt) > Date.now());
    const now = await state(stack);
    assert.equal(now.status, 'connected');
    assert.deepEqual(receipt.state.account, now.account);
    await fetchMe(stack);
  });

  test('hand-off - when the receipt comes the volume holds exactly this connection, with one refresh token [P5]', async () => {
    const receipt = await stack.connect();
    const envelope = await decodeEnvelope(await readFile(cacheFile(stack), 'utf8'), {});
    assert.equal(envelope.generation, receipt.generation);
    assert.equal(envelope.connection?.account.id, receipt.account.id);
    const cache = JSON.parse(envelope.connection?.cache ?? '') as Record<string, object>;
    assert.equal(Object.keys(cache['RefreshToken'] ?? {}).length, 1);
    assert.equal(Object.keys(cache['Account'] ?? {}).length, 1);
  });

  test('hand-off - replaces the cache and merges nothing: the refresh token of before is gone', async () => {
    const refreshToken = async (): Promise<string> => {
      const { connection } = await decodeEnvelope(await readFile(cacheFile(stack), 'utf8'), {});
      return JSON.stringify((JSON.parse(connection?.cache ?? '') as Record<string, unknown>)['RefreshToken']);
    };
    const first = await refreshToken();
    await stack.connect();
    assert.notEqual(await refreshToken(), first);
  });

  test('hand-off - of a cache that holds another person as well: only the tokens of the account are taken, and no old access token', async () => {
    const { signedIn: other } = await signInFor(stack, 'megan');
    const [adele, megan] = [signedIn, other].map(
      ({ cache }) => JSON.parse(cache) as Record<string, Record<string, { secret?: string }>>,
    );
    assert.ok(adele && megan);
    const both = Object.fromEntries(
      Object.entries(adele).map(([section, entries]) => [section, { ...megan[section], ...entries }]),
    );
    const cache = base64url.encode(JSON.stringify(both));
    await stack.ui.request('authCache', { sealed: await sealed({ cache }) });
    const stored = await readFile(cacheFile(stack), 'utf8');
    const secrets = (of: typeof both, section: string): string[] =>
      Object.values(of[section] ?? {}).flatMap(({ secret }) => secret ?? []);
    const unwanted = [
      ...['RefreshToken', 'AccessToken', 'IdToken'].flatMap((section) => secrets(megan, section)),
      ...secrets(adele, 'AccessToken'),
    ];
    assert.ok(unwanted.length >= 4, `${unwanted.length} tokens are looked for`);
    assert.equal(unwanted.filter((secret) => stored.includes(secret)).length, 0);
    assert.ok(!stored.includes('megan@'));
    await fetchMe(stack);
  });

  test('hand-off - is proven by a forced refresh, although the sign-in brought a fresh access token [P5]', async () => {
    const { tokenRequests } = await stack.entra.control.counters();
    await stack.ui.request('authCache', { sealed: await sealed() });
    const now = (await stack.entra.control.counters()).tokenRequests;
    assert.equal(now['refresh_token'], (tokenRequests['refresh_token'] ?? 0) + 1);
  });

  test('hand-off - the account may be named by its home account id as well', async () => {
    const { id, tenantId } = signedIn.account;
    await stack.ui.request('authCache', { sealed: await sealed({ accountId: `${id}.${tenantId}` }) });
  });
});

describe('hand-off - refused', () => {
  test('hand-off - of a signer other than the first one: signer [P3]', async () => {
    const error = await refused('signer', await sealed({}, { signer: newSigner() }));
    assert.match(error.action ?? '', /disconnect/);
  });

  test('hand-off - signed by another key than it names: signer [P3]', async () => {
    await refused('signer', await sealed({ iss: newSigner().publicKey }));
    await refused('signer', await sealed({}, { signature: new Uint8Array(64) }));
    await refused('signer', await sealed({}, { signature: new Uint8Array(3) }));
  });

  test('hand-off - of another account: account [P3]', async () => {
    const { signedIn: megan } = await signInFor(stack, 'megan');
    const error = await refused('account', await sealed({}, { as: megan }));
    assert.match(error.message, /adele@contoso\.example/);
  });

  test('hand-off - that says another account than its cache holds: account [P3]', async () => {
    await refused('account', await sealed({ username: 'megan@contoso.example' }));
    await refused('account', await sealed({ accountId: crypto.randomUUID() }));
  });

  test('hand-off - of another tenant: tenant [P3]', async () => {
    await refused('tenant', await sealed({ tenantId: FOREIGN_TENANT_ID }));
    await refused('tenant', await sealed({ tenantId: 'common' }));
  });

  test('hand-off - of a guest whose cache is of another tenant, whatever it says: tenant [P3]', async () => {
    const cache = signedIn.cache.replaceAll(`"realm":"${signedIn.account.tenantId}"`, `"realm":"${FOREIGN_TENANT_ID}"`);
    assert.notEqual(cache, signedIn.cache);
    await refused('tenant', await sealed({ cache: base64url.encode(cache) }));
  });

  test('hand-off - sent twice, or older than the one in force: replay [P3]', async () => {
    const text = await sealed();
    await stack.ui.request('authCache', { sealed: text });
    await refused('replay', text);
    const { generation } = await state(stack);
    await refused('replay', await sealed({ gen: generation }));
    await refused('replay', await sealed({ gen: 1 }));
  });

  test('hand-off - of several of one generation that come at once exactly one is taken: replay [P3]', async () => {
    const five = await Promise.all(Array.from({ length: 5 }, () => sealed()));
    const { generation } = await state(stack);
    const outcomes = await Promise.all(
      five.map((text) =>
        stack.ui.request('authCache', { sealed: text }).then(
          (receipt) => receipt.generation,
          (error: unknown) => (error as RockBotError).reason,
        ),
      ),
    );
    assert.equal(outcomes.filter((outcome) => outcome === generation + 1).length, 1);
    assert.equal(outcomes.filter((outcome) => outcome === 'replay').length, 4);
    assert.equal((await state(stack)).generation, generation + 1);
    await fetchMe(stack);
  });

  test('hand-off - with an id that was used before, also by a refused one: replay [P3]', async () => {
    const jti = crypto.randomUUID();
    await refused('account', await sealed({ jti, accountId: 'nobody' }));
    await refused('replay', await sealed({ jti }));
  });

  test('hand-off - not of this time: expired [P3]', async () => {
    const now = Math.floor(Date.now() / 1_000);
    await refused('expired', await sealed({ iat: now - 3_600, exp: now - 3_480 }));
    await refused('expired', await sealed({ iat: now + 3_600, exp: now + 3_700 }));
    await refused('expired', await sealed({ iat: now, exp: now + 301 }));
    await refused('expired', await sealed({ iat: now, exp: now - 1 }));
    await refused('expired', await sealed({ iat: 0, exp: now + 60 }));
    await refused('expired', await sealed({ exp: Number.MAX_SAFE_INTEGER }));
  });

  test('hand-off - sealed to another agent: unreadable [P3]', async () => {
    const { publicKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
    const { x = '' } = await exportJWK(publicKey);
    const { publicKey: own } = await currentProfile();
    await refused('unreadable', await sealed({}, { recipient: { ...own, x } }));
    await refused('unreadable', await sealed({ aud: 'another-agent' }));
  });

  test('hand-off - damaged on its way: unreadable [P3]', async () => {
    const text = await sealed();
    const texts = [
      '',
      '.',
      '....',
      'garbage',
      '{}',
      text.slice(0, -1),
      text.slice(0, 200),
      `${text}.x`,
      text.toUpperCase(),
    ];
    for (const damaged of texts) await refused('unreadable', damaged);
  });

  test('hand-off - with other algorithms than agreed: unreadable [P3]', async () => {
    await refused('unreadable', await sealed({}, { jweHeader: { alg: 'ECDH-ES' } }));
    await refused('unreadable', await sealed({}, { jweHeader: { alg: 'ECDH-ES+A128KW' } }));
    await refused('unreadable', await sealed({}, { jweHeader: { enc: 'A128CBC-HS256' } }));
    await refused('unreadable', await sealed({}, { jwsHeader: { alg: 'none' } }));
    await refused('unreadable', await sealed({}, { jwsHeader: { alg: 'HS256' } }));
    await refused('unreadable', await sealed({}, { jwsHeader: { alg: 'EdDSA', crit: ['x'], x: 1 } }));
    await refused('unreadable', await sealed({}, { jwsHeader: { alg: 'EdDSA', b64: false, crit: ['b64'] } }));
  });

  test('hand-off - with something else inside: unreadable [P3]', async () => {
    const claims = handOffClaims({ profile: await currentProfile(), signedIn, signer: signerOf(stack.uiSeed) });
    await refused('unreadable', await sealed({}, { plaintext: JSON.stringify(claims) }));
    await refused('unreadable', await sealed({}, { plaintext: await sealed() }));
    for (const wrong of [null, [], 'text', { ...claims, gen: '1' }, { ...claims, iss: 'U' }, { ...claims, cache: '' }])
      await refused('unreadable', await sealed({}, { claims: wrong }));
  });

  test('hand-off - with something that is no MSAL cache, or one without a refresh token: unreadable [P3]', async () => {
    const withoutRefreshToken = JSON.stringify({ ...(JSON.parse(signedIn.cache) as object), RefreshToken: {} });
    for (const cache of ['null', '[]', '42', '{"Account":', '{"Account":[]}', '{}', withoutRefreshToken])
      await refused('unreadable', await sealed({ cache: base64url.encode(cache) }));
    await refused('unreadable', await sealed({ cache: base64url.encode(new Uint8Array([0xff, 0xfe, 0x00])) }));
  });

  test('hand-off - that Entra refuses: refresh_failed, with the number', async () => {
    await stack.entra.control.addFault({ grantType: 'refresh_token', action: { kind: 'aadsts', code: 50173 } });
    const error = await refused('refresh_failed', await sealed());
    assert.match(error.message, /AADSTS50173/);
  });

  test('hand-off - while Entra cannot be reached: refresh_failed, and the old connection serves on [P9]', async () => {
    await stack.entra.control.changeSettings({ outage: 'reset' });
    try {
      await refused('refresh_failed', await sealed());
    } finally {
      await stack.entra.control.changeSettings({ outage: 'none' });
    }
    await stack.ui.request('authCache', { sealed: await sealed() });
  });

  test('hand-off - with a payload that is no hand-off at all: invalid_request', async () => {
    await assert.rejects(
      stack.ui.request('authCache', { sealed: 7 } as never),
      (error: unknown) => error instanceof Error,
    );
  });
});

describe('hand-off - the volume', () => {
  test('hand-off - that cannot be stored is never called connected, and the old connection stays [P5]', async () => {
    const seen: AuthState[] = [];
    const end = stack.ui.subscribe('authChanged', (changed) => void seen.push(changed));
    const secrets = join(stack.agent.dataDir, 'secrets');
    const connected = await state(stack);
    await rename(secrets, `${secrets}.away`);
    await writeFile(secrets, 'a file where the folder was');
    try {
      await assert.rejects(stack.ui.request('authCache', { sealed: await sealed() }), (error: unknown) => {
        assert.ok(error instanceof RockBotError);
        assert.equal(error.code, 'internal');
        assert.match(error.message, /could not store the connection \(E/);
        assert.match(error.action ?? '', /volume/);
        return true;
      });
      assert.deepEqual(await state(stack), connected);
      await fetchMe(stack);
    } finally {
      await rm(secrets);
      await rename(`${secrets}.away`, secrets);
    }
    await stack.ui.flush();
    assert.deepEqual(seen, []);
    end();
    const envelope = await decodeEnvelope(await readFile(cacheFile(stack), 'utf8'), {});
    assert.equal(envelope.generation, connected.generation);
    const receipt = await stack.connect();
    assert.equal(receipt.generation, connected.generation + 1);
  });
});

describe('hand-off - disconnect', () => {
  test('hand-off - a disconnect removes the tokens and lifts the pins; what was handed off before stays refused [P3]', async () => {
    const text = await sealed();
    await stack.ui.request('authCache', { sealed: text });
    const { generation } = await state(stack);
    const gone = await stack.ui.request('authDisconnect', {});
    assert.equal(gone.disconnected, true);
    assert.match(gone.removed.join('\n'), /pinned account[\s\S]*pinned signer/);
    assert.deepEqual((await state(stack)).generation, generation);
    await assert.rejects(fetchMe(stack), (error: unknown) => (error as RockBotError).code === 'auth_required');
    const file = await readFile(cacheFile(stack), 'utf8');
    assert.doesNotMatch(file, /secret|RefreshToken|adele/);

    await assert.rejects(stack.ui.request('authCache', { sealed: text }), isReplay);
    await stack.restartAgent();
    await assert.rejects(stack.ui.request('authCache', { sealed: text }), isReplay);
    assert.equal((await state(stack)).status, 'not_connected');
    const again = await stack.ui.request('authDisconnect', {});
    assert.equal(again.disconnected, false);

    const receipt = await stack.connect({ user: 'megan', seed: createSeed() });
    assert.equal(receipt.account.username, 'megan@contoso.example');
    assert.ok(receipt.generation > generation);
    await until('the server is usable again', () =>
      fetchMe(stack).then(
        () => true,
        () => false,
      ),
    );
  });
});
