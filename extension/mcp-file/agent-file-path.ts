// Paths of the virtual files of agents: `/<agent>/mcp.json`, and the folders above it. Pure.
import { agentNamePattern } from '../../shared/agent-name.ts';

export const agentScheme = 'rockbot';

export type AgentPath = { kind: 'folder' } | { kind: 'mcp_json'; agent: string } | { kind: 'nothing' };

/** `nothing` for a path that no agent can have. */
export function parseAgentPath(path: string): AgentPath {
  const [agent = '', file, ...more] = path.split('/').filter((part) => part !== '');
  if (agent === '' || (file === undefined && agentNamePattern.test(agent))) return { kind: 'folder' };
  const isFile = agentNamePattern.test(agent) && file === 'mcp.json' && more.length === 0;
  return isFile ? { kind: 'mcp_json', agent } : { kind: 'nothing' };
}

/** `/rockbot/mcp.json` */
export function agentPath(agent: string): string {
  return `/${agent}/mcp.json`;
}
