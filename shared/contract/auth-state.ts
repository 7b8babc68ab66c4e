// The state of the agent's connection to Microsoft 365, as everybody may know it; it holds no token.
import * as z from 'zod';

export const accountSchema = z.object({
  /** Entra object id of the user in the tenant. */
  id: z.string(),
  username: z.string(),
  tenantId: z.string(),
});

export type Account = z.infer<typeof accountSchema>;

export const authReasonSchema = z.object({
  /** An error code, see `errorCodes`. */
  code: z.string(),
  /** Entra's own number, for looking it up, for example `AADSTS50173`. */
  aadsts: z.string().optional(),
  message: z.string(),
  action: z.string(),
  /** Claims that the next sign-in has to ask for (claims challenge). */
  claims: z.string().optional(),
});

export type AuthReason = z.infer<typeof authReasonSchema>;

/** `sign_in`: whoever uses the agent signs in again; `ask_admin`: this goes to a tenant administrator or the operator. */
export const nextStepSchema = z.object({
  kind: z.enum(['sign_in', 'ask_admin']),
  /** To open as an administrator. */
  url: z.string().optional(),
  /** To run as an administrator. */
  command: z.string().optional(),
});

export type NextStep = z.infer<typeof nextStepSchema>;

/**
 * When a sign-in ends although nothing happens to it: `sign_in_frequency` of the tenant, or `idle`, 90 days after the last
 * refresh, while refreshes fail.
 */
export const expectedEndSchema = z.object({
  at: z.string(),
  cause: z.enum(['sign_in_frequency', 'idle']),
  /** True once it is time to sign in again: a day ahead, or a quarter of the period when that is shorter. */
  soon: z.boolean(),
  /** Why, in plain words. */
  message: z.string(),
});

export type ExpectedEnd = z.infer<typeof expectedEndSchema>;

export const authStatuses = ['not_connected', 'connected', 'expired', 'degraded'] as const;

export type AuthStatus = (typeof authStatuses)[number];

/** Times are ISO 8601 in UTC. */
export const authStateSchema = z.object({
  status: z.enum(authStatuses),
  account: accountSchema.optional(),
  /** When `status` was entered. */
  since: z.string(),
  /** Generation of the last accepted hand-off; 0 before the first. */
  generation: z.number().int().nonnegative(),
  accessTokenExpiresAt: z.string().optional(),
  lastRefreshAt: z.string().optional(),
  reason: authReasonSchema.optional(),
  /** One id per stretch of time in `expired`. */
  episodeId: z.string().optional(),
  /** While `expired`. */
  nextStep: nextStepSchema.optional(),
  /** When the end can be known. */
  endsAt: expectedEndSchema.optional(),
});

export type AuthState = z.infer<typeof authStateSchema>;
