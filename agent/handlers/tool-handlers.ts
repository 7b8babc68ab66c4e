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
import type { McpFile, WrittenMcpFile } from '../mcp-file/mcp-file.ts';

export interface ToolHandlersOptions {
  agent: string;
  bridge: Pick<Bridge, 'list' | 'problems' | 'cancel' | 'refresh'>;
  session: Pick<AccountSession, 'state'>;
  registry: Pick<ServerRegistry, 'register' | 'unregister'>;
  mcpFile: Pick<McpFile, 'read' | 'write'>;
  audit: Pick<AuditLog, 'record'>;
  clock: Pick<Clock, 'now'>;
  logger: Logger;
}

/** Milliseconds within which a requested re-listing must end. */
const refreshTimeoutMs = 30_000;

export function createToolHandlers(
  options: ToolHandlersOptions,
): Pick<Handlers, 'toolList' | 'toolCancel' | 'mcpManage' | 'mcpFile'> {
  const { agent, bridge, session, registry, mcpFile } = options;
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
          await accounted(options, { ...request, context }, () => registry.register(request.name, request.entry));
          break;
        case 'unregister':
          await accounted(options, { ...request, context }, () => registry.unregister(request.name));
          break;
        case 'refresh': {
          using deadline = startDeadline(refreshTimeoutMs, { reason: notListedInTime });
          await bridge.refresh(request.name, deadline.signal);
          break;
        }
        case 'read':
          return { servers: [], file: await mcpFile.read({ names: 'usable' }) };
        case 'write': {
          const written = await accountedWrite(options, context, () => mcpFile.write(request));
          const { added, changed } = written.applied;
          return { servers: bridge.list().filter(({ name }) => [...added, ...changed].includes(name)), ...written };
        }
        case 'details':
          break;
      }
      return { servers: bridge.list(request.name) };
    },
    mcpFile: async () => ({ file: await mcpFile.read({ names: 'used' }) }),
  };
}

interface Change {
  action: 'register' | 'unregister' | 'write';
  name: string;
  context: RequestContext;
}

async function accounted<Result>(
  options: ToolHandlersOptions,
  change: Change,
  perform: () => Promise<Result>,
): Promise<Result> {
  const startedAt = options.clock.now();
  try {
    const result = await perform();
    account(options, { ...change, startedAt, outcome: 'ok' });
    return result;
  } catch (error) {
    account(options, { ...change, startedAt, outcome: toWireError(error).code });
    throw error;
  }
}

/** Lines of one write; a file of whatever length does not fill the audit log. */
const maxWriteLines = 100;

/** One line for each server that it changed, so that both logs say who changed which; else one of the file. */
async function accountedWrite(
  options: ToolHandlersOptions,
  context: RequestContext,
  perform: () => Promise<WrittenMcpFile>,
): Promise<WrittenMcpFile> {
  const startedAt = options.clock.now();
  const change = { action: 'write', context, startedAt } as const;
  try {
    const written = await perform();
    const { added, changed, removed } = written.applied;
    const names = [...added, ...changed, ...removed];
    for (const name of names.length === 0 ? [wholeFile] : names.slice(0, maxWriteLines))
      account(options, { ...change, name, outcome: 'ok' });
    return written;
  } catch (error) {
    account(options, { ...change, name: wholeFile, outcome: toWireError(error).code });
    throw error;
  }
}

/** No name of a server. */
const wholeFile = '(mcp.json)';

function account(
  { audit, clock, logger }: ToolHandlersOptions,
  { action, name, context, startedAt, outcome }: Change & { startedAt: number; outcome: string },
): void {
  // In the caller's own words, and of any length.
  const server = plainLine(name, 128);
  const { source, inbox, correlationId } = context;
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
}

function notListedInTime(): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `The server did not list its tools within ${refreshTimeoutMs / 1000} s.`,
    action: 'Look whether it runs, then try again.',
  });
}
