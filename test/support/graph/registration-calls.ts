// The calls of Microsoft Graph that the scripts of deploy/entra make: what each is held against, by its text and while it runs.

/** All calls of Graph that either script makes, up to the first value in them. */
export const registrationCalls = [
  'GET /applications?$filter=appId',
  'GET /applications?$filter=displayName',
  'GET /oauth2PermissionGrants?$filter=clientId',
  'GET /organization',
  'GET /servicePrincipals?$filter=appId',
  'GET /users/',
  'PATCH /applications/',
  'PATCH /oauth2PermissionGrants/',
  'POST /applications',
  'POST /oauth2PermissionGrants',
  'POST /servicePrincipals',
];

/** A path of Graph up to the first value in it. */
export function withoutValues(path: string): string {
  return path.replace(/%20eq%20.*$/, '').replace(/^(\/(?:applications|users|oauth2PermissionGrants)\/).*/, '$1');
}
