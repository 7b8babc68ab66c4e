/** RS256 signing keys with rotation and their JWKS; it must not know what the signed claims mean. */
import { createHash, generateKeyPair, sign } from 'node:crypto';
import type { KeyObject } from 'node:crypto';
import { promisify } from 'node:util';

interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  jwk: Record<string, unknown>;
}

export type SigningKeys = Awaited<ReturnType<typeof createSigningKeys>>;

export async function createSigningKeys() {
  let keys = [await createKey()];
  return {
    /** New tokens are signed with a new key; the previous one stays published so that tokens in flight verify. */
    async rotate(): Promise<{ kid: string }> {
      const next = await createKey();
      keys = [next, ...keys].slice(0, 2);
      return { kid: next.kid };
    },
    jwks: () => ({ keys: keys.map((key) => key.jwk) }),
    signJwt(claims: Record<string, unknown>): string {
      const key = keys[0];
      if (!key) throw new Error('no signing key');
      const header = { typ: 'JWT', alg: 'RS256', kid: key.kid };
      const input = `${base64UrlJson(header)}.${base64UrlJson(claims)}`;
      return `${input}.${sign('sha256', Buffer.from(input), key.privateKey).toString('base64url')}`;
    },
  };
}

export function base64UrlJson(document: unknown): string {
  return Buffer.from(JSON.stringify(document)).toString('base64url');
}

async function createKey(): Promise<SigningKey> {
  const { publicKey, privateKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const jwk = publicKey.export({ format: 'jwk' });
  const kid = createHash('sha256').update(String(jwk.n)).digest('base64url').slice(0, 27);
  return { kid, privateKey, jwk: { ...jwk, use: 'sig', alg: 'RS256', kid } };
}
