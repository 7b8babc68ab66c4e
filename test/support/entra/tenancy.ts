/** Rules of the tenant segment of an authority URL; it must not know endpoints. */
import { aadsts } from './aadsts.ts';
import type { ClientApp, Directory, DirectoryUser } from './directory.ts';

const SHARED_AUTHORITIES = new Set(['organizations', 'common']);

/** The tenant's GUID, or `organizations` / `common`. @throws EntraError 90002. */
export function readAuthority(segment: string, directory: Directory): string {
  const shared = segment.toLowerCase();
  if (SHARED_AUTHORITIES.has(shared)) return shared;
  const tenant = directory.tenant(segment);
  if (!tenant) throw aadsts(90002, { tenant: segment });
  return tenant.id;
}

/** The tenant that tokens for this user are made in. @throws EntraError 50020 for another tenant's user. */
export function tenantFor(user: DirectoryUser, authority: string, client: ClientApp): string {
  if (SHARED_AUTHORITIES.has(authority) || authority === user.tenantId) return user.tenantId;
  throw aadsts(50020, { user: user.upn, tenant: authority, client: client.name });
}

/** @throws EntraError 900144 (missing), 700016 (unknown). */
export function readClient(clientId: string | undefined, directory: Directory, authority: string): ClientApp {
  if (clientId === undefined) throw aadsts(900144, { parameter: 'client_id' });
  const client = directory.client(clientId);
  if (!client) throw aadsts(700016, { client: clientId, tenant: authority });
  return client;
}
