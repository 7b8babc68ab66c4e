// What the agent lists of a server, in words for a lens and for a hover; text from servers stays text. Pure.
import type { HiddenTool, ListedServer } from '../../shared/contract/tool-messages.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';

const stateWords: Readonly<Record<string, { word: string; icon: string }>> = {
  ready: { word: 'ready', icon: 'pass' },
  connecting: { word: 'connecting', icon: 'loading~spin' },
  auth_required: { word: 'needs a sign-in', icon: 'lock' },
  unavailable: { word: 'unavailable', icon: 'error' },
  disabled: { word: 'disabled', icon: 'circle-slash' },
  invalid: { word: 'invalid entry', icon: 'error' },
};

export function stateWord(state: string): { word: string; icon: string } {
  return stateWords[state] ?? { word: cleanLine(state).replaceAll('_', ' '), icon: 'question' };
}

/** `3 tools, 1 hidden`; empty while nothing is known of tools. */
export function toolCounts({ state, tools, hidden }: ListedServer): string {
  const named = hidden.filter(({ name }) => name !== undefined).length;
  return [
    ...(state === 'ready' || tools.length > 0 ? [tools.length === 1 ? '1 tool' : `${tools.length} tools`] : []),
    ...(named > 0 ? [`${named} hidden`] : []),
  ].join(', ');
}

const shownTools = 15;
const shownHidden = 5;

/** Markdown. */
export function serverCard(server: ListedServer): string {
  const { name, state, type, profile, version, tools, error, limits } = server;
  const way = [
    type,
    ...(profile === undefined ? [] : [`bearer of profile ${profile}`]),
    ...(version === undefined ? [] : [`version ${version}`]),
  ];
  return [
    `**${escapeMarkdown(name)}**: ${escapeMarkdown([stateWord(state).word, toolCounts(server)].filter(Boolean).join(', '))}`,
    escapeMarkdown(way.join(', ')),
    ...(error === undefined
      ? []
      : [escapeMarkdown(error.message), ...(error.action === undefined ? [] : [escapeMarkdown(error.action)])]),
    ...(tools.length === 0 ? [] : [`Tools: ${namesText(tools.map((tool) => tool.name))}`]),
    ...hiddenText(server.hidden),
    ...(limits === undefined
      ? []
      : [
          `Calls today: ${limits.callsToday}${limits.callsPerDay === undefined ? '' : ` of ${limits.callsPerDay}`}; running: ${limits.running}, waiting: ${limits.waiting}`,
        ]),
  ].join('\n\n');
}

function namesText(names: readonly string[]): string {
  const shown = names.slice(0, shownTools).map((name) => escapeMarkdown(name));
  return shown.join(', ') + (names.length > shownTools ? ` and ${names.length - shownTools} more` : '');
}

function hiddenText(hidden: readonly HiddenTool[]): string[] {
  const shown = hidden
    .slice(0, shownHidden)
    .map(({ name, reason }) => `- ${escapeMarkdown(name ?? 'all tools')}: ${escapeMarkdown(reason)}`);
  if (shown.length === 0) return [];
  const more = hidden.length > shownHidden ? [`- and ${hidden.length - shownHidden} more`] : [];
  return [`Hidden:\n${[...shown, ...more].join('\n')}`];
}
