/** Reading of a requested `scope` against the directory's resource apps and wording of the granted one; knows no grants. */
import { aadsts } from './aadsts.ts';
import { GRAPH_APP_ID, offersScope } from './directory.ts';
import type { ClientApp, Directory, ResourceApp } from './directory.ts';

const OIDC_SCOPES = new Set(['openid', 'profile', 'email', 'offline_access']);

export interface RequestedScopes {
  /** `openid`, `profile`, `email`, `offline_access` as asked. */
  oidc: string[];
  /** One entry per resource, in the order asked. */
  resources: RequestedResource[];
}

export interface RequestedResource {
  app: ResourceApp;
  /** The name the client used for the resource; the audience of the access token. */
  identifier: string;
  /** Scope names without the resource, such as `WorkIQAgent.Ask`. Empty when only OpenID scopes were asked. */
  names: string[];
  isDefault: boolean;
}

/** @throws EntraError 70011 (.default mixed), 500011 (unknown resource), 650053 (unknown or unqualified scope). */
export function readScopes(scope: string, directory: Directory, client: ClientApp, tenant: string): RequestedScopes {
  const oidc: string[] = [];
  const resources: RequestedResource[] = [];
  for (const value of scope.split(/\s+/).filter((part) => part !== '')) {
    if (OIDC_SCOPES.has(value)) {
      oidc.push(value);
      continue;
    }
    const slash = value.lastIndexOf('/');
    const identifier = slash < 0 ? 'https://graph.microsoft.com' : value.slice(0, slash);
    const name = value.slice(slash + 1);
    const app = directory.resource(identifier);
    if (!app) throw aadsts(500011, { resource: identifier, tenant });
    const isDefault = name === '.default';
    if (!isDefault && !offersScope(app, name)) {
      throw aadsts(650053, { scope: name, resource: app.appId, clientName: client.name });
    }
    const known = resources.find((entry) => entry.app === app);
    if (known && (known.isDefault || isDefault)) throw aadsts(70011);
    if (known) known.names.push(name);
    else resources.push({ app, identifier, names: isDefault ? [] : [name], isDefault });
  }
  if (resources.length > 1 && resources.some((resource) => resource.isDefault)) throw aadsts(70011);
  if (resources.length === 0) resources.push(openIdOnly(directory));
  return { oidc, resources };
}

/** A token is for one resource. @throws EntraError 28000. */
export function onlyResource(requested: RequestedScopes, scope: string): RequestedResource {
  const [resource, second] = requested.resources;
  if (!resource || second) throw aadsts(28000, { scope });
  return resource;
}

/** What a token for this resource carries in `scp`. */
export function grantedNames(resource: RequestedResource): string[] {
  if (!resource.isDefault) return [...new Set(resource.names)];
  return resource.app.scopes.flatMap((scope) => (scope.includes('*') ? expandCatalogue(scope) : [scope]));
}

/**
 * The `scope` of a token reply. Entra words it differently from the request: another order, the canonical resource name,
 * no `offline_access`, and everything granted for the resource. `as-requested` keeps the client's resource name.
 */
export function grantedScope(
  requested: RequestedScopes,
  resource: RequestedResource,
  form: 'canonical' | 'as-requested',
): string {
  const prefix = form === 'canonical' ? (resource.app.identifiers[0] ?? resource.identifier) : resource.identifier;
  const openId = requested.oidc.includes('openid') ? ['openid', 'profile', 'email'] : [];
  const named = grantedNames(resource).map((name) => `${prefix}/${name}`);
  const asDefault = resource.isDefault ? [`${prefix}/.default`] : [];
  return [...openId, ...named, ...asDefault].join(' ');
}

function openIdOnly(directory: Directory): RequestedResource {
  const app = directory.resource(GRAPH_APP_ID);
  if (!app) throw new Error('the directory has no Microsoft Graph resource');
  return { app, identifier: GRAPH_APP_ID, names: [], isDefault: false };
}

function expandCatalogue(pattern: string): string[] {
  const families = ['Mail', 'Calendar', 'Teams', 'Me', 'CopilotMCP', 'OneDriveSharepoint', 'Word', 'Excel'];
  return families.map((family) => pattern.replace('*', family));
}
