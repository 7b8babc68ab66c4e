// The per-server catalogue: which servers exist, where, and which audience and scope each of them wants.
import type { Grant } from './auth.ts';
import { createCalendarServer } from './tools/calendar-tools.ts';
import { createMailServer } from './tools/mail-tools.ts';
import { createMeServer } from './tools/me-tools.ts';
import type { ToolServer } from './tools/tool-call.ts';

export type CatalogueServer = { id: string; grants: Grant[]; server: ToolServer };

/** The audiences of the shared resource app; the second form is its identifier URI. */
const SHARED_AUDIENCES = ['ea9ffc3e-8a23-4a7d-836d-234d7c7565c1', 'https://agent365.svc.cloud.microsoft'];
const OWN_SCOPE = 'Tools.ListInvoke.All';

/** An id that clients try but that takes no token: its audience is never right. */
export const MISNAMED_SERVER = 'mcp_MailServer';

export function createCatalogue(): Map<string, CatalogueServer> {
  const entry = (id: string, scope: string, ownAudience: string, server: ToolServer): [string, CatalogueServer] => [
    id,
    {
      id,
      server,
      grants: [
        ...SHARED_AUDIENCES.map((audience) => ({ audience, scope })),
        { audience: ownAudience, scope: OWN_SCOPE },
      ],
    },
  ];
  return new Map([
    entry('mcp_MailTools', 'McpServers.Mail.All', '16b1878d-62c7-4009-aa25-68989d63bbad', createMailServer()),
    entry(
      'mcp_CalendarTools',
      'McpServers.Calendar.All',
      '910333d2-47e9-43ca-981f-6df2f4531ef4',
      createCalendarServer(),
    ),
    entry('mcp_MeServer', 'McpServers.Me.All', '147dc821-b413-44c0-8009-1a3098378012', createMeServer()),
  ]);
}

export type CataloguePath = { serverId: string; tenantId?: string };

/** Reads /agents/tenants/{tenantId}/servers/{serverId} and /agents/servers/{serverId}, with or without a last slash. */
export function parseCataloguePath(path: string): CataloguePath | undefined {
  const match = /^\/agents\/(?:tenants\/([^/]+)\/)?servers\/([^/]+)\/?$/.exec(path);
  if (!match?.[2]) return undefined;
  return { serverId: match[2], ...(match[1] ? { tenantId: match[1] } : {}) };
}

export function isGuid(text: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);
}

export const INVALID_TENANT_ANSWER = {
  error: { code: 'TenantIdInvalid', message: 'The tenant id in the path is not a GUID.' },
};
