// Serves listing, cancelling and managing; calls themselves are in invoke-handler.
import { startDeadline } from '../../shared/deadline.ts';
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AccountSession } from '../auth/account-session.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { ServerRegistry } from '../bridge/server-registry.ts';
import type { Handlers } from '../bus.ts';
import type { McpFile } from '../mcp-file/mcp-file.ts';
import { accounted, accountedWrite, type ChangeLogs } from './accounted-change.ts';

export interface ToolHandlersOptions extends ChangeLogs {
  agent: string;
  bridge: Pick<Bridge, 'list' | 'problems' | 'cancel' | 'refresh'>;
  session: Pick<AccountSession, 'state'>;
  registry: Pick<ServerRegistry, 'register' | 'unregister'>;
  mcpFile: Pick<McpFile, 'read' | 'write'>;
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

function notListedInTime(): RockBotError {
  return new RockBotError({
    code: 'timeout',
    message: `The server did not list its tools within ${refreshTimeoutMs / 1000} s.`,
    action: 'Look whether it runs, then try again.',
  });
}
