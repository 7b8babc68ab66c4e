// The errors of a call whose server or tool cannot be found, with the names that do exist.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';

export function unknownServer(name: string, names: readonly string[]): RockBotError {
  return new RockBotError({
    code: 'tool_not_found',
    message: `There is no server "${name}".`,
    action:
      names.length === 0
        ? 'Add one to mcp.json, for example with "rockbot servers add workiq".'
        : `The servers are: ${names.join(', ')}.`,
  });
}

export function unknownTool(server: string | undefined, tool: string, names: readonly string[]): RockBotError {
  const shown = closestFirst(tool, names).slice(0, 20);
  return new RockBotError({
    code: 'tool_not_found',
    message: server === undefined ? `No server has a tool "${tool}".` : `The server "${server}" has no tool "${tool}".`,
    action:
      shown.length === 0
        ? 'No tools are known at the moment; list them to see why.'
        : `The tools are: ${shown.join(', ')}${names.length > shown.length ? ', …' : ''}.`,
  });
}

export function ambiguousTool(tool: string, servers: readonly string[]): RockBotError {
  return new RockBotError({
    code: 'invalid_request',
    message: `Several servers have a tool "${tool}".`,
    action: `Name one of them as server: ${servers.join(', ')}.`,
  });
}

export function deniedTool(server: string, tool: string, reason: string): RockBotError {
  return new RockBotError({
    code: 'guard_denied',
    message: `The tool "${tool}" of "${server}" may not be called: ${reason}.`,
    action: "Change the server's entry in mcp.json, if that is yours to decide.",
  });
}

/** Names that share most with the wanted one come first. */
function closestFirst(wanted: string, names: readonly string[]): string[] {
  const words = new Set(wanted.toLowerCase().split(/[^a-z0-9]+/));
  const score = (name: string): number =>
    name
      .toLowerCase()
      .split(/[^a-z0-9]+/)
      .filter((word) => words.has(word)).length + (name.toLowerCase() === wanted.toLowerCase() ? 10 : 0);
  return [...names].sort((left, right) => score(right) - score(left) || left.localeCompare(right));
}
