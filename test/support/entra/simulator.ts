/** Starts the Entra ID simulator in this process and stops it; it must not know any endpoint's rules. */
import { createServer } from 'node:https';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createAdminApi } from './admin-api.ts';
import type { EntraControl } from './admin-contract.ts';
import { createCertificate, loadOrCreateCertificate } from './certificate.ts';
import { createControl } from './control.ts';
import { DEFAULT_TENANT_ID } from './directory.ts';
import type { ClientApp, DirectoryUser, ResourceApp } from './directory.ts';
import { createEntraState } from './entra-state.ts';
import { createInteractions } from './interactions.ts';
import { listenWithOutages } from './outage.ts';
import { createRequestHandler } from './server.ts';
import type { SettingsChange } from './settings.ts';

export interface EntraOptions {
  /** TLS port on 127.0.0.1; a free one unless told. */
  port?: number | undefined;
  /** Port of the admin API on 127.0.0.1; a free one unless told. */
  adminPort?: number | undefined;
  tenantId?: string | undefined;
  /** Instead of the one built-in public client. */
  clients?: ClientApp[] | undefined;
  /** Besides the built-in people; the same key replaces. */
  users?: DirectoryUser[] | undefined;
  /** Besides the built-in audiences. */
  resources?: ResourceApp[] | undefined;
  settings?: SettingsChange | undefined;
  /** Keeps key, certificate and CA there, so that a restarted simulator is trusted by the same clients. */
  certificateDirectory?: string | undefined;
}

export interface EntraSimulator {
  /** Authority of the home tenant, `https://localhost:<port>/<tenantId>`. */
  authority: string;
  /** Authority for any work account, `https://localhost:<port>/organizations`. */
  organizationsAuthority: string;
  /** `https://localhost:<port>` */
  origin: string;
  /** `localhost:<port>`, for MSAL's `knownAuthorities`. */
  host: string;
  port: number;
  /** `http://127.0.0.1:<adminPort>` */
  adminUrl: string;
  adminPort: number;
  tenantId: string;
  clientId: string;
  caPem: string;
  /** The CA as a PEM file; gone after `close()`. */
  caFile: string;
  users: DirectoryUser[];
  control: EntraControl;
  /** Idempotent; drops open connections. */
  close(): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Resolves when the simulator is ready. Rejects when a port is taken. */
export async function startEntra(options: EntraOptions = {}): Promise<EntraSimulator> {
  const certificate = options.certificateDirectory
    ? await loadOrCreateCertificate(options.certificateDirectory)
    : await createCertificate();
  const server = createServer({ key: certificate.key, cert: certificate.cert });
  const listener = await listenWithOutages(server, options.port ?? 0);
  const host = `localhost:${String(listener.port)}`;
  const origin = `https://${host}`;
  const state = await createEntraState({ origin, directory: options, settings: options.settings });
  const interactions = createInteractions(state);
  server.on('connection', () => state.log.connection());
  server.on('request', createRequestHandler(state, interactions));

  let wasHanging = state.settings.hang;
  const settingsChanged = async (): Promise<void> => {
    await listener.set(state.settings.outage);
    if (wasHanging && !state.settings.hang) listener.dropConnections();
    wasHanging = state.settings.hang;
  };
  const control = createControl({ state, interactions, settingsChanged });
  const admin = createAdminApi(control);
  await new Promise<void>((resolve, reject) => {
    admin.once('error', reject);
    admin.listen(options.adminPort ?? 0, '127.0.0.1', resolve);
  });
  await settingsChanged();

  const directory = await mkdtemp(join(tmpdir(), 'entra-simulator-'));
  const caFile = join(directory, 'ca.pem');
  await writeFile(caFile, certificate.ca);
  const adminPort = (admin.address() as AddressInfo).port;
  const tenantId = options.tenantId ?? DEFAULT_TENANT_ID;

  let closing: Promise<void> | undefined;
  const close = () =>
    (closing ??= (async () => {
      admin.close();
      admin.closeAllConnections();
      await listener.close();
      await rm(directory, { recursive: true, force: true });
    })());
  return {
    authority: `${origin}/${tenantId}`,
    organizationsAuthority: `${origin}/organizations`,
    origin,
    host,
    port: listener.port,
    adminUrl: `http://127.0.0.1:${String(adminPort)}`,
    adminPort,
    tenantId,
    clientId: state.directory.clients()[0]?.clientId ?? '',
    caPem: certificate.ca,
    caFile,
    users: state.directory.users(),
    control,
    close,
    [Symbol.asyncDispose]: close,
  };
}
