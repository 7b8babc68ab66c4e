// As much of a tenant's directory as registering an app needs, answering like Microsoft Graph v1.0 and as strictly. It knows no HTTP server
// and no command line; its whole state is JSON.
import * as z from 'zod';

const scopeSchema = z.strictObject({ id: z.string(), value: z.string() });
const redirectsSchema = z.strictObject({ redirectUris: z.array(z.string()) });
const applicationSchema = z.strictObject({
  id: z.string(),
  appId: z.string(),
  displayName: z.string(),
  signInAudience: z.string(),
  isFallbackPublicClient: z.boolean().nullable(),
  publicClient: redirectsSchema,
  web: redirectsSchema,
  spa: redirectsSchema,
  passwordCredentials: z.array(z.unknown()),
  keyCredentials: z.array(z.unknown()),
  requiredResourceAccess: z.array(
    z.strictObject({
      resourceAppId: z.string(),
      resourceAccess: z.array(z.strictObject({ id: z.string(), type: z.enum(['Scope', 'Role']) })).min(1),
    }),
  ),
});
const servicePrincipalSchema = z.strictObject({
  id: z.string(),
  appId: z.string(),
  accountEnabled: z.boolean(),
  tags: z.array(z.string()),
  oauth2PermissionScopes: z.array(scopeSchema),
});
const grantSchema = z.strictObject({
  id: z.string(),
  clientId: z.string(),
  consentType: z.enum(['AllPrincipals', 'Principal']),
  principalId: z.string().nullable(),
  resourceId: z.string(),
  scope: z.string(),
});

export const directorySchema = z.strictObject({
  tenantId: z.string(),
  /** What the one who calls may do; `none` is not signed in. */
  role: z.enum(['admin', 'reader', 'none']),
  users: z.array(z.strictObject({ id: z.string(), userPrincipalName: z.string() })),
  applications: z.array(applicationSchema),
  servicePrincipals: z.array(servicePrincipalSchema),
  grants: z.array(grantSchema),
  /** Apps of others that this tenant may have a service principal of, with their permissions. */
  offered: z.record(z.string(), z.array(scopeSchema)),
  /** Reads that do not see a new object yet, and writes that refuse to refer to it, as Entra's servers do for seconds. */
  lag: z.number(),
  /** Refusals to come. */
  refusals: z.array(
    z.strictObject({ method: z.string(), path: z.string(), status: z.number(), code: z.string(), after: z.number() }),
  ),
  calls: z.array(z.strictObject({ method: z.string(), path: z.string(), body: z.unknown(), status: z.number() })),
});

export type Directory = z.infer<typeof directorySchema>;
export type Application = z.infer<typeof applicationSchema>;

export interface GraphRequest {
  method: string;
  /** With the query, without `/v1.0`. */
  path: string;
  body?: unknown;
}

export interface GraphAnswer {
  status: number;
  body?: unknown;
}

class Refusal extends Error {
  readonly answer: GraphAnswer;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.answer = { status, body: { error: { code, message } } };
  }
}

/** Answers and changes `directory`; what is no part of Graph's own rules is refused. */
export function answerGraph(directory: Directory, request: GraphRequest): GraphAnswer {
  let answer: GraphAnswer;
  try {
    answer = decide(directory, request);
  } catch (error) {
    if (error instanceof Refusal) answer = error.answer;
    else if (error instanceof z.ZodError)
      answer = new Refusal(400, 'Request_BadRequest', z.prettifyError(error)).answer;
    else throw error;
  }
  directory.calls.push({
    method: request.method,
    path: request.path,
    body: request.body ?? null,
    status: answer.status,
  });
  return answer;
}

function decide(directory: Directory, { method, path, body }: GraphRequest): GraphAnswer {
  const { role } = directory;
  if (role === 'none') throw new Refusal(401, 'InvalidAuthenticationToken', 'Access token is empty.');
  refuse(directory, method, path);
  if (method === 'GET') return { status: 200, body: read(directory, path) };
  if (role !== 'admin')
    throw new Refusal(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.');
  const [, collection = '', id] = /^\/(\w+)(?:\/([\w-]+))?$/.exec(path) ?? [];
  if (method === 'POST' && id === undefined) return { status: 201, body: create(directory, collection, body) };
  if (method === 'PATCH' && id !== undefined) {
    change(directory, collection, id, body);
    return { status: 204 };
  }
  throw new Refusal(400, 'BadRequest', `No ${method} of ${path} here.`);
}

/** Refuses once what is to be refused, after as many calls of the kind as that says. */
function refuse(directory: Directory, method: string, path: string): void {
  const index = directory.refusals.findIndex((refusal) => refusal.method === method && path.startsWith(refusal.path));
  const refusal = directory.refusals[index];
  if (refusal === undefined) return;
  if (refusal.after-- > 0) return;
  directory.refusals.splice(index, 1);
  throw new Refusal(refusal.status, refusal.code, 'This is refused.');
}

function read(directory: Directory, path: string): unknown {
  if (path === '/organization') return { value: [{ id: directory.tenantId, displayName: 'Contoso' }] };
  const [, user] = /^\/users\/([^/?]+)\?\$select=id$/.exec(path) ?? [];
  if (user !== undefined) {
    const name = decodeURIComponent(user).toLowerCase();
    const found = directory.users.find(
      ({ id, userPrincipalName }) => id === name || userPrincipalName.toLowerCase() === name,
    );
    if (found === undefined) throw notFound(user);
    return { id: found.id };
  }
  const [, collection = '', member = '', encoded = ''] = /^\/(\w+)\?\$filter=(\w+)%20eq%20'([^' ]*)'$/.exec(path) ?? [];
  const wanted = decodeURIComponent(encoded);
  const filters: Record<string, Record<string, () => unknown[]>> = {
    applications: {
      displayName: () => directory.applications.filter((app) => app.displayName === wanted),
      appId: () => directory.applications.filter((app) => app.appId === wanted),
    },
    servicePrincipals: {
      appId: () => (isFresh(directory) ? [] : directory.servicePrincipals.filter(({ appId }) => appId === wanted)),
    },
    oauth2PermissionGrants: { clientId: () => directory.grants.filter(({ clientId }) => clientId === wanted) },
  };
  const value = filters[collection]?.[member]?.();
  if (value === undefined) throw new Refusal(400, 'Request_UnsupportedQuery', `No filter of ${path} here.`);
  return { value };
}

