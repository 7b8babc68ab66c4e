/** The token endpoint: the three grants a public client uses and Entra's rules for each; it must not know HTTP. */
import { createHash } from 'node:crypto';
import { aadsts } from './aadsts.ts';
import { readClaimsRequest } from './claims-request.ts';
import type { ClientApp } from './directory.ts';
import type { EntraState } from './entra-state.ts';
import type { Session } from './issued.ts';
import { onlyResource, readScopes } from './scopes.ts';
import { readAuthority, readClient, tenantFor } from './tenancy.ts';
import { mintTokens } from './tokens.ts';
import type { TokenReply } from './tokens.ts';

const DEVICE_GRANTS = new Set(['device_code', 'urn:ietf:params:oauth:grant-type:device_code']);

export interface TokenRequest {
  tenant: string;
  form: Record<string, string>;
}

interface CheckedRequest {
  form: Record<string, string>;
  authority: string;
  client: ClientApp;
}

export interface TokenGrant {
  tokens: TokenReply;
  session: Session;
}

/** Both device grant names count as `device_code`. */
export function grantTypeName(grantType: string | undefined): string | undefined {
  return grantType !== undefined && DEVICE_GRANTS.has(grantType) ? 'device_code' : grantType;
}

/** @throws EntraError with the refusal that Entra would give. */
export function grantTokens(state: EntraState, { tenant, form }: TokenRequest): TokenGrant {
  const authority = readAuthority(tenant, state.directory);
  const client = readClient(form['client_id'], state.directory, authority);
  if (form['resource'] !== undefined) throw aadsts(9010010);
  if (!client.isPublic && form['client_secret'] === undefined && form['client_assertion'] === undefined) {
    throw aadsts(7000218);
  }
  const checked = { form, authority, client };
  switch (grantTypeName(form['grant_type'])) {
    case undefined:
      throw aadsts(900144, { parameter: 'grant_type' });
    case 'authorization_code':
      return redeemCode(state, checked);
    case 'device_code':
      return redeemDeviceCode(state, checked);
    case 'refresh_token':
      return refresh(state, checked);
    default:
      throw aadsts(70003, { grantType: form['grant_type'] });
  }
}

function redeemCode(state: EntraState, request: CheckedRequest): TokenGrant {
  const { form, client } = request;
  if (form['code'] === undefined) throw aadsts(900144, { parameter: 'code' });
  const code = state.issued.code(form['code']);
  if (!code || code.session.clientId !== client.clientId) throw aadsts(70000);
  if (code.redeemed) throw aadsts(54005);
  if (code.expiresAtMs <= Date.now()) throw aadsts(70008);
  if (form['redirect_uri'] !== code.redirectUri) throw aadsts(500112, { redirectUri: form['redirect_uri'] });
  if (code.codeChallenge !== undefined) {
    const verifier = form['code_verifier'];
    if (verifier === undefined) throw aadsts(50148);
    if (createHash('sha256').update(verifier).digest('base64url') !== code.codeChallenge) throw aadsts(501481);
  }
  const grant = mint(state, request, {
    session: code.session,
    scope: form['scope'] ?? code.scope,
    claims: form['claims'] ?? code.claims,
    nonce: code.nonce,
    isRefresh: false,
  });
  code.redeemed = true;
  return grant;
}

function redeemDeviceCode(state: EntraState, request: CheckedRequest): TokenGrant {
  const { form, client } = request;
  if (form['device_code'] === undefined) throw aadsts(900144, { parameter: 'device_code' });
  const code = state.deviceCodes.redeem(form['device_code'], client.clientId);
  return mint(state, request, {
    session: code.session,
    scope: form['scope'] ?? code.scope,
    claims: form['claims'] ?? code.claims,
    isRefresh: false,
  });
}

function refresh(state: EntraState, request: CheckedRequest): TokenGrant {
  const { form, client } = request;
  const { settings, issued } = state;
  if (form['refresh_token'] === undefined) throw aadsts(900144, { parameter: 'refresh_token' });
  if (form['scope'] === undefined) throw aadsts(90009);
  const token = issued.refreshToken(form['refresh_token']);
  if (!token || token.session.clientId !== client.clientId) throw aadsts(70000);
  if (token.revoked) throw token.revoked();
  const { session } = token;
  if (settings.strictReuse && token.rotated) {
    for (const relative of issued.refreshTokens()) {
      if (relative.session === session) relative.revoked = () => aadsts(70000);
    }
    throw aadsts(70000);
  }
  const idleMs = Date.now() - token.lastUsedMs;
  if (idleMs >= settings.refreshTokenLifeSeconds * 1000) {
    throw aadsts(700082, { issuedAt: new Date(token.lastUsedMs).toISOString() });
  }
  const frequency = settings.signInFrequencySeconds;
  if (frequency !== null && Date.now() - session.authTimeMs >= frequency * 1000) {
    throw aadsts(70043, { lifetime: String(frequency) });
  }
  const grant = mint(state, request, { session, scope: form['scope'], claims: form['claims'], isRefresh: true });
  token.rotated = true;
  token.lastUsedMs = Date.now();
  return grant;
}

function mint(
  state: EntraState,
  { authority, client }: CheckedRequest,
  grant: {
    session: Session;
    scope: string;
    claims?: string | undefined;
    nonce?: string | undefined;
    isRefresh: boolean;
  },
): TokenGrant {
  const { session, scope } = grant;
  const requested = readScopes(scope, state.directory, client, authority);
  const resource = onlyResource(requested, scope);
  const tenantId = tenantFor(session.user, authority, client);
  state.consents.requireSilent(session.user, client, resource);
  const tokens = mintTokens(
    {
      session,
      tenantId,
      requested,
      resource,
      claims: readClaimsRequest(grant.claims),
      nonce: grant.nonce,
      withRefreshToken: grant.isRefresh || requested.oidc.includes('offline_access'),
    },
    state,
  );
  return { tokens, session };
}
