// 500 generated hand-offs, each wrong in one way, against the real agent: every one is refused with the right reason, and
// after all of them the connection is the one of before.
import assert from 'node:assert/strict';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { base64url, exportJWK, generateKeyPair } from 'jose';
import type { SignedIn } from '../../extension/consent/sign-in.ts';
import type { AgentPublicKey, AuthProfile } from '../../shared/contract/auth-messages.ts';
import type { RefusalReason } from '../../shared/errors/error-code.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { HandOffClaims } from '../../shared/hand-off/hand-off-claims.ts';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import { handOffClaims, newSigner, sealAnyhow, signerOf, signInFor } from '../support/hand-offs.ts';
import * as fc from '../support/repeatable-fast-check.ts';
import { startStack } from '../support/stack.ts';
import { searchedRuns } from '../support/test-seed.ts';

const runs = 500;

interface World {
  profile: AuthProfile;
  adele: SignedIn;
  megan: SignedIn;
  signer: HandOffSigner;
  stranger: HandOffSigner;
  otherAgent: AgentPublicKey;
  /** Was accepted; its generation is the current one. */
  accepted: { sealed: string; jti: string };
}

interface Hostile {
  kind: string;
  reason: RefusalReason;
  seal: (world: World) => Promise<string> | string;
}

function withClaims(kind: string, reason: RefusalReason, changes: (world: World) => Partial<HandOffClaims>): Hostile {
  return {
    kind,
    reason,
    seal: async (world) => {
      const { profile, adele, signer } = world;
      const claims = handOffClaims({ profile, signedIn: adele, signer, changes: changes(world) });
      return sealAnyhow({ claims, signer, recipient: profile.publicKey });
    },
  };
}

const now = (): number => Math.floor(Date.now() / 1_000);
const seconds = fc.integer({ min: 120, max: 1_000_000_000 });

const stale = fc.oneof(
  seconds.map((ago) => withClaims('stale', 'expired', () => ({ iat: now() - ago - 60, exp: now() - ago }))),
  seconds.map((ahead) =>
    withClaims('of the future', 'expired', () => ({ iat: now() + ahead, exp: now() + ahead + 60 })),
  ),
  fc
    .integer({ min: 301, max: 9_000_000 })
    .map((life) => withClaims('long-lived', 'expired', () => ({ iat: now(), exp: now() + life }))),
  fc
    .integer({ min: 0, max: 50 })
    .map((back) => withClaims('backwards', 'expired', () => ({ iat: now(), exp: now() - back }))),
);

const replayed = fc.oneof(
  fc.constant<Hostile>({ kind: 'the same again', reason: 'replay', seal: ({ accepted }) => accepted.sealed }),
  fc.constant(withClaims('the same id', 'replay', ({ accepted }) => ({ jti: accepted.jti }))),
  fc.double({ min: 0, max: 1, noNaN: true }).map((part) =>
    withClaims('an older generation', 'replay', ({ profile }) => ({
      gen: Math.max(1, Math.ceil(profile.state.generation * part)),
    })),
  ),
);

const foreign = fc.oneof(
  fc.uuid().map((tenantId) => withClaims('another tenant', 'tenant', () => ({ tenantId }))),
  fc.string().map((tenantId) => withClaims('no tenant', 'tenant', () => ({ tenantId }))),
  fc.uuid().map((accountId) => withClaims('another id', 'account', () => ({ accountId }))),
  fc.emailAddress().map((username) => withClaims('another name', 'account', () => ({ username }))),
  fc.constant(
    withClaims('another account', 'account', ({ megan }) => ({
      accountId: megan.account.id,
      username: megan.account.username,
      cache: base64url.encode(megan.cache),
    })),
  ),
  fc.constant(withClaims('a name it does not sign as', 'signer', ({ stranger }) => ({ iss: stranger.publicKey }))),
  fc.constant<Hostile>({
    kind: 'another signer',
    reason: 'signer',
    seal: ({ profile, adele, stranger }) =>
      sealAnyhow({
        claims: handOffClaims({ profile, signedIn: adele, signer: stranger }),
        signer: stranger,
        recipient: profile.publicKey,
      }),
  }),
  fc.constant<Hostile>({
    kind: 'another recipient',
    reason: 'unreadable',
    seal: ({ profile, adele, signer, otherAgent }) =>
      sealAnyhow({ claims: handOffClaims({ profile, signedIn: adele, signer }), signer, recipient: otherAgent }),
  }),
  fc.string({ minLength: 1 }).map((aud) => withClaims('another address', 'unreadable', () => ({ aud }))),
);

const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';

/** Flips the highest bit of one base64url character: the last bits of a part need not count. */
function altered(text: string, at: number): string {
  const index = Math.floor(text.length * at);
  const replacement = alphabet[alphabet.indexOf(text[index] ?? '') ^ 32] ?? 'A';
  return text.slice(0, index) + replacement + text.slice(index + 1);
}

const cut = (text: string, at: number): string => text.slice(0, Math.floor(text.length * at));
const part = fc.double({ min: 0, max: 0.999, noNaN: true });
const badClaim = fc.record({
  name: fc.constantFrom(
    'iss',
    'aud',
    'iat',
    'exp',
    'jti',
    'gen',
    'tenantId',
    'accountId',
    'username',
    'scopes',
    'cache',
  ),
  value: fc.constantFrom(undefined, null, true, -1, 1.5, {}, [], ''),
});

