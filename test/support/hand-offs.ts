// Hand-offs made by hand: right ones of a real sign-in, and every wrong one that a test can think of.
import { createUser } from '@nats-io/nkeys';
import { base64url, CompactEncrypt, importJWK } from 'jose';
import { nkeyCredentials } from '../../extension/bus/bus-credentials.ts';
import { credentialsSigner } from '../../extension/consent/signer.ts';
import { signInRequestOf, type SignedIn } from '../../extension/consent/sign-in.ts';
import type { AgentPublicKey, AuthProfile } from '../../shared/contract/auth-messages.ts';
import { handOffHeaders, type HandOffClaims } from '../../shared/hand-off/hand-off-claims.ts';
import type { HandOffSigner } from '../../shared/hand-off/seal-hand-off.ts';
import type { Stack } from './stack.ts';

export function signerOf(seed: string): HandOffSigner {
  return credentialsSigner(nkeyCredentials(seed));
}

export function newSigner(): HandOffSigner {
  return signerOf(new TextDecoder().decode(createUser().getSeed()));
}

/** Claims of a good hand-off of this sign-in, one generation on; `changes` make it a bad one. */
export function handOffClaims(options: {
  profile: AuthProfile;
  signedIn: SignedIn;
  signer: HandOffSigner;
  changes?: Partial<HandOffClaims>;
}): HandOffClaims {
  const { profile, signedIn, signer, changes } = options;
  const now = Math.floor(Date.now() / 1_000);
  return {
    iss: signer.publicKey,
    aud: profile.publicKey.kid,
    iat: now,
    exp: now + 120,
    jti: crypto.randomUUID(),
    gen: profile.state.generation + 1,
    tenantId: signedIn.account.tenantId,
    accountId: signedIn.account.id,
    username: signedIn.account.username,
    scopes: [...profile.scopes],
    cache: base64url.encode(signedIn.cache),
    ...changes,
  };
}

export interface SealOptions {
  /** Anything: the JSON of the inner JWS. */
  claims: unknown;
  signer: HandOffSigner;
  recipient: Pick<AgentPublicKey, 'kty' | 'crv' | 'x' | 'kid'>;
  /** Instead of the right header of the JWS. */
  jwsHeader?: object;
  /** Instead of the right signature. */
  signature?: Uint8Array;
  /** Instead of the whole compact JWS. */
  plaintext?: string;
  /** Instead of the right header of the JWE. */
  jweHeader?: { alg?: string; enc?: string; zip?: string };
}

/** Seals without any check of its own. */
export async function sealAnyhow(options: SealOptions): Promise<string> {
  const { claims, signer, recipient, jweHeader } = options;
  const header = options.jwsHeader ?? { alg: handOffHeaders.jwsAlgorithm, typ: handOffHeaders.jwsType };
  const input = `${base64url.encode(JSON.stringify(header))}.${base64url.encode(JSON.stringify(claims))}`;
  const signature = options.signature ?? signer.sign(new TextEncoder().encode(input));
  const plaintext = options.plaintext ?? `${input}.${base64url.encode(signature)}`;
  const alg = jweHeader?.alg ?? handOffHeaders.jweAlgorithm;
  const key = await importJWK({ kty: recipient.kty, crv: recipient.crv, x: recipient.x }, alg);
  return new CompactEncrypt(new TextEncoder().encode(plaintext))
    .setProtectedHeader({ enc: handOffHeaders.jweEncryption, kid: recipient.kid, ...jweHeader, alg })
    .encrypt(key);
}

/** A sign-in without a hand-off, as the agent's profile asks for it. */
export async function signInFor(stack: Stack, user = 'adele'): Promise<{ profile: AuthProfile; signedIn: SignedIn }> {
  const profile = await stack.ui.request('authProfile', {});
  return { profile, signedIn: await stack.signIn({ ...signInRequestOf(profile), claims: undefined }, user) };
}
