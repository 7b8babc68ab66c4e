// How the calls of the activity view look, and which of them a filter leaves; pure.
import { commandIds, itemKinds } from '../contributions.ts';
import { callerText } from '../results/caller-text.ts';
import { cleanLine } from '../results/clean-text.ts';
import { errorMeaning } from '../results/error-meaning.ts';
import { escapeMarkdown } from '../results/escape-markdown.ts';
import { callerName, longestCallMs } from '../servers/agent-tools.ts';
import type { NodeView } from '../servers/node-view.ts';
import type { Call } from './activity-log.ts';

export interface ActivityFilter {
  /** Part of server, tool, arguments, caller, error code or what is shown of the outcome; case does not matter. */
  text: string;
  /** A call that somebody cancelled has not failed. */
  outcome: 'all' | 'running' | 'failed';
}

export interface ActivityClock {
  /** Milliseconds since the epoch. */
  now: number;
  /** IANA name. */
  timeZone: string;
  /** BCP 47; the editor's display language. */
  locale: string;
}

/** What calls are about, one line each, by their ids; kept in memory alone, since it may be personal. */
export type Hints = ReadonlyMap<string, string>;

export const noFilter: ActivityFilter = { text: '', outcome: 'all' };

export function isFiltered({ text, outcome }: ActivityFilter): boolean {
  return text !== '' || outcome !== 'all';
}

export function filterCalls(calls: readonly Call[], filter: ActivityFilter, hints?: Hints): readonly Call[] {
  if (!isFiltered(filter)) return calls;
  const wanted = filter.text.toLowerCase();
  return calls.filter(
    ({ callId, server, tool, caller, outcome, sideEffects }) =>
      isWanted(outcome, filter.outcome) &&
      [
        server,
        tool,
        hints?.get(callId) ?? '',
        callerText(caller),
        lookOf({ outcome, sideEffects }).word,
        outcome.kind === 'failed' ? outcome.code : '',
      ].some((text) => text.toLowerCase().includes(wanted)),
  );
}

/** Who looks for failures looks for those inside of calls as well. */
function isWanted(outcome: Call['outcome'], wanted: ActivityFilter['outcome']): boolean {
  if (wanted === 'all') return true;
  if (wanted === 'failed' && failedCount(outcome) > 0) return true;
  return outcome.kind === wanted && !isCancelled(outcome);
}

function failedCount(outcome: Call['outcome']): number {
  return outcome.kind === 'ok' ? (outcome.failed ?? 0) : 0;
}

function isCancelled(outcome: Call['outcome']): boolean {
  return outcome.kind === 'failed' && outcome.code === 'cancelled';
}

/** `hint`: what the call is about, where this window knows it. */
export function callView(call: Call, { now, timeZone, locale }: ActivityClock, hint = ''): NodeView {
  const { callId, outcome } = call;
  const [tool, server] = [cleanLine(call.tool), cleanLine(call.server)];
  const caller = callerText(call.caller);
  const write = (options: Intl.DateTimeFormatOptions, instant = call.startedAt): string =>
    new Intl.DateTimeFormat(locale, { timeZone, ...options }).format(instant);
  const [time, day] = [write({ timeStyle: 'short' }), write({ dateStyle: 'medium' })];
  const isToday = day === write({ dateStyle: 'medium' }, now);
  const { icon, color, word } = lookOf(call);
  return {
    id: callId,
    label: tool,
    // Side bars are narrow: what is cut off at the end is what is mostly the same.
    description: [
      hint,
      isToday ? time : write({ day: 'numeric', month: 'short' }),
      word,
      server,
      ...othersOnly(call.caller),
    ]
      .filter((part) => part !== '')
      .join(' \u00b7 '),
    tooltip: [
      `**${escapeMarkdown(tool)}** on ${escapeMarkdown(server)}`,
      ...(hint === '' ? [] : [escapeMarkdown(hint)]),
      `${escapeMarkdown(word)}, called by ${escapeMarkdown(caller)}, ${escapeMarkdown(`${day} ${write({ timeStyle: 'medium' })}`)}`,
      ...(outcome.kind === 'failed' ? [`${escapeMarkdown(outcome.message)} (${escapeMarkdown(outcome.code)})`] : []),
      ...(outcome.kind === 'failed' && outcome.action !== undefined ? [escapeMarkdown(outcome.action)] : []),
    ].join('\n\n'),
    icon,
    ...(color !== undefined && { color }),
    contextValue: mayRun(call, now) ? itemKinds.runningCall : itemKinds.finishedCall,
    children: 'none',
    command: commandIds.openResult,
    accessibilityLabel: `${tool} on ${server}${hint === '' ? '' : `, ${hint}`}, ${word}, by ${caller}, ${isToday ? time : `${day} ${time}`}`,
  };
}

/** Calls from VS Code need not say so. */
function othersOnly(caller: string): string[] {
  return caller === callerName ? [] : [callerText(caller)];
}

/** A call whose end was not heard may still be there to be cancelled, for as long as calls take. */
function mayRun({ outcome, startedAt }: Call, now: number): boolean {
  return outcome.kind === 'running' || (outcome.kind === 'lost' && now - startedAt < longestCallMs);
}

function lookOf({ outcome, sideEffects }: Pick<Call, 'outcome' | 'sideEffects'>): {
  icon: string;
  color?: string;
  word: string;
} {
  switch (outcome.kind) {
    case 'running':
      return { icon: 'loading~spin', word: outcome.progress === undefined ? 'running' : cleanLine(outcome.progress) };
    case 'ok':
      return failedCount(outcome) === 0
        ? { icon: 'pass', color: 'testing.iconPassed', word: durationText(outcome.durationMs) }
        : { icon: 'warning', color: 'list.warningForeground', word: partlyFailedText(outcome) };
    case 'failed':
      if (isCancelled(outcome) && sideEffects === 'write')
        return { icon: 'circle-slash', color: 'list.warningForeground', word: 'cancelled, perhaps done' };
      return isCancelled(outcome)
        ? { icon: 'circle-slash', color: 'disabledForeground', word: 'cancelled' }
        : { icon: 'error', color: 'testing.iconFailed', word: cleanLine(errorMeaning(outcome.code).word) };
    case 'lost':
      return { icon: 'question', color: 'disabledForeground', word: 'end not heard' };
  }
}

function partlyFailedText({ failed = 0, requests }: Extract<Call['outcome'], { kind: 'ok' }>): string {
  return requests === undefined ? `${failed} failed inside` : `${failed} of ${requests} failed`;
}

function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.max(1, Math.round(milliseconds))} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.round(milliseconds / 60_000)} min`;
}
