// What stands above each server of an mcp.json: its state and tools, and what can be done with it now. Nothing without an agent.
import type { CodeLens, Command, Range } from 'vscode-languageserver';
import type { AuthState } from '../../shared/contract/auth-state.ts';
import type { ListedServer } from '../../shared/contract/tool-messages.ts';
import { commandIds } from '../contributions.ts';
import { cleanLine } from '../results/clean-text.ts';
import { listedServer } from './known-server.ts';
import type { LanguageContext } from './language-context.ts';
import type { McpDocument } from './mcp-document.ts';
import { rangeOf } from './mcp-place.ts';
import { stateWord, toolCounts } from './server-words.ts';

const mostServers = 500;
/** A plain space behind an icon is not drawn. */
const gap = '\u00a0';

export function codeLenses(document: McpDocument, context: LanguageContext): CodeLens[] {
  const { agent } = context;
  if (agent === undefined) return [];
  // While a text is not closed, parts of entries look like names.
  const servers = document.servers.filter(({ value }) => value?.type === 'object');
  return servers.slice(0, mostServers).flatMap(({ name, key }) => {
    const range = rangeOf(document, key.offset, key.offset + key.length);
    const listed = listedServer(context, name);
    if (listed === undefined)
      return [lens(range, { title: `$(circle-outline)${gap}not in force on ${cleanLine(agent.name)}`, command: '' })];
    return commandsOf(listed, agent.auth).map((command) => lens(range, command));
  });
}

function lens(range: Range, command: Command): CodeLens {
  return { range, command };
}

function commandsOf(listed: ListedServer, auth: AuthState | undefined): Command[] {
  const { name, state, tools } = listed;
  // As the servers view hands over its nodes.
  const node = { kind: 'server', server: { name } };
  const { word, icon } = stateWord(state);
  return [
    {
      title: `$(${icon})${gap}${[word, toolCounts(listed)].filter(Boolean).join(', ')}`,
      tooltip: cleanLine(listed.error?.message ?? 'Show Server Details'),
      command: commandIds.showServerDetails,
      arguments: [node],
    },
    ...(needsSignIn(listed, auth) ? [signIn(auth)] : []),
    ...(tools.length > 0 ? [{ title: 'Run Tool…', command: commandIds.runServerTool, arguments: [node] }] : []),
    ...(state === 'disabled' || state === 'invalid'
      ? []
      : [{ title: 'Refresh', command: commandIds.refreshServer, arguments: [node] }]),
  ];
}

function needsSignIn({ state, profile }: ListedServer, auth: AuthState | undefined): boolean {
  if (state === 'auth_required') return true;
  return profile !== undefined && (auth?.status === 'not_connected' || auth?.status === 'expired');
}

function signIn(auth: AuthState | undefined): Command {
  return auth?.status === 'expired'
    ? { title: `$(account)${gap}Reconnect M365`, command: commandIds.reconnectM365 }
    : { title: `$(account)${gap}Connect M365`, command: commandIds.connectM365 };
}
