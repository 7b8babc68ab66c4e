// What the wire knows of one MCP endpoint and of the simulator around it. Types only; wired up by the simulator.
import type { Grant, Verdict } from '../auth.ts';
import type { FaultRegistry } from '../faults.ts';
import type { Journal } from '../journal.ts';
import type { Settings } from '../settings.ts';
import type { Tenant } from '../tenant/tenant.ts';
import type { ToolServer } from '../tools/tool-call.ts';
import type { Sessions } from './sessions.ts';

export type Endpoint = {
  /** `mcp` or the catalogue's server id. */
  id: string;
  kind: 'unified' | 'catalogue';
  /** Without a last slash, as it stands in metadata. */
  path: string;
  grants: readonly Grant[];
  server: ToolServer;
};

export type World = {
  origin: string;
  foreignUrl: string;
  tenant(): Tenant;
  settings(): Settings;
  journal: Journal;
  faults: FaultRegistry;
  sessions: Sessions;
  verify(authorization: string | undefined, grants: readonly Grant[]): Promise<Verdict>;
  /** Aborts when the simulator closes. */
  closing: AbortSignal;
};
