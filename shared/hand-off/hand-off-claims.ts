// What a sealed hand-off says: the claims of its inner JWS.
import * as z from 'zod';

/** Seconds that a hand-off of the UI tier is good for, and the most that the agent takes. */
export const lifetimeSeconds = 120;
export const maxLifetimeSeconds = 300;
/** Seconds that clocks may differ by. */
export const clockSkewSeconds = 60;

/**
 * A hand-off may raise the generation to this, or by that much: so no signer can use the range up, whatever it sends.
 */
export const freeGeneration = 8_000_000_000_000_000;
export const maxGenerationStep = 1_000_000;

/** Largest sealed hand-off that is looked at, in characters; a real one has about 15 000. */
export const maxSealedLength = 512 * 1024;

export const handOffHeaders = {
  /** `typ` of the inner JWS. */
  jwsType: 'rockbot-handoff+jws',
  jwsAlgorithm: 'EdDSA',
  jweAlgorithm: 'ECDH-ES+A256KW',
  jweEncryption: 'A256GCM',
} as const;

export const handOffClaimsSchema = z.object({
  /** Public nkey of the sender; the JWS must verify with it. */
  iss: z.string().regex(/^U[A-Z2-7]{55}$/),
  /** `kid` of the agent's key. */
  aud: z.string().min(1),
  /** Seconds since the epoch. */
  iat: z.number().int().nonnegative(),
  exp: z.number().int().nonnegative(),
  jti: z.string().min(8).max(128),
  /** Strictly increasing over all hand-offs to one agent. */
  gen: z.number().int().positive(),
  tenantId: z.string(),
  /** Entra object id of the account, or MSAL's home account id. */
  accountId: z.string().min(1),
  username: z.string().min(1),
  scopes: z.array(z.string()).min(1),
  /** MSAL's serialized cache, UTF-8, base64url without padding. */
  cache: z.string().regex(/^[A-Za-z0-9_-]+$/),
});

export type HandOffClaims = z.infer<typeof handOffClaimsSchema>;
