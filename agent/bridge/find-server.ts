// Which server a tool belongs to when its caller does not say. Pure.
import { ambiguousTool, unknownTool } from './lookup-errors.ts';
import type { ToolCatalog } from './tool-catalog.ts';

interface Candidate {
  readonly name: string;
  readonly catalog: Pick<ToolCatalog, 'tools'>;
}

export function serversWith<Server extends Candidate>(tool: string, servers: readonly Server[]): Server[] {
  return servers.filter(({ catalog }) => catalog.tools.has(tool));
}

/** The only one that has the tool, or the only one there is. Throws RockBotError with the names that do exist. */
export function findServer<Server extends Candidate>(tool: string, servers: readonly Server[]): Server {
  const having = serversWith(tool, servers);
  const [only] = having.length === 0 && servers.length === 1 ? servers : having;
  if (having.length > 1) {
    const names = having.map(({ name }) => name);
    throw ambiguousTool(tool, names);
  }
  if (only !== undefined) return only;
  const names = servers.flatMap(({ catalog }) => [...catalog.tools.keys()]);
  throw unknownTool(undefined, tool, names);
}
