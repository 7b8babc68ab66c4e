// The Work IQ simulator: the single endpoint and the per-server catalogue over one in-memory tenant, plus an admin API.
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdminServer } from './admin.ts';
import { createVerifier, type AuthOptions } from './auth.ts';
import { createCatalogue } from './catalogue.ts';
import { createControl, type SimulatorState, type WorkIqControl } from './control.ts';
import { FaultRegistry } from './faults.ts';
import { createForeignOrigin } from './foreign-origin.ts';
import { createPublicServer } from './http-server.ts';
import { Journal } from './journal.ts';
import { settingsSchema, type SettingsPatch } from './settings.ts';
import { createTenant } from './tenant/tenant.ts';
import { createUnifiedServer } from './tools/unified.ts';
import type { World } from './wire/endpoint.ts';
import { Sessions } from './wire/sessions.ts';

export const DEFAULT_TENANT_ID = '00000000-0000-4000-8000-00000000aaaa';
const AUTHORIZATION_SERVER = 'https://login.microsoftonline.com/organizations/v2.0';

export type WorkIqOptions = {
  /** The moment the data is seeded around; the simulator's clock then stands still. Default: the machine's clock. */
  now?: Date | undefined;
  /** Default: tokens are decoded and checked for expiry, audience and scope only. */
  auth?: AuthOptions | undefined;
  settings?: SettingsPatch | undefined;
  /** The tenant GUID in `catalogueUrl`; the simulator itself takes any GUID. */
  tenantId?: string | undefined;
  /** What the metadata documents name as the authorization server. */
  authorizationServer?: string | undefined;
  /** 0 or absent: a free port. */
  port?: number | undefined;
  adminPort?: number | undefined;
};

export type WorkIqSimulator = AsyncDisposable & {
  origin: string;
  /** The single endpoint. */
  mcpUrl: string;
  /** `mcp_MailTools`, `mcp_CalendarTools` or `mcp_MeServer`. */
  catalogueUrl(serverId: string): string;
  adminUrl: string;
  /** A host of its own that records every bearer it is sent; redirect faults lead there. */
  foreignUrl: string;
  control: WorkIqControl;
  close(): Promise<void>;
};

export async function startWorkIq(options: WorkIqOptions = {}): Promise<WorkIqSimulator> {
  const settings = settingsSchema.parse(options.settings ?? {});
  const state: SimulatorState = {
    tenant: createTenant({ now: options.now }),
    settings,
    initialSettings: structuredClone(settings),
    now: options.now,
    journal: new Journal(),
    faults: new FaultRegistry(),
    sessions: new Sessions(),
  };
  const control = createControl(state);
  const closing = new AbortController();
  const verify = createVerifier(options.auth ?? {});
  let world: World | undefined;
  const publicServer = createPublicServer(
    () => {
      if (!world) throw new Error('The simulator is still starting.');
      return world;
    },
    {
      unified: createUnifiedServer(),
      catalogue: createCatalogue(),
      authorizationServer: options.authorizationServer ?? AUTHORIZATION_SERVER,
    },
  );
  const adminServer = createAdminServer(control);
  const foreignServer = createForeignOrigin(state.journal);
  const [origin, adminUrl, foreignOrigin] = await Promise.all([
    listen(publicServer, options.port),
    listen(adminServer, options.adminPort),
    listen(foreignServer),
  ]);
  const foreignUrl = `${foreignOrigin}/mcp`;
  world = {
    origin,
    foreignUrl,
    tenant: () => state.tenant,
    settings: () => state.settings,
    journal: state.journal,
    faults: state.faults,
    sessions: state.sessions,
    verify,
    closing: closing.signal,
  };
  const close = async (): Promise<void> => {
    closing.abort(new Error('The simulator is closing.'));
    state.sessions.closeStreams();
    await Promise.all([publicServer, adminServer, foreignServer].map(stop));
  };
  return {
    origin,
    mcpUrl: `${origin}/mcp`,
    catalogueUrl: (serverId) => `${origin}/agents/tenants/${options.tenantId ?? DEFAULT_TENANT_ID}/servers/${serverId}`,
    adminUrl,
    foreignUrl,
    control,
    close,
    [Symbol.asyncDispose]: close,
  };
}

async function listen(server: Server, port = 0): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function stop(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
