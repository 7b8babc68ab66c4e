// How the calls of the activity view look, and which of them a filter leaves; pure.
import { commandIds, itemKinds } from '../contributions.ts';
import { callerText } from '../results/caller-text.ts';
import { cleanLine } from '../results/clean-text.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import type { NodeView } from '../servers/node-view.ts';
import type { Call } from './activity-log.ts';

export interface ActivityFilter {
  /** Part of server, tool, caller or error code; case does not matter. */
  text: string;
  outcome: 'all' | 'running' | 'failed';
}

export const noFilter: ActivityFilter = { text: '', outcome: 'all' };

export function isFiltered({ text, outcome }: ActivityFilter): boolean {
  return text !== '' || outcome !== 'all';
}

export function filterCalls(calls: readonly Call[], filter: ActivityFilter): readonly Call[] {
  if (!isFiltered(filter)) return calls;
  const wanted = filter.text.toLowerCase();
  return calls.filter(
    ({ server, tool, caller, outcome }) =>
      (filter.outcome === 'all' || outcome.kind === filter.outcome) &&
      [server, tool, caller, outcome.kind === 'failed' ? outcome.code : ''].some((text) =>
        text.toLowerCase().includes(wanted),
      ),
  );
}

export function callView(call: Call, { timeZone, locale }: { timeZone: string; locale: string }): NodeView {
  const { callId, outcome } = call;
  const [tool, server, caller] = [call.tool, call.server, call.caller].map(cleanLine) as [string, string, string];
  const time = (style: 'short' | 'medium'): string =>
    new Intl.DateTimeFormat(locale, { timeZone, timeStyle: style }).format(call.startedAt);
  const day = new Intl.DateTimeFormat(locale, { timeZone, dateStyle: 'medium' }).format(call.startedAt);
  const { icon, color, word } = lookOf(outcome);
  return {
    id: callId,
    label: tool,
    description: [server, word, callerText(caller), time('short')].filter((part) => part !== '').join(' \u00b7 '),
    tooltip: [
      `**${escapeMarkdown(tool)}** on ${escapeMarkdown(server)}`,
      `${escapeMarkdown(word)}, called by ${escapeMarkdown(caller)}, ${escapeMarkdown(`${day} ${time('medium')}`)}`,
      ...(outcome.kind === 'failed' ? [escapeMarkdown(outcome.message)] : []),
    ].join('\n\n'),
    icon,
    ...(color !== undefined && { color }),
    contextValue: outcome.kind === 'running' ? itemKinds.runningCall : itemKinds.finishedCall,
    children: 'none',
    command: commandIds.openResult,
    accessibilityLabel: `${tool} on ${server}, ${word}, by ${callerText(caller)}, ${time('short')}`,
  };
}

function lookOf(outcome: Call['outcome']): { icon: string; color?: string; word: string } {
  switch (outcome.kind) {
    case 'running':
      return { icon: 'loading~spin', word: outcome.progress === undefined ? 'running' : cleanLine(outcome.progress) };
    case 'ok':
      return { icon: 'pass', color: 'testing.iconPassed', word: durationText(outcome.durationMs) };
    case 'failed':
      return outcome.code === 'cancelled'
        ? { icon: 'circle-slash', color: 'disabledForeground', word: 'cancelled' }
        : { icon: 'error', color: 'testing.iconFailed', word: cleanLine(outcome.code) };
    case 'lost':
      return { icon: 'question', color: 'disabledForeground', word: 'end not heard' };
  }
}

function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(1, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}
