// Turns what a window knows of its agent into what the language features may know; it holds no value of any variable.
import type { McpFileContent } from '../../shared/contract/manage-messages.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { serversInWindow } from '../connection/window-advice.ts';
import type { LanguageContext } from './language-context.ts';

/** What the agent tells beside its state, when it was asked. */
export type FileFacts = Pick<McpFileContent, 'profiles' | 'environment' | 'tenantId' | 'editing'>;

/** Without an agent that is heard nothing is said of one. */
export function contextOfState(
  { agentName, agent, auth, servers }: ConnectionState,
  facts?: FileFacts,
): LanguageContext {
  if (agent.kind !== 'online' || servers === undefined) return {};
  return {
    agent: {
      name: agentName,
      tenantId: facts?.tenantId ?? auth?.account?.tenantId,
      auth,
      profiles: facts?.profiles,
      environment: facts?.environment,
      editing: facts?.editing,
      servers: serversInWindow(servers, auth),
    },
  };
}
