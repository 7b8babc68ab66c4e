// The messages of consent and hand-off.
import * as z from 'zod';
import { accountSchema, authReasonSchema, authStateSchema, nextStepSchema } from './auth-state.ts';
import { defineEvent, defineRequest } from './definition.ts';

/** The agent's X25519 public key as a JWK; `kid` is its RFC 7638 thumbprint and the `aud` of every hand-off. */
export const agentPublicKeySchema = z.object({
  kty: z.literal('OKP'),
  crv: z.literal('X25519'),
  x: z.string(),
  kid: z.string(),
});

export type AgentPublicKey = z.infer<typeof agentPublicKeySchema>;

export const authProfile = defineRequest({
  type: 'WorkIqAuthProfileRequested',
  subject: (agent) => `auth.workiq.profile.${agent}`,
  request: z.looseObject({}),
  reply: z.looseObject({
    agent: z.string(),
    tenantId: z.string(),
    clientId: z.string(),
    /** Absolute URL including the tenant. */
    authority: z.string(),
    /** What to request, OpenID scopes included. */
    scopes: z.array(z.string()),
    publicKey: agentPublicKeySchema,
    state: authStateSchema,
    /** Username or object id the agent insists on, when it does. */
    expectedAccount: z.string().optional(),
  }),
});

export type AuthProfile = z.infer<typeof authProfile.reply>;

export const authCache = defineRequest({
  type: 'WorkIqAuthCacheUpdated',
  subject: (agent) => `auth.workiq.cache.${agent}`,
  request: z.looseObject({ sealed: z.string() }),
  reply: z.looseObject({
    account: accountSchema,
    generation: z.number(),
    scopes: z.array(z.string()),
    accessTokenExpiresAt: z.string(),
    state: authStateSchema,
  }),
});

export type HandOffReceipt = z.infer<typeof authCache.reply>;

export const authState = defineRequest({
  type: 'WorkIqAuthStateRequested',
  subject: (agent) => `auth.workiq.state.${agent}`,
  request: z.looseObject({}),
  reply: authStateSchema.loose(),
});

export const authDisconnect = defineRequest({
  type: 'WorkIqAuthDisconnectRequested',
  subject: (agent) => `auth.workiq.disconnect.${agent}`,
  request: z.looseObject({}),
  reply: z.looseObject({
    /** False when there was nothing to remove. */
    disconnected: z.boolean(),
    /** What is gone, in plain words, one item each. */
    removed: z.array(z.string()),
    account: accountSchema.optional(),
    state: authStateSchema,
  }),
});

export const authChanged = defineEvent({
  type: 'WorkIqAuthChanged',
  subject: (agent) => `auth.workiq.changed.${agent}`,
  payload: authStateSchema.loose(),
});

export const authExpired = defineEvent({
  type: 'WorkIqAuthExpired',
  subject: (agent) => `auth.workiq.expired.${agent}`,
  payload: z.looseObject({
    accountId: z.string(),
    username: z.string().optional(),
    reason: authReasonSchema,
    nextStep: nextStepSchema.optional(),
    episodeId: z.string(),
    at: z.string(),
  }),
});

export type AuthExpired = z.infer<typeof authExpired.payload>;
