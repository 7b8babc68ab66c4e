// What is said where there is nothing to look at: failures with the next step, and ends without content.
import '@vscode-elements/elements/dist/vscode-button/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { cleanBlock, cleanLine } from '../../results/clean-text.ts';
import type { ErrorCard } from '../../results/error-card.ts';
import type { NextStep } from '../../results/next-step.ts';
import { sizeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import './long-text.ts';
import './notices.css';
import { act } from './page-action.ts';

const steps: Readonly<Record<NextStep, { label: string; iconName: string }>> = {
  connect: { label: 'Connect M365', iconName: 'plug' },
  reconnect: { label: 'Reconnect M365', iconName: 'plug' },
  runAgain: { label: 'Run Again…', iconName: 'refresh' },
  showLog: { label: 'Show Log', iconName: 'output' },
  openMcpJson: { label: 'Open mcp.json', iconName: 'go-to-file' },
  showServers: { label: 'Show Servers', iconName: 'server' },
};

const toneIcons = { error: 'error', warning: 'warning', notice: 'info' } as const;

export function errorNotice(card: ErrorCard): TemplateResult {
  const { code, title, tone, meaning, message, advice, step, retryHint, requestId } = card;
  return html`<section class="notice ${tone}" role="alert">
    <h2>${icon(toneIcons[tone])}${cleanLine(title)}</h2>
    <p>${meaning}</p>
    ${message === '' ? nothing : html`<div class="said"><long-text .text=${cleanBlock(message)}></long-text></div>`}
    <p class="next">
      ${icon('arrow-right')}<span>${cleanLine(advice)}${retryHint === undefined ? nothing : ` ${retryHint}`}</span>
    </p>
    ${step === undefined ? nothing : html`<p>${stepButton(step)}</p>`}
    <p class="support muted">
      <span>Code <code>${cleanLine(code)}</code></span>
      ${requestId === undefined ? nothing : copied('Request id', requestId)}
    </p>
  </section>`;
}

export function failureNotice(title: string, meaning: string | undefined, message: string): TemplateResult {
  return html`<section class="notice error small">
    <h2>${icon('error')}${cleanLine(title)}</h2>
    ${meaning === undefined ? nothing : html`<p>${meaning}</p>`}
    <div class="said"><long-text .text=${cleanBlock(message)}></long-text></div>
  </section>`;
}

export function partialNotice(failed: number, requests: number, correlationIds: readonly string[]): TemplateResult {
  return html`<div class="strip warning" role="status">
    ${icon('warning')}<span>${failed} of ${requests} requests failed. The others are shown as well.</span>
    ${correlationIds.length === 0 ? nothing : copied('Correlation id', correlationIds.join(', '))}
  </div>`;
}

export function doneNotice(text: string): TemplateResult {
  return html`<p class="strip done" role="status">${icon('pass')}<span>${text}</span></p>`;
}

export function emptyNotice(): TemplateResult {
  return blank('inbox', 'Nothing found', 'The tool ran and has nothing to show for these arguments.');
}

/** The result of the call is not at hand. */
export function absentNotice(bytes: number | undefined): TemplateResult {
  const [title, text] =
    bytes === undefined
      ? ['The result was not kept', 'Results are not stored. Only that the tool was called is known.']
      : [
          'The result is too large to be shown here',
          `It has ${sizeText(bytes)} and went to the caller alone; others are told of calls, not sent large results.`,
        ];
  return blank(bytes === undefined ? 'history' : 'package', title, text, stepButton('runAgain'));
}

function stepButton(step: NextStep): TemplateResult {
  const { label, iconName } = steps[step];
  return html`<vscode-button
    icon=${iconName}
    @click=${(event: Event) => act(event.currentTarget as Element, { type: 'step', step })}
    >${label}</vscode-button
  >`;
}

export function copied(label: string, text: string): TemplateResult {
  return html`<button
    type="button"
    class="copied"
    title="Copy"
    @click=${(event: Event) => act(event.currentTarget as Element, { type: 'copyText', text })}
  >
    ${label} <code>${cleanLine(text)}</code>${icon('copy')}
  </button>`;
}

function blank(iconName: string, title: string, text: string, action?: TemplateResult): TemplateResult {
  return html`<section class="blank" role="status">
    ${icon(iconName)}
    <h2>${title}</h2>
    <p class="muted">${text}</p>
    ${action ?? nothing}
  </section>`;
}
