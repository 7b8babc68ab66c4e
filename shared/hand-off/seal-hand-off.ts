// Seals a hand-off: signs the claims with the sender's nkey, then encrypts them to one agent. It sends nothing.
import { base64url, CompactEncrypt, importJWK } from 'jose';
import type { AgentPublicKey } from '../contract/auth-messages.ts';
import { handOffHeaders, type HandOffClaims } from './hand-off-claims.ts';

/** Signs bytes with an nkey; `publicKey` is its `U…` form. */
export interface HandOffSigner {
  publicKey: string;
  sign(bytes: Uint8Array): Uint8Array;
}

const encoder = new TextEncoder();

/** Returns the compact JWE that stands in `sealed`. */
export async function sealHandOff(options: {
  claims: HandOffClaims;
  signer: HandOffSigner;
  recipient: AgentPublicKey;
}): Promise<string> {
  const { claims, signer, recipient } = options;
  const jws = signClaims(claims, signer);
  const key = await importJWK({ kty: recipient.kty, crv: recipient.crv, x: recipient.x }, handOffHeaders.jweAlgorithm);
  return new CompactEncrypt(encoder.encode(jws))
    .setProtectedHeader({
      alg: handOffHeaders.jweAlgorithm,
      enc: handOffHeaders.jweEncryption,
      kid: recipient.kid,
      cty: handOffHeaders.jwsType,
    })
    .encrypt(key);
}

/** A compact JWS (RFC 7515) made by hand, because an nkey signs but does not give up its key to WebCrypto. */
function signClaims(claims: HandOffClaims, signer: HandOffSigner): string {
  const header = { alg: handOffHeaders.jwsAlgorithm, typ: handOffHeaders.jwsType, kid: signer.publicKey };
  const input = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}`;
  return `${input}.${base64url.encode(signer.sign(encoder.encode(input)))}`;
}
