// A server entry with its ${NAME} values filled in, ready to be connected to.
import { RockBotError } from '../../shared/errors/rockbot-error.ts';
import { expandRecord, expandVariables } from '../../shared/mcp-config/expand-variables.ts';
import type { ServerEntry } from '../../shared/mcp-config/server-entry.ts';

export type ExpandedEntry =
  | { type: 'streamable-http' | 'sse'; url: URL; headers: Record<string, string> }
  | { type: 'stdio'; command: string; args: string[]; env: Record<string, string> };

/** Throws RockBotError `server_unavailable` naming the variables that are not set, or what is wrong with the url. */
export function expandEntry(entry: ServerEntry, lookup: (name: string) => string | undefined): ExpandedEntry {
  const missing = new Set<string>();
  const expanded = expand(entry, lookup, missing);
  if (missing.size > 0) {
    throw problem(
      `The environment of the agent does not set ${[...missing].join(', ')}.`,
      'Set it and restart the agent.',
    );
  }
  return expanded;
}

function expand(entry: ServerEntry, lookup: (name: string) => string | undefined, missing: Set<string>): ExpandedEntry {
  if (entry.type === 'stdio') {
    return {
      type: 'stdio',
      command: entry.command,
      args: entry.args.map((argument) => expandVariables(argument, lookup, missing)),
      env: expandRecord(entry.env, lookup, missing),
    };
  }
  const url = expandVariables(entry.url, lookup, missing);
  const headers = lowerCaseNames(expandRecord(entry.headers, lookup, missing));
  return {
    type: entry.type,
    url: missing.size > 0 ? new URL('https://unset.invalid') : checkedUrl(url, entry.url),
    headers,
  };
}

/** `written` is the url as it stands in mcp.json; what a variable held is not shown, for it may be a credential. */
function checkedUrl(text: string, written: string): URL {
  if (!URL.canParse(text)) throw problem(`"${written}" is no URL.`, 'Correct the url of the server.');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:')
    throw problem(`"${written}" has no protocol of an MCP server.`, 'Use https.');
  if (url.username !== '' || url.password !== '') throw problem('The url holds a user name or password.', 'Remove it.');
  return url;
}

/** One spelling, so that the headers of the protocol replace static ones instead of being sent beside them. */
function lowerCaseNames(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function problem(message: string, action: string): RockBotError {
  return new RockBotError({ code: 'server_unavailable', retryable: false, message, action });
}
