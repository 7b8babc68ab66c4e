// The agent's X25519 key that hand-offs are sealed to: made at the first start, kept beside the cache.
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import * as z from 'zod';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import { handOffHeaders } from '../../shared/hand-off/hand-off-claims.ts';
import { writeFileAtomic } from '../files/atomic-file.ts';
import { ensurePrivateFolder } from '../files/private-folder.ts';
import { readIfThere } from '../files/read-if-there.ts';

const keySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string().min(40),
  d: z.string().min(40),
});

export interface AgentKey {
  publicKey: AgentPublicKey;
  privateKey: CryptoKey | Uint8Array;
}

/** Loads the key, or makes one. Throws for a file that is there and no such key: making another would hide a loss. */
export async function loadAgentKey(path: string): Promise<AgentKey> {
  const text = await readIfThere(path);
  const jwk = text === undefined ? await createKey(path) : parseKey(text, path);
  return {
    publicKey: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid: await calculateJwkThumbprint(jwk) },
    privateKey: await importJWK(jwk, handOffHeaders.jweAlgorithm),
  };
}

async function createKey(path: string): Promise<z.infer<typeof keySchema>> {
  const { privateKey } = await generateKeyPair(handOffHeaders.jweAlgorithm, { crv: 'X25519', extractable: true });
  const jwk = keySchema.parse(await exportJWK(privateKey));
  await ensurePrivateFolder(dirname(path));
  await writeFileAtomic(path, `${JSON.stringify(jwk)}\n`);
  return jwk;
}

function parseKey(text: string, path: string): z.infer<typeof keySchema> {
  try {
    return keySchema.parse(JSON.parse(text));
  } catch {
    throw new Error(
      `${path} holds no X25519 key as a JWK. Restore it, or move it away to have a new one made; then everybody has to sign in again.`,
    );
  }
}
