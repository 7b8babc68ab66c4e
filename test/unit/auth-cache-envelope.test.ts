// The envelope around MSAL's bytes: what goes in comes out, and nothing that was altered, cut or moved is taken for sound.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { describe, test } from 'node:test';
import { compactDecrypt } from 'jose';
import { CacheKeyError, decodeEnvelope, encodeEnvelope, type CacheEnvelope } from '../../agent/auth/cache-envelope.ts';
import * as fc from '../support/repeatable-fast-check.ts';

const savedAt = '2026-03-01T08:00:00.000Z';
const key = new Uint8Array(randomBytes(32));

function envelopeOf(overrides: { tenantId?: string; clientId?: string; homeAccountId?: string } = {}): CacheEnvelope {
  return {
    tenantId: overrides.tenantId ?? 'tenant-a',
    clientId: overrides.clientId ?? 'client-a',
    generation: 7,
    connection: {
      account: {
        id: 'oid',
        username: 'adele@contoso.example',
        tenantId: 'tenant-a',
        homeAccountId: overrides.homeAccountId ?? 'oid.tenant-a',
        environment: 'login.example',
      },
      scopes: ['api://work/Ask', 'openid'],
      signer: `U${'A'.repeat(55)}`,
      connectedAt: savedAt,
      lastRefreshAt: savedAt,
      accessTokens: { 'api://work/Ask openid': 'entry-key' },
      cache: '{"RefreshToken":{"a":{"secret":"very-secret-refresh-token"}}}',
      expired: {
        episodeId: 'e1',
        at: savedAt,
        reason: { code: 'auth_required', message: 'Revoked.', action: 'Sign in.', aadsts: 'AADSTS50173' },
      },
    },
  };
}

type FileMembers = Record<string, unknown> & { encryptedCache?: string };

/** The file's members with the right digest over them, as somebody with access to the volume could write it. */
function forge(text: string, change: (file: FileMembers) => void): string {
  const { digest: _, ...file } = JSON.parse(text) as FileMembers;
  change(file);
  const digest = createHash('sha256')
    .update(JSON.stringify(sorted(file)))
    .digest('hex');
  return JSON.stringify({ ...file, digest });
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([name, item]) => [name, sorted(item)]));
}

const isNotKeyError = (error: unknown): boolean => error instanceof Error && !(error instanceof CacheKeyError);

describe('cache envelope - plain', () => {
  test('cache envelope - comes back as it was written', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt });
    assert.deepEqual(await decodeEnvelope(text, {}), envelopeOf());
  });

  test('cache envelope - remembers that the notice of an episode has yet to be sent; without a word of it, it was [P13]', async () => {
    const envelope = envelopeOf();
    const { connection } = envelope;
    assert.ok(connection?.expired);
    assert.doesNotMatch(await encodeEnvelope(envelope, { savedAt }), /announced/);
    connection.expired.announced = false;
    const text = await encodeEnvelope(envelope, { savedAt });
    assert.deepEqual(await decodeEnvelope(text, {}), envelope);
    const lifted = text.replace('"announced": false', '"announced": true');
    await assert.rejects(decodeEnvelope(lifted, {}), isNotKeyError);
  });

  test('cache envelope - without a connection remembers the generation alone', async () => {
    const empty: CacheEnvelope = { tenantId: 't', clientId: 'c', generation: 12 };
    const text = await encodeEnvelope(empty, { savedAt });
    assert.deepEqual(await decodeEnvelope(text, {}), empty);
    assert.doesNotMatch(text, /"cache"|"connection"/);
  });

  test('cache envelope - an operator reads account, scopes and times without opening the cache', async () => {
    const file = JSON.parse(await encodeEnvelope(envelopeOf(), { savedAt, key })) as Record<string, unknown>;
    assert.equal(file['version'], 1);
    assert.equal(file['savedAt'], savedAt);
    assert.equal(file['generation'], 7);
    assert.deepEqual((file['connection'] as { scopes: unknown }).scopes, ['api://work/Ask', 'openid']);
  });

  test('cache envelope - any change of one character is seen, or changes nothing that counts [P1]', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt });
    await fc.assert(
      fc.asyncProperty(fc.nat(text.length - 1), fc.integer({ min: 32, max: 126 }), async (at, code) => {
        const altered = text.slice(0, at) + String.fromCharCode(code) + text.slice(at + 1);
        const read = await decodeEnvelope(altered, {}).catch(() => undefined);
        if (read !== undefined) assert.deepEqual(read, envelopeOf());
      }),
      { numRuns: 400 },
    );
  });

  test('cache envelope - cut anywhere it is damaged [P1]', async () => {
    const text = (await encodeEnvelope(envelopeOf(), { savedAt })).trimEnd();
    for (let length = 0; length < text.length; length += 1 + Math.floor(text.length / 97))
      await assert.rejects(decodeEnvelope(text.slice(0, length), {}), `${length} characters`);
  });

  test('cache envelope - MSAL bytes, another format, another version and a lost cache are refused', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt });
    const refused = [
      '{"Account":{},"RefreshToken":{}}',
      'null',
      '[]',
      '""',
      forge(text, (file) => (file['version'] = 2)),
      forge(text, (file) => (file['format'] = 'msal')),
      forge(text, (file) => (file['generation'] = -1)),
      forge(text, (file) => delete file['cache']),
      text.replace(/"digest": "[0-9a-f]+"/, `"digest": "${'0'.repeat(64)}"`),
    ];
    for (const damaged of refused)
      await assert.rejects(decodeEnvelope(damaged, {}), isNotKeyError, damaged.slice(0, 60));
  });

  test('cache envelope - names that belong to objects do not reach them', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt });
    const hostile = text.replace('"accessTokens": {', '"accessTokens": { "__proto__": "polluted", "constructor": "c",');
    await decodeEnvelope(hostile, {}).catch(() => undefined);
    assert.equal(({} as Record<string, unknown>)['polluted'], undefined);
  });
});