function create(directory: Directory, collection: string, body: unknown): unknown {
  if (collection === 'applications') {
    const given = applicationSchema
      .partial()
      .omit({ id: true, appId: true })
      .required({ displayName: true })
      .parse(body);
    const app: Application = {
      signInAudience: 'AzureADandPersonalMicrosoftAccount',
      isFallbackPublicClient: null,
      publicClient: { redirectUris: [] },
      web: { redirectUris: [] },
      spa: { redirectUris: [] },
      passwordCredentials: [],
      keyCredentials: [],
      requiredResourceAccess: [],
      ...given,
      id: crypto.randomUUID(),
      appId: crypto.randomUUID(),
    };
    directory.applications.push(app);
    return app;
  }
  if (collection === 'servicePrincipals') {
    const { appId, tags = [] } = z
      .strictObject({ appId: z.string(), tags: z.array(z.string()).optional() })
      .parse(body);
    if (directory.servicePrincipals.some((principal) => principal.appId === appId))
      throw new Refusal(409, 'Request_MultipleObjectsWithSameKeyValue', 'The service principal is in use already.');
    const isOwn = directory.applications.some((app) => app.appId === appId);
    const scopes = isOwn ? [] : directory.offered[appId];
    if (scopes === undefined || (isOwn && isFresh(directory)))
      throw new Refusal(
        400,
        'Request_BadRequest',
        `The appId '${appId}' of the service principal does not reference a valid application object.`,
      );
    const principal = { id: crypto.randomUUID(), appId, accountEnabled: true, tags, oauth2PermissionScopes: scopes };
    directory.servicePrincipals.push(principal);
    return principal;
  }
  if (collection === 'oauth2PermissionGrants') {
    const { principalId = null, ...given } = grantSchema.omit({ id: true }).partial({ principalId: true }).parse(body);
    for (const id of [given.clientId, given.resourceId])
      if (!directory.servicePrincipals.some((principal) => principal.id === id)) throw notFound(id);
    if ((given.consentType === 'Principal') !== directory.users.some(({ id }) => id === principalId))
      throw new Refusal(400, 'Request_BadRequest', 'principalId is for the consent type Principal, which needs it.');
    const isSame = (grant: typeof given & { principalId: string | null }): boolean =>
      grant.clientId === given.clientId && grant.resourceId === given.resourceId && grant.principalId === principalId;
    if (directory.grants.some(isSame)) throw new Refusal(409, 'Request_BadRequest', 'Permission entry already exists.');
    const grant = { ...given, principalId, id: crypto.randomUUID() };
    directory.grants.push(grant);
    return grant;
  }
  throw new Refusal(400, 'BadRequest', `Nothing can be made in ${collection} here.`);
}

function change(directory: Directory, collection: string, id: string, body: unknown): void {
  if (collection === 'applications') {
    const app = directory.applications.find((candidate) => candidate.id === id);
    if (app === undefined) throw notFound(id);
    Object.assign(app, applicationSchema.partial().omit({ id: true, appId: true }).parse(body));
  } else if (collection === 'oauth2PermissionGrants') {
    const grant = directory.grants.find((candidate) => candidate.id === id);
    if (grant === undefined) throw notFound(id);
    grant.scope = z.strictObject({ scope: z.string() }).parse(body).scope;
  } else throw new Refusal(400, 'BadRequest', `Nothing can be changed in ${collection} here.`);
}

function isFresh(directory: Directory): boolean {
  if (directory.lag === 0 || directory.calls.every(({ method }) => method === 'GET')) return false;
  directory.lag--;
  return true;
}

function notFound(id: string): Refusal {
  return new Refusal(
    404,
    'Request_ResourceNotFound',
    `Resource '${id}' does not exist or one of its queried reference-property objects are not present.`,
  );
}
