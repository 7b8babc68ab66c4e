/** Who consented to which client for which resource, and whether a request may go on; it must not know pages or tokens. */
import { aadsts } from './aadsts.ts';
import type { ClientApp, DirectoryUser } from './directory.ts';
import type { RequestedResource } from './scopes.ts';
import type { Settings } from './settings.ts';

export function createConsents(settings: Readonly<Settings>) {
  const given = new Set<string>();
  const key = (user: DirectoryUser, client: ClientApp, resource: RequestedResource) =>
    `${user.oid}|${client.clientId}|${resource.app.appId}`;

  return {
    grant(user: DirectoryUser, client: ClientApp, resources: RequestedResource[]): void {
      for (const resource of resources) given.add(key(user, client, resource));
    },
    /** Resources the browser still has to ask for. */
    missing(user: DirectoryUser, client: ClientApp, resources: RequestedResource[]): RequestedResource[] {
      if (settings.consent === 'granted') return [];
      return resources.filter((resource) => !given.has(key(user, client, resource)));
    },
    /** @throws EntraError 65001 for a silent request that nobody consented to. */
    requireSilent(user: DirectoryUser, client: ClientApp, resource: RequestedResource): void {
      const isOpen = settings.consent === 'ask' || settings.consent === 'granted';
      if (isOpen || given.has(key(user, client, resource))) return;
      throw aadsts(65001, { client: client.clientId, clientName: client.name });
    },
    /** Without a user all consents. */
    revoke(user?: DirectoryUser): void {
      for (const entry of given) if (!user || entry.startsWith(`${user.oid}|`)) given.delete(entry);
    },
  };
}
