// The servers view as nodes and how each looks; pure, it knows no vscode.
import type { HiddenTool, ListedServer, ListedTool } from '../../shared/contract/tool-messages.ts';
import { phaseOf } from '../connection/connection-phase.ts';
import type { ConnectionState } from '../connection/connection-state.ts';
import { commandIds, itemKinds } from '../contributions.ts';
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import type { NodeView } from './node-view.ts';

export type ServerNode =
  | { kind: 'sign_in'; isAgain: boolean }
  | { kind: 'problem'; text: string }
  | { kind: 'server'; server: ListedServer }
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
    ...configProblems.map((text) => ({ kind: 'problem', text }) as const),
    ...servers.map((server) => ({ kind: 'server', server }) as const),
  ];
}

export function childNodes(node: ServerNode): ServerNode[] {
  if (node.kind !== 'server') return [];
  const { name, tools, hidden } = node.server;
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
      return serverView(node.server);
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

function serverView({ name, state, type, profile, version, tools, hidden, error }: ListedServer): NodeView {
  const { word, icon, color } = stateLooks[state] ?? { word: state, icon: 'question' };
  const label = cleanLine(name);
  const counts = [
    ...(state === 'ready' ? [count(tools.length, 'tool')] : []),
    ...(hidden.length > 0 && state === 'ready' ? [`${hidden.length} hidden`] : []),
  ];
  const description = [...(word === '' ? [] : [cleanLine(word)]), ...counts].join(', ');
  const details = [
    `**${escapeMarkdown(label)}**${version === undefined ? '' : ` ${escapeMarkdown(version)}`}`,
    [type, ...(profile === undefined ? [] : [`profile ${profile}`])].map(escapeMarkdown).join(', '),
    ...(error === undefined
      ? []
      : [escapeMarkdown(error.message), ...(error.action ? [escapeMarkdown(error.action)] : [])]),
  ];
  return {
    id: JSON.stringify(['server', name]),
    label,
    description,
    tooltip: details.join('\n\n'),
    icon,
    ...(color !== undefined && { color }),
    contextValue: itemKinds.server,
    children: tools.length + hidden.length === 0 ? 'none' : 'closed',
    accessibilityLabel: `Server ${label}, ${[word || 'ready', ...counts].join(', ')}${error === undefined ? '' : `. ${cleanLine(error.message)}`}`,
  };
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

function hiddenView({ server, tool }: Extract<ServerNode, { kind: 'hidden' }>): NodeView {
  const label = cleanLine(tool.name ?? 'All tools');
  const reason = cleanLine(tool.reason);
  return {
    id: JSON.stringify(['hidden', server, tool.name]),
    label,
    description: `hidden: ${reason}`,
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
