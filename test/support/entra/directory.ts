/** The directory: tenants, users, client apps and resource apps with lookups; knows nothing of tokens, requests or HTTP. */

export interface Tenant {
  id: string;
  domain: string;
  displayName: string;
}

export interface DirectoryUser {
  /** Short handle for tests and element ids, such as `adele`. */
  key: string;
  oid: string;
  upn: string;
  name: string;
  tenantId: string;
}

export interface ClientApp {
  clientId: string;
  name: string;
  /** Exact URIs; for a loopback URI the port is ignored, host and path are not. */
  redirectUris: string[];
  /** `false` is an app registered without the public-client flag: AADSTS7000218. */
  isPublic: boolean;
}

export interface ResourceApp {
  appId: string;
  name: string;
  /** Names a client may put before the scope; the first one is the canonical form in granted scope strings. */
  identifiers: string[];
  /** Exact scope names; one `*` stands for any run of letters and digits. */
  scopes: string[];
}

export const DEFAULT_TENANT_ID = '00000000-0000-4000-8000-00000000aaaa';
export const FOREIGN_TENANT_ID = '00000000-0000-4000-8000-00000000bbbb';
export const DEFAULT_CLIENT_ID = '11111111-2222-4333-8444-555555555555';
export const WORK_IQ_APP_ID = 'fdcc1f02-fc51-4226-8753-f668596af7f7';
export const AGENT_365_APP_ID = 'ea9ffc3e-8a23-4a7d-836d-234d7c7565c1';
export const GRAPH_APP_ID = '00000003-0000-0000-c000-000000000000';

/** The per-server audiences of the Agent 365 catalogue's second generation. */
export const AGENT_365_SERVER_APP_IDS = {
  MailTools: '16b1878d-62c7-4009-aa25-68989d63bbad',
  CalendarTools: '910333d2-47e9-43ca-981f-6df2f4531ef4',
  TeamsServer: 'ce5029ee-c1d3-45c0-bdcc-efb5a4245687',
  MeServer: '147dc821-b413-44c0-8009-1a3098378012',
  OneDriveRemoteServer: 'b0b2a2bb-6361-4549-a00c-a018417eb8e2',
  SharePointRemoteServer: '292cff14-c0e8-4116-9e3b-99934ae05766',
  WordServer: 'c2d0c2b6-8013-4346-9f8b-b81d3b754a29',
  M365Copilot: 'ab7c82de-7946-4454-ac28-70249d17c95e',
  AdminTools: '2dbeefeb-6462-48a4-abe6-1c4989699319',
} as const;

const AGENT_365_ORIGIN = 'https://agent365.svc.cloud.microsoft';

const BUILT_IN_RESOURCES: ResourceApp[] = [
  {
    appId: WORK_IQ_APP_ID,
    name: 'Work IQ',
    identifiers: ['api://workiq.svc.cloud.microsoft', WORK_IQ_APP_ID],
    scopes: ['WorkIQAgent.Ask'],
  },
  {
    appId: AGENT_365_APP_ID,
    name: 'Agent 365 Tools',
    identifiers: [AGENT_365_APP_ID, AGENT_365_ORIGIN],
    scopes: ['McpServers.*.All', 'McpServersMetadata.Read.All'],
  },
  ...Object.entries(AGENT_365_SERVER_APP_IDS).map(([name, appId]) => ({
    appId,
    name: `Work IQ ${name}`,
    identifiers: [appId],
    scopes: ['Tools.ListInvoke.All'],
  })),
  {
    appId: GRAPH_APP_ID,
    name: 'Microsoft Graph',
    identifiers: ['https://graph.microsoft.com', GRAPH_APP_ID],
    scopes: [
      'User.Read',
      'User.ReadBasic.All',
      'Mail.Read',
      'Mail.Send',
      'Calendars.Read',
      'Chat.Read',
      'Sites.Read.All',
    ],
  },
];

export interface DirectoryOptions {
  tenantId?: string | undefined;
  clients?: ClientApp[] | undefined;
  /** Added to the built-in people; the same `key` replaces. */
  users?: DirectoryUser[] | undefined;
  resources?: ResourceApp[] | undefined;
}

