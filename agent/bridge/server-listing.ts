// How a server is listed, from what is known of it: its tools, or those that are missing and why. Pure.
import type { HiddenTool, ListedServer } from '../../shared/contract/tool-messages.ts';
import { isSignInCode } from '../../shared/errors/error-code.ts';
import type { CallLimits, ServerEntry } from '../../shared/mcp-config/server-entry.ts';
import type { BudgetUse } from './call-budget.ts';
import type { ServerState } from './server-state.ts';
import { filterReason, type ToolCatalog } from './tool-catalog.ts';

export interface KnownServer {
  name: string;
  entry: ServerEntry;
  /** Whose bearer it takes. */
  profile: string | undefined;
  state: ServerState;
  /** As the server was last listed. */
  catalog: ToolCatalog;
  /** Names of tools that were listed before the last start. */
  remembered: readonly string[];
  version: string | undefined;
  limits: CallLimits & Pick<Required<CallLimits>, 'concurrent' | 'queued'>;
  queue: { running: number; waiting: number };
  callsToday: BudgetUse;
}

/** While it cannot be called its tools are named as hidden (promise S5). */
export function listedServer(server: KnownServer): ListedServer {
  const { name, entry, profile, state, catalog, version, limits, queue, callsToday } = server;
  const error = 'error' in state ? state.error : undefined;
  return {
    name,
    state: state.status,
    type: entry.type,
    ...(profile !== undefined && { profile }),
    ...(version !== undefined && { version }),
    tools: state.status === 'ready' ? [...catalog.tools.values()] : [],
    hidden: [...missingTools(server), ...catalog.hidden],
    limits: { ...limits, running: queue.running, waiting: queue.waiting, ...callsToday },
    ...(error !== undefined && { error }),
  };
}

/** One entry without a name stands for a whole server whose tools were never seen. */
function missingTools({ state, entry, catalog, remembered }: KnownServer): HiddenTool[] {
  if (state.status === 'ready') return [];
  if (state.status === 'disabled') {
    const reason = 'it is disabled in mcp.json';
    return knownNames(catalog, remembered, entry).map((name) => ({ name, code: 'disabled', reason }));
  }
  // Before the first failure nothing is missing yet: whoever calls waits.
  if (state.error === undefined) return [];
  const isSignIn = state.status === 'auth_required' || isSignInCode(state.error.code);
  const why = { code: isSignIn ? 'auth_required' : 'unavailable', reason: state.error.message } as const;
  const names = knownNames(catalog, remembered, entry);
  return names.length === 0 ? [why] : names.map((name) => ({ name, ...why }));
}

/** Of tools that could be called; before the first listing since a start, those of the last one before it. */
function knownNames({ tools, hidden }: ToolCatalog, remembered: readonly string[], entry: ServerEntry): string[] {
  if (tools.size > 0 || hidden.length > 0) return [...tools.keys()];
  return remembered.filter((name) => filterReason(name, entry) === undefined);
}
