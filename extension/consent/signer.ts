// The nkey that signs hand-offs: the bus user's own, or an identity made once for this user of this machine.
import { join } from 'node:path';
import type { KeyPair } from '@nats-io/nkeys';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import { keyPairOf, type BusCredentials } from '../bus/bus-credentials.ts';
import { seedFile } from './seed-file.ts';

export function credentialsSigner(credentials: BusCredentials): HandOffSigner {
  return signerOf(keyPairOf(credentials.seed));
}

/**
 * The identity in `signer.nk` of the folder; made when it is not there.
 * @throws RockBotError `invalid_request` when the file cannot be used
 */
export async function ownSigner({ folder }: { folder: string }): Promise<HandOffSigner> {
  return credentialsSigner(
    await seedFile({
      path: join(folder, 'signer.nk'),
      what: 'signing identity',
      whenRemoved: 'a new identity is made then, which the agent has to trust anew.',
    }),
  );
}

function signerOf(pair: KeyPair): HandOffSigner {
  return { publicKey: pair.getPublicKey(), sign: (bytes) => pair.sign(bytes) };
}
