// Protected resource metadata and the 401 headers, in the exact shapes that the two services were seen to send.

export const WELL_KNOWN = '/.well-known/oauth-protected-resource';
export const BARE_PATH_ANSWER = 'Invalid request, no valid route.';

export type ResourceMetadata = {
  resource: string;
  authorization_servers: string[];
  scopes_supported: string[];
  bearer_methods_supported?: string[];
};

export function unifiedMetadata(origin: string, authorizationServer: string): ResourceMetadata {
  return {
    resource: `${origin}/mcp`,
    authorization_servers: [authorizationServer],
    scopes_supported: ['fdcc1f02-fc51-4226-8753-f668596af7f7/WorkIQAgent.Ask'],
    bearer_methods_supported: ['header'],
  };
}

/** `path` is that of the catalogue server: /agents/tenants/{tenantId}/servers/{serverId}. */
export function catalogueMetadata(origin: string, path: string, authorizationServer: string): ResourceMetadata {
  return {
    resource: `${origin}${path}`,
    authorization_servers: [authorizationServer],
    scopes_supported: [`${origin}${path}/.default`, 'openid', 'profile', 'offline_access'],
  };
}

export function challenge(origin: string, path: string): string {
  return `Bearer resource_metadata="${origin}${WELL_KNOWN}${path}"`;
}

export const INVALID_AUDIENCE = 'Bearer error="invalid_token", error_description="invalid_audience"';

/** A claims challenge as Entra-protected services send it; `claims` is JSON text. */
export function claimsChallenge(claims: string): string {
  const encoded = Buffer.from(claims).toString('base64');
  return `Bearer realm="", authorization_uri="https://login.microsoftonline.com/common/oauth2/v2.0/authorize", error="insufficient_claims", claims="${encoded}"`;
}