const malformed = fc.oneof(
  fc.string({ maxLength: 300 }).map<Hostile>((text) => ({ kind: 'any text', reason: 'unreadable', seal: () => text })),
  fc.array(fc.base64String({ maxLength: 60 }), { minLength: 4, maxLength: 6 }).map<Hostile>((parts) => ({
    kind: 'five parts of nothing',
    reason: 'unreadable',
    seal: () => parts.join('.'),
  })),
  part.map<Hostile>((at) => ({ kind: 'cut', reason: 'unreadable', seal: ({ accepted }) => cut(accepted.sealed, at) })),
  part.map<Hostile>((at) => ({
    kind: 'one character changed',
    reason: 'unreadable',
    seal: ({ accepted }) => altered(accepted.sealed, at),
  })),
  fc.json({ maxDepth: 3 }).map<Hostile>((plaintext) => ({
    kind: 'JSON for a JWS',
    reason: 'unreadable',
    seal: ({ profile, signer }) => sealAnyhow({ claims: {}, signer, recipient: profile.publicKey, plaintext }),
  })),
  fc.jsonValue({ maxDepth: 3 }).map<Hostile>((claims) => ({
    kind: 'any claims',
    reason: 'unreadable',
    seal: ({ profile, signer }) => sealAnyhow({ claims, signer, recipient: profile.publicKey }),
  })),
  badClaim.map<Hostile>(({ name, value }) => ({
    kind: `${name} as ${JSON.stringify(value)}`,
    reason: name === 'tenantId' && value === '' ? 'tenant' : 'unreadable',
    seal: ({ profile, adele, signer }) => {
      const claims = { ...handOffClaims({ profile, signedIn: adele, signer }), [name]: value };
      return sealAnyhow({ claims, signer, recipient: profile.publicKey });
    },
  })),
  fc
    .jsonValue({ maxDepth: 4 })
    .map((cache) => withClaims('no cache', 'unreadable', () => ({ cache: base64url.encode(JSON.stringify(cache)) }))),
);

const oversized = fc.oneof(
  fc.integer({ min: 512 * 1024 + 1, max: 700_000 }).map<Hostile>((length) => ({
    kind: 'oversized',
    reason: 'unreadable',
    seal: () => 'A'.repeat(length),
  })),
  fc
    .integer({ min: 300_000, max: 420_000 })
    .map((length) =>
      withClaims('an oversized cache', 'unreadable', () => ({ cache: base64url.encode(`"${'x'.repeat(length)}"`) })),
    ),
);

const hostile = fc.oneof(
  { weight: 25, arbitrary: malformed },
  { weight: 25, arbitrary: foreign },
  { weight: 22, arbitrary: stale },
  { weight: 22, arbitrary: replayed },
  { weight: 3, arbitrary: oversized },
);

test('hand-off - 500 malformed, replayed, stale, foreign and oversized ones are refused and change nothing [P3]', async () => {
  await using stack = await startStack();
  const signer = signerOf(stack.uiSeed);
  const { profile: first, signedIn: adele } = await signInFor(stack);
  const jti = crypto.randomUUID();
  const claims = handOffClaims({ profile: first, signedIn: adele, signer, changes: { jti, gen: 1_000_000 } });
  const sealed = await sealAnyhow({ claims, signer, recipient: first.publicKey });
  await stack.ui.request('authCache', { sealed });

  const { signedIn: megan } = await signInFor(stack, 'megan');
  const { publicKey } = await generateKeyPair('ECDH-ES+A256KW', { crv: 'X25519', extractable: true });
  const { x = '' } = await exportJWK(publicKey);
  const world: World = {
    profile: await stack.ui.request('authProfile', {}),
    adele,
    megan,
    signer,
    stranger: newSigner(),
    otherAgent: { kty: 'OKP', crv: 'X25519', x, kid: 'another' },
    accepted: { sealed, jti },
  };
  const secrets = join(stack.agent.dataDir, 'secrets');
  const cacheFile = join(secrets, 'workiq-cache.bin');
  const before = await readFile(cacheFile);
  const state = await stack.ui.request('authState', {});
  const { tokenRequests } = await stack.entra.control.counters();
  let count = 0;

  await fc.assert(
    fc.asyncProperty(hostile, async ({ kind, reason, seal }) => {
      count++;
      const error: unknown = await stack.ui.request('authCache', { sealed: await seal(world) }).then(
        () => assert.fail(`accepted: ${kind}`),
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof RockBotError);
      assert.deepEqual([error.code, error.reason], ['handoff_refused', reason], `${kind}: ${error.message}`);
      if (count % 25 === 0) {
        assert.deepEqual(await readFile(cacheFile), before);
        await stack.call('fetch', { entityUrls: ['/me'] });
      }
    }),
    { numRuns: runs, endOnFailure: true },
  );

  assert.equal(count, searchedRuns(runs));
  assert.deepEqual(await stack.ui.request('authState', {}), state);
  assert.deepEqual(await readFile(cacheFile), before);
  assert.deepEqual((await readdir(secrets)).sort(), ['agent-key.jwk', 'workiq-cache.bin']);
  assert.deepEqual((await stack.entra.control.counters()).tokenRequests, tokenRequests, 'Entra was not asked at all');
  await stack.call('fetch', { entityUrls: ['/me'] });
});
