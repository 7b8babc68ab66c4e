// Decides whether a bearer is good for an endpoint: active, right audience, right scope. Keeps and logs no token.
import { z } from 'zod';
import { ADELE_OID } from './tenant/people.ts';

export type Identity = { oid: string; upn: string; audience: string; scopes: string[] };

export type AuthOptions = {
  /** Asked afresh for every request: POST {token} -> {active, aud, scp, oid, upn, exp} or {active: false, claims?}. */
  introspectUrl?: string | undefined;
  /** This one token passes everywhere, as Adele. */
  staticToken?: string | undefined;
};

/** What an endpoint wants to see: one of the grants has to fit. */
export type Grant = { audience: string; scope: string };

export type Verdict =
  | { outcome: 'ok'; identity: Identity }
  | { outcome: 'no-token' | 'invalid-token' | 'wrong-audience' }
  /** The authority wants the token to be replaced; `claims` is the challenge as JSON text. */
  | { outcome: 'claims-required'; claims: string }
  | { outcome: 'missing-scope'; scope: string };

const claimsSchema = z.object({
  aud: z.union([z.string(), z.array(z.string())]),
  scp: z.union([z.string(), z.array(z.string())]).optional(),
  oid: z.string().optional(),
  upn: z.string().optional(),
  preferred_username: z.string().optional(),
  exp: z.number().optional(),
});

const introspection = z.discriminatedUnion('active', [
  z.object({
    active: z.literal(true),
    ...claimsSchema.shape,
    /** All names of the resource behind `aud`. */
    resource: z.object({ appId: z.string(), identifiers: z.array(z.string()) }).optional(),
  }),
  z.object({ active: z.literal(false), claims: z.string().optional() }),
]);

type Claims = z.infer<typeof claimsSchema>;

export function createVerifier(options: AuthOptions) {
  return async (authorization: string | undefined, grants: readonly Grant[]): Promise<Verdict> => {
    const token = /^Bearer (\S+)$/i.exec(authorization ?? '')?.[1];
    if (!token) return { outcome: 'no-token' };
    if (options.staticToken !== undefined && token === options.staticToken) {
      const grant = grants[0];
      const scopes = grants.map(({ scope }) => scope);
      return {
        outcome: 'ok',
        identity: { oid: ADELE_OID, upn: 'adele@contoso.example', audience: grant?.audience ?? '', scopes },
      };
    }
    const claims = options.introspectUrl ? await introspect(options.introspectUrl, token) : decode(token);
    if (claims && 'challenge' in claims) return { outcome: 'claims-required', claims: claims.challenge };
    if (!claims || (claims.exp !== undefined && claims.exp * 1000 <= Date.now())) return { outcome: 'invalid-token' };
    return judge(claims, grants);
  };
}

function judge(claims: Claims, grants: readonly Grant[]): Verdict {
  const audiences = (Array.isArray(claims.aud) ? claims.aud : [claims.aud]).map((audience) =>
    audience.replace(/\/$/, ''),
  );
  const fitting = grants.filter((grant) => audiences.includes(grant.audience));
  const first = fitting[0];
  if (!first) return { outcome: 'wrong-audience' };
  const scopes = Array.isArray(claims.scp) ? claims.scp : (claims.scp ?? '').split(' ').filter(Boolean);
  const granted = fitting.find((grant) => scopes.includes(grant.scope));
  if (!granted) return { outcome: 'missing-scope', scope: first.scope };
  const upn = claims.upn ?? claims.preferred_username ?? '';
  return { outcome: 'ok', identity: { oid: claims.oid ?? '', upn, audience: granted.audience, scopes } };
}

async function introspect(url: string, token: string): Promise<Claims | { challenge: string } | undefined> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
  if (!response.ok) throw new Error(`Introspection at ${url} answered ${response.status}.`);
  const answer = introspection.parse(await response.json());
  if (!answer.active) return answer.claims === undefined ? undefined : { challenge: answer.claims };
  // The authority counts in milliseconds; by `exp`, in whole seconds, a token of one second could be over at once.
  const { resource, aud, exp: _, ...claims } = answer;
  const names = resource ? [resource.appId, ...resource.identifiers] : [];
  return { ...claims, aud: [...(Array.isArray(aud) ? aud : [aud]), ...names] };
}

/** Reads the payload of a JWT without checking its signature; good enough where no authority is at hand. */
function decode(token: string): Claims | undefined {
  try {
    const payload: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
    return claimsSchema.safeParse(payload).data;
  } catch {
    return undefined;
  }
}