export type Directory = ReturnType<typeof createDirectory>;

export function createDirectory(options: DirectoryOptions) {
  const homeTenantId = options.tenantId ?? DEFAULT_TENANT_ID;
  const tenants: Tenant[] = [
    { id: homeTenantId, domain: 'contoso.example', displayName: 'Contoso' },
    { id: FOREIGN_TENANT_ID, domain: 'fabrikam.example', displayName: 'Fabrikam' },
  ];
  const users = new Map<string, DirectoryUser>();
  for (const user of [...builtInUsers(homeTenantId), ...(options.users ?? [])]) users.set(user.key, user);
  const clients = options.clients ?? [
    { clientId: DEFAULT_CLIENT_ID, name: 'RockBot', redirectUris: ['http://localhost'], isPublic: true },
  ];
  const resources = [...BUILT_IN_RESOURCES, ...(options.resources ?? [])];

  return {
    homeTenantId,
    users: () => [...users.values()],
    clients: () => [...clients],
    addResource: (resource: ResourceApp): void => void resources.unshift(resource),
    tenant: (idOrDomain: string) =>
      tenants.find((tenant) => tenant.id === idOrDomain.toLowerCase() || tenant.domain === idOrDomain.toLowerCase()),
    client: (clientId: string) => clients.find((client) => client.clientId === clientId.toLowerCase()),
    /** By key, user principal name or object id. */
    user: (handle: string) =>
      [...users.values()].find(
        (user) => user.key === handle || user.oid === handle || user.upn === handle.toLowerCase(),
      ),
    /** Identifier URIs are matched without a trailing slash; MCP server URLs of the catalogue name the catalogue's app. */
    resource: (identifier: string) => {
      const wanted = identifier.replace(/\/+$/, '').toLowerCase();
      const exact = resources.find((resource) => resource.identifiers.some((known) => known.toLowerCase() === wanted));
      if (exact) return exact;
      const isCatalogueUrl = wanted.startsWith(`${AGENT_365_ORIGIN}/agents/`);
      return isCatalogueUrl ? resources.find((resource) => resource.appId === AGENT_365_APP_ID) : undefined;
    },
  };
}

export function offersScope(resource: ResourceApp, scope: string): boolean {
  return resource.scopes.some((offered) => {
    const [head = '', tail] = offered.split('*');
    if (tail === undefined) return offered.toLowerCase() === scope.toLowerCase();
    const middle = scope.slice(head.length, scope.length - tail.length);
    return scope.startsWith(head) && scope.endsWith(tail) && /^[A-Za-z0-9]+$/.test(middle);
  });
}

/** A loopback redirect is matched with its port ignored, as Entra does; `localhost` is not `127.0.0.1`. */
export function allowsRedirect(client: ClientApp, redirectUri: string): boolean {
  const wanted = withoutLoopbackPort(redirectUri);
  return wanted !== undefined && client.redirectUris.some((known) => withoutLoopbackPort(known) === wanted);
}

function withoutLoopbackPort(uri: string): string | undefined {
  if (!URL.canParse(uri)) return undefined;
  const url = new URL(uri);
  if (url.protocol === 'http:' && ['localhost', '127.0.0.1', '[::1]'].includes(url.hostname)) url.port = '';
  return url.href;
}

function builtInUsers(tenantId: string): DirectoryUser[] {
  return [
    {
      key: 'adele',
      oid: '0c6bc4a2-337b-4672-9bcd-6aa53af1b02a',
      upn: 'adele@contoso.example',
      name: 'Adele Vance',
      tenantId,
    },
    {
      key: 'megan',
      oid: '22222222-0000-4000-8000-000000000001',
      upn: 'megan@contoso.example',
      name: 'Megan Bowen',
      tenantId,
    },
    {
      key: 'rob',
      oid: '22222222-0000-4000-8000-000000000002',
      upn: 'rob@contoso.example',
      name: 'Rob Young',
      tenantId,
    },
    {
      key: 'nestor',
      oid: '33333333-0000-4000-8000-000000000001',
      upn: 'nestor@fabrikam.example',
      name: 'Nestor Wilke',
      tenantId: FOREIGN_TENANT_ID,
    },
  ];
}
