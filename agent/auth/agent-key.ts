// The agent's X25519 key that hand-offs are sealed to: made at the first start, kept beside the cache.
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, type CryptoKey } from 'jose';
import * as z from 'zod';
import type { AgentPublicKey } from '../../shared/contract/auth-messages.ts';
import { handOffHeaders } from '../../shared/hand-off/hand-off-claims.ts';
import { writeFileAtomic } from '../files/atomic-file.ts';
import { ensurePrivateFolder } from '../files/private-folder.ts';
import { readIfThere } from '../files/read-if-there.ts';
import type { Logger } from '../logger.ts';

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

/**
 * Loads the key, or makes one. Throws for a file that is there and no such key: making another would hide a loss.
 * `cacheFile` is where an agent that had a key before keeps its connection.
 */
export async function loadAgentKey(
  path: string,
  { cacheFile, logger }: { cacheFile: string; logger: Pick<Logger, 'warn'> },
): Promise<AgentKey> {
  const text = await readIfThere(path);
  if (text !== undefined) await tighten(path, logger);
  const jwk = text === undefined ? await createKey(path) : parseKey(text, path);
  if (text === undefined && (await readIfThere(cacheFile)) !== undefined) {
    logger.warn(
      'The agent key was not there beside a stored connection, so a new one was made. Whoever has pinned the old key stops at this one; restore the old file, or confirm the new key there.',
      { path, keyId: await calculateJwkThumbprint(jwk) },
    );
  }
  return {
    publicKey: { kty: jwk.kty, crv: jwk.crv, x: jwk.x, kid: await calculateJwkThumbprint(jwk) },
    privateKey: await importJWK(jwk, handOffHeaders.jweAlgorithm),
  };
}

/** Windows has no such modes. */
async function tighten(path: string, logger: Pick<Logger, 'warn'>): Promise<void> {
  const mode = (await stat(path)).mode & 0o777;
  if (process.platform === 'win32' || (mode & 0o077) === 0) return;
  await chmod(path, 0o600);
  logger.warn(
    'The agent key was open to others on this machine; its mode is 0600 now. Replace it if others had access.',
    {
      path,
      mode: `0${mode.toString(8)}`,
    },
  );
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
      `${path} holds no X25519 key as a JWK. Restore it, or move it away to have a new one made: the connection stays, and people confirm the new key at their next sign-in.`,
    );
  }
}
