// Serves listing, cancelling and managing; calls themselves are in invoke-handler. What changes mcp.json leaves a line in the log
// and one in the audit log: an entry decides where the account's bearer goes.
import type { Clock } from '../../shared/clock.ts';
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { toWireError } from '../../shared/errors/wire-error.ts';
import { plainLine } from '../../shared/plain-text.ts';
import type { AuditLog } from '../audit/audit-log.ts';
import type { AccountSession } from '../auth/account-session.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { ServerRegistry } from '../bridge/server-registry.ts';
import type { Handlers } from '../bus.ts';
import type { RequestContext } from '../bus/answer-request.ts';
import type { Logger } from '../logger.ts';

export interface ToolHandlersOptions {
  agent: string;
  bridge: Pick<Bridge, 'list' | 'problems' | 'cancel' | 'refresh'>;
  session: Pick<AccountSession, 'state'>;
  registry: Pick<ServerRegistry, 'register' | 'unregister'>;
  audit: Pick<AuditLog, 'record'>;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

/** Milliseconds within which a requested re-listing must end. */
const refreshTimeoutMs = 30_000;

export function createToolHandlers(
  options: ToolHandlersOptions,
): Pick<Handlers, 'toolList' | 'toolCancel' | 'mcpManage'> {
  const { agent, bridge, session, registry } = options;
  return {
    toolList: async ({ server }) => ({
      agent,
      auth: session.state(),
      servers: bridge.list(server),
      problems: [...bridge.problems],
    }),
    toolCancel: async ({ callId }) => ({ callId, cancelled: bridge.cancel(callId) }),
    async mcpManage(request, context) {
      switch (request.action) {
        case 'register':
          await accounted(options, { request, context }, () => registry.register(request.name, request.entry));
          break;
        case 'unregister':
          await accounted(options, { request, context }, () => registry.unregister(request.name));
          break;
        case 'refresh': {
          using deadline = startDeadline(refreshTimeoutMs, { reason: notListedInTime });
          await bridge.refresh(request.name, deadline.signal);
          break;
        }
        case 'details':
          break;
      }
      return { servers: bridge.list(request.name) };
    },
  };
}

interface Change {
  request: { action: 'register' | 'unregister'; name: string };
  context: RequestContext;
}

async function accounted(
  { audit, clock, logger }: ToolHandlersOptions,
  { request: { action, name }, context }: Change,
  change: () => Promise<void>,
): Promise<void> {
  const startedAt = clock.now();
  // In the caller's own words, and of any length.
  const server = plainLine(name, 128);
  const { source, inbox, correlationId } = context;
  const account = (outcome: string): void => {
    audit.record({
      at: new Date(startedAt).toISOString(),
      callId: crypto.randomUUID(),
      caller: source,
      inbox,
      correlationId,
      server,
      tool: `mcp/${action}`,
      outcome,
      durationMs: clock.now() - startedAt,
    });
    const what = outcome === 'ok' ? 'A server was changed over the bus.' : 'A change of a server over the bus failed.';
    logger.info(what, { action, server, source, inbox, correlationId, outcome });
  };
  try {
    await change();
  } catch (error) {
    account(toWireError(error).code);
    throw error;
  }
  account('ok');
}

function notListedInTime(): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `The server did not list its tools within ${refreshTimeoutMs / 1000} s.`,
    action: 'Look whether it runs, then try again.',
  });
}
