// The nkey that signs hand-offs: the bus user's own, or an identity made once for this user of this machine.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createUser, type KeyPair } from '@nats-io/nkeys';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import { keyPairOf, nkeyCredentials, type BusCredentials } from '../bus/bus-credentials.ts';
import { writePrivateFile } from './config-folder.ts';

export function credentialsSigner(credentials: BusCredentials): HandOffSigner {
  return signerOf(keyPairOf(credentials.seed));
}

/** A seed that was stored elsewhere, for example in VS Code's SecretStorage. */
export function createSeed(): string {
  return new TextDecoder().decode(createUser().getSeed());
}

/**
 * The identity in `signer.nk` of the folder; made when it is not there.
 * @throws RockBotError `invalid_request` when the file cannot be used
 */
export async function ownSigner({ folder }: { folder: string }): Promise<HandOffSigner> {
  const path = join(folder, 'signer.nk');
  const existing = await readSeed(path);
  if (existing !== undefined) return signerOf(keyPairOf(nkeyCredentialsOf(existing, path).seed));
  await writePrivateFile(path, `${createSeed()}\n`, { keepExisting: true });
  // Another program may have been first.
  const seed = (await readSeed(path)) ?? '';
  return signerOf(keyPairOf(nkeyCredentialsOf(seed, path).seed));
}

async function readSeed(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw new RockBotError({
      code: 'invalid_request',
      message: `The signing identity ${path} cannot be read.`,
      action: 'Check its permissions.',
      cause: error,
    });
  }
}

function nkeyCredentialsOf(text: string, path: string): BusCredentials {
  try {
    return nkeyCredentials(text);
  } catch (cause) {
    throw new RockBotError({
      code: 'invalid_request',
      message: `The signing identity ${path} is damaged.`,
      action: 'Remove the file; a new identity is made then, which the agent has to trust anew.',
      cause,
    });
  }
}

function signerOf(pair: KeyPair): HandOffSigner {
  return { publicKey: pair.getPublicKey(), sign: (bytes) => pair.sign(bytes) };
}
