// Opens a sealed hand-off and verifies its signature; which signer, tenant or generation is welcome is the receiver's to say.
import { base64url, compactDecrypt, type CryptoKey } from 'jose';
import { fromPublic } from '@nats-io/nkeys';
import * as z from 'zod';
import { RockBotError } from '../errors/rockbot-error.ts';
import type { RefusalReason } from '../errors/error-code.ts';
import { handOffClaimsSchema, handOffHeaders, maxSealedLength, type HandOffClaims } from './hand-off-claims.ts';

const jwsHeaderSchema = z.object({
  alg: z.literal(handOffHeaders.jwsAlgorithm),
  typ: z.string().optional(),
  kid: z.string().optional(),
  crit: z.undefined().optional(),
  b64: z.undefined().optional(),
});

const encoder = new TextEncoder();
const decoder = new TextDecoder('utf-8', { fatal: true });

/** A `handoff_refused` error; the old connection stays as it was. */
export function refusal(reason: RefusalReason, message: string, action: string, cause?: unknown): RockBotError {
  return new RockBotError({ code: 'handoff_refused', reason, message, action, cause });
}

/**
 * Decrypts `sealed` with the agent's private key and verifies the inner JWS against its `iss`.
 * Throws `handoff_refused` with reason `unreadable` or `signer`.
 */
export async function openHandOff(options: {
  sealed: string;
  privateKey: CryptoKey | Uint8Array;
}): Promise<HandOffClaims> {
  const { sealed, privateKey } = options;
  if (sealed.length > maxSealedLength) {
    throw refusal('unreadable', 'The hand-off is larger than any real token cache.', 'Sign in again.');
  }
  const jws = await decrypt(sealed, privateKey);
  const [header, payload, signature, ...rest] = jws.split('.');
  if (header === undefined || payload === undefined || signature === undefined || rest.length > 0) throw unreadable();
  const { claims } = parseParts(header, payload);
  if (!isSignedBy(claims.iss, `${header}.${payload}`, signature)) {
    throw refusal(
      'signer',
      'The signature of the hand-off does not belong to the signer it names.',
      'Sign in again from the client whose nkey the agent trusts.',
    );
  }
  return claims;
}

async function decrypt(sealed: string, privateKey: CryptoKey | Uint8Array): Promise<string> {
  try {
    const { plaintext } = await compactDecrypt(sealed, privateKey, {
      keyManagementAlgorithms: [handOffHeaders.jweAlgorithm],
      contentEncryptionAlgorithms: [handOffHeaders.jweEncryption],
    });
    return decoder.decode(plaintext);
  } catch (error) {
    throw unreadable(error);
  }
}

function parseParts(header: string, payload: string): { claims: HandOffClaims } {
  try {
    jwsHeaderSchema.parse(JSON.parse(decoder.decode(base64url.decode(header))));
    return { claims: handOffClaimsSchema.parse(JSON.parse(decoder.decode(base64url.decode(payload)))) };
  } catch (error) {
    throw unreadable(error);
  }
}

function isSignedBy(signer: string, input: string, signature: string): boolean {
  try {
    return fromPublic(signer).verify(encoder.encode(input), base64url.decode(signature));
  } catch {
    return false;
  }
}

function unreadable(cause?: unknown): RockBotError {
  return refusal(
    'unreadable',
    'The hand-off could not be opened: it is damaged, malformed, or sealed to another key than this agent has now.',
    "Ask the agent for its profile again and sign in again; if the agent's key is pinned, check that it is still right.",
    cause,
  );
}
