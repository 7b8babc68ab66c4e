// Serves listing, cancelling and managing; calls themselves are in invoke-handler.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import type { AccountSession } from '../auth/account-session.ts';
import type { Bridge } from '../bridge/bridge.ts';
import type { Handlers } from '../bus.ts';
import type { ServerRegistry } from '../bridge/server-registry.ts';

export interface ToolHandlersOptions {
  agent: string;
  bridge: Bridge;
  session: AccountSession;
  registry: ServerRegistry;
}

/** Milliseconds within which a requested re-listing must end. */
const refreshTimeoutMs = 30_000;

export function createToolHandlers({
  agent,
  bridge,
  session,
  registry,
}: ToolHandlersOptions): Pick<Handlers, 'toolList' | 'toolCancel' | 'mcpManage'> {
  return {
    toolList: async ({ server }) => ({
      agent,
      auth: session.state(),
      servers: bridge.list(server),
      problems: [...bridge.problems],
    }),
    toolCancel: async ({ callId }) => ({ callId, cancelled: bridge.cancel(callId) }),
    async mcpManage(request) {
      switch (request.action) {
        case 'register':
          await registry.register(request.name, request.entry);
          break;
        case 'unregister':
          await registry.unregister(request.name);
          break;
        case 'refresh':
          await bridge.refresh(request.name, refreshDeadline());
          break;
        case 'details':
          break;
      }
      return { servers: bridge.list(request.name) };
    },
  };
}

function refreshDeadline(): AbortSignal {
  const controller = new AbortController();
  const message = `The server did not list its tools within ${refreshTimeoutMs / 1000} s.`;
  setTimeout(() => {
    controller.abort(new RockBotError({ code: 'timeout', message, action: 'Look whether it runs, then try again.' }));
  }, refreshTimeoutMs).unref();
  return controller.signal;
}