describe('cache envelope - encrypted at rest', () => {
  test('cache envelope - with a key comes back as it was written, and the file does not hold the cache', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt, key });
    assert.deepEqual(await decodeEnvelope(text, { key }), envelopeOf());
    assert.doesNotMatch(text, /very-secret|RefreshToken/);
  });

  test('cache envelope - the encrypted part is a JWE that is bound to version, tenant, app and account', async () => {
    const { encryptedCache = '' } = JSON.parse(await encodeEnvelope(envelopeOf(), { savedAt, key })) as FileMembers;
    const { protectedHeader } = await compactDecrypt(encryptedCache, key);
    assert.equal(protectedHeader.enc, 'A256GCM');
    assert.equal(protectedHeader['rb'], '1|tenant-a|client-a|oid.tenant-a');
  });

  test('cache envelope - another key and a missing key are told apart from damage', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt, key });
    await assert.rejects(decodeEnvelope(text, { key: new Uint8Array(randomBytes(32)) }), CacheKeyError);
    await assert.rejects(decodeEnvelope(text, {}), CacheKeyError);
    await assert.rejects(decodeEnvelope(text.slice(0, -40), { key }), isNotKeyError);
  });

  test('cache envelope - a key may be configured over a file that is still plain', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt });
    assert.deepEqual(await decodeEnvelope(text, { key }), envelopeOf());
  });

  test('cache envelope - the encrypted part of another tenant, app or account is refused, digest or not', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt, key });
    for (const other of [{ tenantId: 'tenant-b' }, { clientId: 'client-b' }, { homeAccountId: 'oid.tenant-b' }]) {
      const { encryptedCache = '' } = JSON.parse(
        await encodeEnvelope(envelopeOf(other), { savedAt, key }),
      ) as FileMembers;
      const moved = forge(text, (file) => (file.encryptedCache = encryptedCache));
      await assert.rejects(decodeEnvelope(moved, { key }), isNotKeyError, JSON.stringify(other));
    }
  });

  test('cache envelope - a tampered header, ciphertext or algorithm of the encrypted part does not open', async () => {
    const text = await encodeEnvelope(envelopeOf(), { savedAt, key });
    const encrypted = (JSON.parse(text) as FileMembers).encryptedCache ?? '';
    const parts = encrypted.split('.');
    const variants = [
      [header({ alg: 'dir', enc: 'A256GCM', rb: '1|tenant-b|client-a|oid.tenant-a' }), ...parts.slice(1)],
      [header({ alg: 'none', enc: 'A256GCM', rb: '1|tenant-a|client-a|oid.tenant-a' }), ...parts.slice(1)],
      [header({ alg: 'dir', enc: 'A128CBC-HS256', rb: '1|tenant-a|client-a|oid.tenant-a' }), ...parts.slice(1)],
      [...parts.slice(0, 3), flipped(parts[3] ?? ''), parts[4]],
      [...parts.slice(0, 4), flipped(parts[4] ?? '')],
      parts.slice(0, 4),
    ];
    for (const variant of variants) {
      const tampered = forge(text, (file) => (file.encryptedCache = variant.join('.')));
      await assert.rejects(decodeEnvelope(tampered, { key }));
    }
  });
});

function header(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function flipped(encoded: string): string {
  const bytes = Buffer.from(encoded, 'base64url');
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  return bytes.toString('base64url');
}
