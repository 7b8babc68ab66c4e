/** Paths of the TLS face; it must not know what is answered there. */

export type Route =
  | { endpoint: 'token' | 'devicecode' | 'authorize' | 'jwks' | 'logout'; tenant: string }
  /** Without a tenant: cloud (instance) discovery. */
  | { endpoint: 'discovery'; tenant?: string }
  | { endpoint: 'interaction'; id: string; step: string }
  | { endpoint: 'devicelogin' | 'error' | 'other' };

const OAUTH_ENDPOINTS = ['token', 'devicecode', 'authorize', 'logout'] as const;

export function matchRoute(path: string): Route {
  const [first = '', ...rest] = path.split('/').filter((part) => part !== '');
  const tail = rest.join('/');
  const oauth = OAUTH_ENDPOINTS.find((endpoint) => tail === `oauth2/v2.0/${endpoint}`);
  if (oauth) return { endpoint: oauth, tenant: first };
  if (tail === 'v2.0/.well-known/openid-configuration') return { endpoint: 'discovery', tenant: first };
  if (tail === 'discovery/v2.0/keys') return { endpoint: 'jwks', tenant: first };
  if (tail === 'discovery/instance') return { endpoint: 'discovery' };
  if (first === 'interaction' && rest.length === 2)
    return { endpoint: 'interaction', id: rest[0] ?? '', step: rest[1] ?? '' };
  if (tail === '' && (first === 'devicelogin' || first === 'error')) return { endpoint: first };
  if (tail === 'oauth2/deviceauth') return { endpoint: 'devicelogin' };
  return { endpoint: 'other' };
}
