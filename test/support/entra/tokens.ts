/** Minting of token replies: access, id and refresh token for one session and resource; it must not know grants or HTTP. */
import { createHash, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { aadsts } from './aadsts.ts';
import type { ClaimsRequest } from './claims-request.ts';
import type { Issued, Session } from './issued.ts';
import { grantedNames, grantedScope } from './scopes.ts';
import type { RequestedResource, RequestedScopes } from './scopes.ts';
import type { Settings } from './settings.ts';
import { base64UrlJson } from './signing-keys.ts';
import type { SigningKeys } from './signing-keys.ts';

export const tokenReplyShape = z.object({
  token_type: z.literal('Bearer'),
  scope: z.string(),
  /** Seconds, as the other lives. */
  expires_in: z.number(),
  ext_expires_in: z.number(),
  refresh_in: z.number().optional(),
  access_token: z.string(),
  refresh_token: z.string().optional(),
  id_token: z.string().optional(),
  /** base64url of `{uid, utid}`; MSAL makes the home account id of it. */
  client_info: z.string(),
});

export type TokenReply = z.output<typeof tokenReplyShape>;

export interface MintRequest {
  session: Session;
  /** Tenant of the token: the user's, or the one of the authority. */
  tenantId: string;
  requested: RequestedScopes;
  resource: RequestedResource;
  claims: ClaimsRequest;
  nonce?: string | undefined;
  withRefreshToken: boolean;
}

export interface MintContext {
  origin: string;
  settings: Readonly<Settings>;
  keys: SigningKeys;
  issued: Issued;
}

/** @throws EntraError 50076 when a step-up is asked for that only a new sign-in may satisfy. */
export function mintTokens(request: MintRequest, { origin, settings, keys, issued }: MintContext): TokenReply {
  const { session, tenantId, requested, resource } = request;
  stepUp(request, settings);
  const issuedAt = Math.floor(Date.now() / 1000);
  const life = settings.accessTokenLifeSeconds;
  const common = {
    iss: `${origin}/${tenantId}/v2.0`,
    iat: issuedAt,
    nbf: issuedAt,
    name: session.user.name,
    oid: session.user.oid,
    preferred_username: session.user.upn,
    sid: session.id,
    sub: pairwiseSubject(session, resource.app.appId),
    tid: tenantId,
    uti: randomUUID().replaceAll('-', '').slice(0, 22),
    ver: '2.0',
  };
  const accessClaims = {
    aud: resource.identifier,
    ...common,
    exp: issuedAt + life,
    jti: randomUUID(),
    azp: session.clientId,
    azpacr: '0',
    idtyp: 'user',
    scp: grantedNames(resource).join(' ') || requested.oidc.join(' '),
    upn: session.user.upn,
    ...(session.acrs.size > 0 ? { acrs: [...session.acrs] } : {}),
    ...(request.claims.capabilities.length > 0 ? { xms_cc: request.claims.capabilities } : {}),
  };
  const accessToken = keys.signJwt(accessClaims);
  issued.addAccessToken({
    token: accessToken,
    session,
    audience: resource.identifier,
    app: resource.app,
    tenantId,
    claims: accessClaims,
    expiresAtMs: Date.now() + life * 1000,
  });
  const tokens: TokenReply = {
    token_type: 'Bearer',
    scope: grantedScope(requested, resource, settings.grantedScopeForm),
    expires_in: life,
    ext_expires_in: life,
    access_token: accessToken,
    client_info: base64UrlJson({ uid: session.user.oid, utid: session.user.tenantId }),
  };
  if (settings.refreshInSeconds !== null) tokens.refresh_in = settings.refreshInSeconds;
  if (request.withRefreshToken) tokens.refresh_token = issued.addRefreshToken(session).token;
  if (requested.oidc.includes('openid')) {
    const nonce = request.nonce === undefined ? {} : { nonce: request.nonce };
    tokens.id_token = keys.signJwt({ aud: session.clientId, ...common, exp: issuedAt + 3600, ...nonce });
    issued.remember('id_token', tokens.id_token);
  }
  return tokens;
}

function stepUp({ session, claims, resource }: MintRequest, settings: Readonly<Settings>): void {
  const missing = claims.acrs.filter((context) => !session.acrs.has(context));
  if (missing.length === 0) return;
  if (settings.stepUp === 'interactive') {
    const challenge = JSON.stringify({ access_token: { acrs: { essential: true, value: missing[0] } } });
    throw aadsts(50076, { resource: resource.app.appId }, { claims: challenge });
  }
  for (const context of missing) session.acrs.add(context);
}

/** Entra's `sub` differs per user and application. */
function pairwiseSubject(session: Session, audience: string): string {
  return createHash('sha256').update(`${session.user.oid}|${audience}`).digest('base64url');
}
