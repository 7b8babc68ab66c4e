// What a person sees and does of the agent's servers, put together: the view, what the agent says of them, and their mcp.json.
import type { ConnectionSession } from '../connection/connection-session.ts';
import type { FirstWord } from '../connection/first-word.ts';
import { AgentMcpFile } from '../mcp-file/agent-mcp-file.ts';
import { createOpenMcpJson } from './open-mcp-json.ts';
import { createServerDetails } from './server-details.ts';
import { createServersView, type ServersView, type ServersViewOptions } from './servers-view.ts';

export interface ServersOptions extends Pick<ServersViewOptions, 'runTool'> {
  session: ConnectionSession;
  firstWord: Pick<FirstWord, 'isComing' | 'wait'>;
  /** Path of the mcp.json of the local agent that this window uses; undefined for another agent. */
  localFile: () => string | undefined;
}

export interface Servers extends ServersView {
  openMcpJson(): Promise<void>;
}

export function createServers({ session, firstWord, localFile, runTool }: ServersOptions): Servers {
  const state = () => session.state;
  const details = createServerDetails({ state });
  const canRead = () => new AgentMcpFile({ request: (name, payload) => session.request(name, payload) }).read();
  const openMcpJson = createOpenMcpJson({ localFile, state, firstWord, canRead, showDetails: details.show });
  const view = createServersView({
    state,
    manage: (request) => session.request('mcpManage', request),
    refresh: () => session.refresh(),
    runTool,
    openEntry: openMcpJson,
    showDetails: details.show,
  });
  return {
    changed: () => view.changed(),
    openMcpJson: () => openMcpJson(),
    dispose: () => {
      view.dispose();
      details.dispose();
    },
  };
}
