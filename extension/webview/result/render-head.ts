// The head of the page: what was called, by whom, how it went, and what can be done with its result.
import '@vscode-elements/elements/dist/vscode-toolbar-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { callerText } from '../../results/caller-text.ts';
import { cleanLine } from '../../results/clean-text.ts';
import type { CallFacts, FromResultPage } from '../../results/panel-messages.ts';
import { durationText, type TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { act } from './page-action.ts';
import './render-head.css';

export type Mode = 'view' | 'json';

export interface HeadOptions {
  facts: CallFacts;
  outcome: 'ok' | 'partial' | 'failed' | 'cancelled' | 'unknown';
  times: TimeText;
  mode: Mode;
  onMode: (mode: Mode) => void;
  /** The result is here, so that it can be copied and seen as JSON. */
  hasContent: boolean;
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
      ${hasContent ? button('markdown', 'Copy as Markdown', { type: 'copyMarkdown', timeZone: times.timeZone, locale: times.locale }) : nothing}
      ${hasContent ? button('json', 'Copy as JSON', { type: 'copyJson' }) : nothing}
      ${
        isKept
          ? html`<span class="kept">${icon('pinned', 'Kept open')}</span>`
          : button('pin', 'Keep open: show the next result in another tab', { type: 'keep' })
      }
    </div>
  </header>`;
}

function modeSwitch({ mode, onMode }: HeadOptions): TemplateResult {
  const choice = (value: Mode, label: string): TemplateResult =>
    html`<button
      type="button"
      role="radio"
      class="choice ${mode === value ? 'chosen' : ''}"
      aria-checked=${mode === value}
      tabindex=${mode === value ? 0 : -1}
      @click=${() => onMode(value)}
    >
      ${label}
    </button>`;
  const onKey = (event: KeyboardEvent): void => {
    if (!/^Arrow(?:Left|Right|Up|Down)$/.test(event.key)) return;
    event.preventDefault();
    const group = event.currentTarget as HTMLElement;
    onMode(mode === 'view' ? 'json' : 'view');
    setTimeout(() => group.querySelector<HTMLElement>('.chosen')?.focus());
  };
  return html`<div class="choices" role="radiogroup" aria-label="Show as" @keydown=${onKey}>
    ${choice('view', 'View')}${choice('json', 'JSON')}
  </div>`;
}

function button(iconName: string, label: string, message: FromResultPage): TemplateResult {
  return html`<vscode-toolbar-button
    icon=${iconName}
    label=${label}
    title=${label}
    @click=${(event: Event) => act(event.currentTarget as Element, message)}
  ></vscode-toolbar-button>`;
}
