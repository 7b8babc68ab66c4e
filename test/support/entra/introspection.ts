/** What a resource server may know about a presented access token; it must not know how tokens are issued. */
import { z } from 'zod';
import type { Issued } from './issued.ts';
import type { Settings } from './settings.ts';

export const introspectionShape = z.discriminatedUnion('active', [
  z.object({
    active: z.literal(false),
    reason: z.enum(['unknown', 'expired', 'revoked', 'insufficient_claims']),
    /** JSON of a claims challenge for `WWW-Authenticate: Bearer error="insufficient_claims", claims="<base64 of it>"`. */
    claims: z.string().optional(),
  }),
  z.object({
    active: z.literal(true),
    /** The resource's name as the client asked for it. */
    aud: z.string(),
    /** App id and all identifiers of the resource behind `aud`. */
    resource: z.object({ appId: z.string(), identifiers: z.array(z.string()) }),
    /** Space separated scope names, such as `WorkIQAgent.Ask`. */
    scp: z.string(),
    oid: z.string(),
    upn: z.string(),
    name: z.string(),
    tid: z.string(),
    client_id: z.string(),
    jti: z.string(),
    /** Unix seconds. */
    iat: z.number(),
    exp: z.number(),
  }),
]);

export type Introspection = z.output<typeof introspectionShape>;

export function introspect(token: string, issued: Issued, settings: Readonly<Settings>): Introspection {
  const entry = issued.accessToken(token);
  if (!entry) return { active: false, reason: 'unknown' };
  if (entry.expiresAtMs + settings.clockSkewSeconds * 1_000 <= Date.now()) return { active: false, reason: 'expired' };
  if (entry.revokedAtMs !== undefined) {
    const nbf = { essential: true, value: String(Math.floor(entry.revokedAtMs / 1000)) };
    return { active: false, reason: 'revoked', claims: JSON.stringify({ access_token: { nbf } }) };
  }
  const challenge = unsatisfied(entry.claims, settings.requiredClaims);
  if (challenge) return { active: false, reason: 'insufficient_claims', claims: challenge };
  const { user } = entry.session;
  return {
    active: true,
    aud: entry.audience,
    resource: { appId: entry.app.appId, identifiers: [...entry.app.identifiers] },
    scp: String(entry.claims['scp']),
    oid: user.oid,
    upn: user.upn,
    name: user.name,
    tid: entry.tenantId,
    client_id: entry.session.clientId,
    jti: String(entry.claims['jti']),
    iat: Number(entry.claims['iat']),
    exp: Number(entry.claims['exp']),
  };
}

function unsatisfied(claims: Record<string, unknown>, required: Settings['requiredClaims']): string | undefined {
  const held = Array.isArray(claims['acrs']) ? (claims['acrs'] as unknown[]) : [];
  const missing = required?.acrs?.find((context) => !held.includes(context));
  if (missing !== undefined) return JSON.stringify({ access_token: { acrs: { essential: true, value: missing } } });
  if (required?.nbf !== undefined && Number(claims['nbf']) < required.nbf) {
    return JSON.stringify({ access_token: { nbf: { essential: true, value: String(required.nbf) } } });
  }
  return undefined;
}
