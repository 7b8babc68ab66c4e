// The servers view as nodes and how each looks; pure, it knows no vscode.
import type { HiddenTool, ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { phaseOf } from '../connection/connection-phase.ts';
import { serverAdvice, serversInWindow } from '../connection/window-advice.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds, itemKinds } from '../contributions.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import type { NodeView } from './node-view.ts';

export type ServerNode =
  | { kind: 'sign_in'; isAgain: boolean }
  | { kind: 'problem'; text: string }
  /** `advice`: what to do about its error. */
  | { kind: 'server'; server: ListedServer; advice?: string | undefined }
  | { kind: 'tool'; server: string; tool: ListedTool }
  | { kind: 'hidden'; server: string; tool: HiddenTool };

/** Empty where a welcome text says what is missing. */
export function rootNodes(state: ConnectionState): ServerNode[] {
  const { servers, configProblems } = state;
  if (servers === undefined) return [];
  const phase = phaseOf(state);
  const needsSignIn = phase === 'expired' || phase === 'refused' || phase === 'not_connected';
  return [
    ...(needsSignIn && servers.length > 0 ? [{ kind: 'sign_in', isAgain: phase !== 'not_connected' } as const] : []),
    ...configProblems
      .filter((text) => !servers.some((server) => isOfInvalid(text, server)))
      .map((text) => ({ kind: 'problem', text }) as const),
    ...serversInWindow(servers, state.auth).map(
      (server) => ({ kind: 'server', server, advice: serverAdvice(server, state.auth) }) as const,
    ),
  ];
}

/** The agent lists an entry that never worked as a server, too; its problems begin with its name. */
function isOfInvalid(problem: string, { name, state }: ListedServer): boolean {
  return state === 'invalid' && problem.startsWith(`${name}: `);
}

export function childNodes(node: ServerNode): ServerNode[] {
  if (node.kind !== 'server') return [];
  const { name, state, tools, hidden } = node.server;
  // Its own row says why.
  if (state === 'invalid') return [];
  return [
    ...tools.map((tool) => ({ kind: 'tool', server: name, tool }) as const),
    ...hidden.map((tool) => ({ kind: 'hidden', server: name, tool }) as const),
  ];
}

export function nodeView(node: ServerNode): NodeView {
  switch (node.kind) {
    case 'sign_in':
      return {
        id: 'sign-in',
        label: node.isAgain ? 'Reconnect M365' : 'Connect M365',
        description: node.isAgain ? 'the sign-in has ended' : 'sign in once, the agent does the rest',
        icon: node.isAgain ? 'warning' : 'account',
        ...(node.isAgain && { color: 'list.warningForeground' }),
        children: 'none',
        command: node.isAgain ? commandIds.reconnectM365 : commandIds.connectM365,
        accessibilityLabel: node.isAgain ? 'Reconnect Microsoft 365' : 'Connect Microsoft 365',
      };
    case 'problem': {
      const text = cleanLine(node.text);
      return {
        id: `problem ${text}`,
        label: 'mcp.json',
        description: text,
        tooltip: `${escapeMarkdown(text)}\n\nThe last good configuration stays in force.`,
        icon: 'error',
        color: 'list.errorForeground',
        children: 'none',
        command: commandIds.openMcpJson,
        accessibilityLabel: `Problem in mcp.json: ${text}`,
      };
    }
    case 'server':
      return serverView(node);
    case 'tool':
      return toolView(node);
    case 'hidden':
      return hiddenView(node);
  }
}

interface StateLook {
  word: string;
  icon: string;
  color?: string;
}

const stateLooks: Readonly<Record<string, StateLook>> = {
  ready: { word: '', icon: 'pass', color: 'testing.iconPassed' },
  connecting: { word: 'connecting', icon: 'loading~spin' },
  auth_required: { word: 'needs a sign-in', icon: 'lock', color: 'list.warningForeground' },
  unavailable: { word: 'unavailable', icon: 'error', color: 'list.errorForeground' },
  disabled: { word: 'disabled', icon: 'circle-slash', color: 'disabledForeground' },
  invalid: { word: 'invalid entry', icon: 'error', color: 'list.errorForeground' },
};

/** The kinds of connection of mcp.json, in words. */
const typeWords: ReadonlyMap<string, string> = new Map([
  ['streamable-http', 'over HTTP'],
  ['sse', 'over HTTP (server-sent events)'],
  ['stdio', "a program on the agent's machine"],
]);

function serverView({ server, advice }: Extract<ServerNode, { kind: 'server' }>): NodeView {
  const { name, state, type, profile, version, tools, hidden, error } = server;
  const { word, icon, color } = stateLooks[state] ?? { word: state, icon: 'question' };
  const label = cleanLine(name);
  const counts = [
    ...(state === 'ready' ? [count(tools.length, 'tool')] : []),
    ...(hidden.length > 0 && state === 'ready' ? [`${hidden.length} hidden`] : []),
  ];
  const isInvalid = state === 'invalid';
  const why = isInvalid ? cleanLine(hidden[0]?.reason ?? '') : state === 'unavailable' ? shortReason(error) : '';
  const description = [...(word === '' ? [] : [cleanLine(word)]), ...counts].join(', ');
  const way = typeWords.get(type) ?? (isInvalid ? undefined : type);
  const account = profile === undefined ? undefined : `signed in with the profile ${profile}`;
  const details = [
    `**${escapeMarkdown(label)}**${version === undefined ? '' : ` ${escapeMarkdown(version)}`}`,
    [way, account].flatMap((part) => (part === undefined ? [] : [escapeMarkdown(part)])).join(', '),
    ...(error === undefined ? [] : [escapeMarkdown(error.message), ...(advice ? [escapeMarkdown(advice)] : [])]),
  ].filter((part) => part !== '');
  return {
    id: JSON.stringify(['server', name]),
    label,
    description: why === '' ? description : `${description}: ${why}`,
    tooltip: details.join('\n\n'),
    icon,
    ...(color !== undefined && { color }),
    contextValue: itemKinds.server,
    children: isInvalid || tools.length + hidden.length === 0 ? 'none' : 'closed',
    ...(isInvalid && { command: commandIds.openServerEntry }),
    ...(state === 'unavailable' && { command: commandIds.showServerDetails }),
    accessibilityLabel: `Server ${label}, ${[word || 'ready', ...counts].join(', ')}${error === undefined ? '' : `. ${cleanLine(error.message)}`}`,
  };
}

/** The first words of the error, without the server's name, which the row has. */
function shortReason(error: ListedServer['error']): string {
  if (error === undefined) return '';
  const sentence = firstSentence(error.message).replace(/[.!?]$/, '');
  return sentence.replace(/^(?:The )?(?:MCP )?server "[^"]*" (?:is |was |has been )?/i, '').slice(0, longestReason);
}

function toolView({ server, tool }: Extract<ServerNode, { kind: 'tool' }>): NodeView {
  const label = cleanLine(tool.name);
  const isRead = tool.sideEffects === 'read';
  const text = firstSentence(tool.description ?? tool.title ?? '');
  return {
    id: JSON.stringify(['tool', server, tool.name]),
    label,
    description: text,
    tooltip: [
      `**${escapeMarkdown(label)}** ${isRead ? '$(eye) reads' : '$(edit) can change things'}`,
      ...(tool.description === undefined ? [] : [paragraphs(tool.description)]),
    ].join('\n\n'),
    icon: isRead ? 'eye' : 'edit',
    ...(!isRead && { color: 'list.warningForeground' }),
    contextValue: itemKinds.tool,
    children: 'none',
    accessibilityLabel: `Tool ${label}, ${isRead ? 'reads' : 'can change things'}. ${text}`,
  };
}

/** Short, since a server that waits for something says the same of all its tools; the reason is in the tooltip. */
const hiddenWords: Readonly<Record<HiddenTool['code'], string>> = {
  auth_required: 'needs a sign-in',
  unavailable: 'not available now',
  denied: 'denied in mcp.json',
  not_allowed: 'not allowed in mcp.json',
  disabled: 'disabled in mcp.json',
  invalid: 'invalid entry in mcp.json',
};

function hiddenView({ server, tool }: Extract<ServerNode, { kind: 'hidden' }>): NodeView {
  const label = cleanLine(tool.name ?? 'All tools');
  const reason = cleanLine(tool.reason);
  return {
    id: JSON.stringify(['hidden', server, tool.name]),
    label,
    description: hiddenWords[tool.code],
    tooltip: `**${escapeMarkdown(label)}** is hidden\n\n${escapeMarkdown(reason)}`,
    icon: 'eye-closed',
    color: 'disabledForeground',
    contextValue: itemKinds.hiddenTool,
    children: 'none',
    ...(tool.code === 'auth_required' && { command: commandIds.reconnectM365 }),
    accessibilityLabel: `Hidden tool ${label}. ${reason}`,
  };
}

const longestTooltip = 2_000;
const longestReason = 120;

function paragraphs(text: string): string {
  return cleanBlock(text.slice(0, longestTooltip))
    .split(/\n{2,}/)
    .map((paragraph) => escapeMarkdown(paragraph))
    .join('\n\n');
}

function firstSentence(text: string): string {
  const line = cleanLine(text.slice(0, 400));
  const end = line.search(/[.!?](?:\s|$)/);
  return end === -1 ? line : line.slice(0, end + 1);
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`;
}
