// The head of the page: what was called, by whom, how it went, and what can be done with its result.
import { html, nothing, type TemplateResult } from 'lit';
import { callerText } from '../../results/caller-text.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CallFacts, FromResultPage, ResultMode } from '../../results/panel-messages.ts';
import { durationText, type TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { toolbarButton } from '../theme/toolbar-button.ts';
import { act } from './page-action.ts';
import '../theme/head.css';
import './render-head.css';

/** Milliseconds. */
const copiedMs = 1_500;

export interface HeadOptions {
  facts: CallFacts;
  outcome: 'ok' | 'partial' | 'failed' | 'cancelled' | 'unknown';
  times: TimeText;
  mode: ResultMode;
  onMode: (mode: ResultMode) => void;
  /** The result is here, so that it can be copied and seen as JSON. */
  hasContent: boolean;
  /** The protocol put something around the content, which can be seen as well. */
  hasWhole: boolean;
  isKept: boolean;
}

const outcomes = {
  ok: { iconName: 'pass', label: 'Succeeded' },
  partial: { iconName: 'warning', label: 'Partly failed' },
  failed: { iconName: 'error', label: 'Failed' },
  cancelled: { iconName: 'circle-slash', label: 'Cancelled' },
  unknown: { iconName: 'history', label: 'Not kept' },
} as const;

export function renderHead(options: HeadOptions): TemplateResult {
  const { facts, outcome, times, hasContent, isKept } = options;
  const { iconName, label } = outcomes[outcome];
  const details = [cleanLine(facts.server), callerText(facts.caller)].filter(Boolean);
  return html`<header class="head">
    <div class="head-title">
      <span class="outcome ${outcome}">${icon(iconName, label)}</span>
      <h1 class="clip"><bdi title=${cleanLine(facts.tool)}>${cleanLine(facts.tool)}</bdi></h1>
      <span class="head-facts clip muted">
        ${details.map((detail, index) => html`${index > 0 ? ' · ' : ''}<bdi>${detail}</bdi>`)} ·
        <time title=${times.full(facts.startedAt)}>${times.moment(facts.startedAt)}</time> ·
        ${durationText(facts.durationMs)}
      </span>
    </div>
    <div class="head-actions" role="toolbar" aria-label="Result">
      ${hasContent ? modeSwitch(options) : nothing}
      ${button('refresh', 'Run again…', { type: 'step', step: 'runAgain' })}
      ${hasContent ? button('markdown', 'Copy as Markdown', { type: 'copyMarkdown', timeZone: times.timeZone }) : nothing}
      ${hasContent ? copyJsonButton(options) : nothing}
      ${
        isKept
          ? html`<span class="kept">${icon('pinned', 'Kept open')}</span>`
          : button('pin', 'Keep open: show the next result in another tab', { type: 'keep' })
      }
    </div>
  </header>`;
}

function copyJsonButton({ mode }: HeadOptions): TemplateResult {
  const isWhole = mode === 'raw';
  return button('json', isWhole ? 'Copy the whole answer as JSON' : 'Copy as JSON', { type: 'copyJson', isWhole });
}

const modeLabels: Readonly<Record<ResultMode, { label: string; title: string }>> = {
  view: { label: 'View', title: 'As what it is about' },
  json: { label: 'JSON', title: 'The content as JSON' },
  raw: { label: 'MCP', title: 'The whole answer as JSON, with what the protocol puts around the content' },
};

function modeSwitch({ mode, onMode, hasWhole }: HeadOptions): TemplateResult {
  const modes: readonly ResultMode[] = hasWhole ? ['view', 'json', 'raw'] : ['view', 'json'];
  const choice = (value: ResultMode): TemplateResult =>
    html`<button
      type="button"
      role="radio"
      class="choice ${mode === value ? 'chosen' : ''}"
      aria-checked=${mode === value}
      tabindex=${mode === value ? 0 : -1}
      title=${modeLabels[value].title}
      @click=${() => onMode(value)}
    >
      ${modeLabels[value].label}
    </button>`;
  const onKey = (event: KeyboardEvent): void => {
    const step = /^Arrow(?:Left|Up)$/.test(event.key) ? -1 : /^Arrow(?:Right|Down)$/.test(event.key) ? 1 : 0;
    if (step === 0) return;
    event.preventDefault();
    const group = event.currentTarget as HTMLElement;
    onMode(modes[(modes.indexOf(mode) + step + modes.length) % modes.length] ?? 'view');
    setTimeout(() => group.querySelector<HTMLElement>('.chosen')?.focus());
  };
  return html`<div class="choices" role="radiogroup" aria-label="Show as" @keydown=${onKey}>${modes.map(choice)}</div>`;
}

function button(iconName: string, label: string, message: FromResultPage): TemplateResult {
  return toolbarButton(iconName, label, (event) => {
    const element = event.currentTarget as Element;
    act(element, message);
    if (message.type.startsWith('copy')) showCopied(element, iconName);
  });
}

/** Where the eye is; the status bar says it as well. */
function showCopied(element: Element, iconName: string): void {
  element.setAttribute('icon', 'check');
  setTimeout(() => element.setAttribute('icon', iconName), copiedMs);
}
