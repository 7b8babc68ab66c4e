// The steps of a run on a line of time: one row each, to be opened with the mouse or with arrows and Enter.
import { html, nothing, type TemplateResult } from 'lit';
import type { RunStep } from '../../patrols/run-document.ts';
import type { StepReading } from '../../patrols/run-reading.ts';
import { icon } from '../theme/icon.ts';
import { styled } from '../theme/style-properties.ts';

const icons: Readonly<Record<StepReading, { name: string; tone: 'ok' | 'partial' | 'failed' | 'unknown' }>> = {
  waiting: { name: 'circle-outline', tone: 'unknown' },
  running: { name: 'loading', tone: 'unknown' },
  ok: { name: 'pass', tone: 'ok' },
  blind: { name: 'eye-closed', tone: 'partial' },
  failed: { name: 'error', tone: 'failed' },
  skipped: { name: 'debug-step-over', tone: 'unknown' },
  not_run: { name: 'circle-outline', tone: 'partial' },
  cancelled: { name: 'circle-slash', tone: 'partial' },
  unknown: { name: 'question', tone: 'partial' },
};

export function renderTimeline(steps: readonly RunStep[], open: (index: number) => void): TemplateResult {
  return html`<ol class="timeline" @keydown=${onKey}>
    ${steps.map((step, index) => row(step, () => open(index)))}
  </ol>`;
}

function row(step: RunStep, open: () => void): TemplateResult {
  const { reading, canOpen, why, action } = step;
  const { name, tone } = icons[reading];
  return html`<li class="step toned ${tone}">
    <span class="step-mark outcome ${tone}">${icon(name)}</span>
    <div class="step-body">
      ${
        canOpen
          ? html`<button type="button" class="step-head" title="Open its result" @click=${open}>
              ${head(step)}${icon('go-to-file')}
            </button>`
          : html`<div class="step-head">${head(step)}</div>`
      }
      ${why === '' ? nothing : html`<p class="why">${why}${action === '' ? nothing : html` <span class="muted">${action}</span>`}</p>`}
      ${bar(step)}
    </div>
  </li>`;
}

function head({ id, server, tool, facts }: RunStep): TemplateResult {
  return html`<strong><bdi>${id}</bdi></strong>
    <span class="muted"><bdi>${server}</bdi> · <bdi>${tool}</bdi></span>
    <span class="step-facts">${facts.join(', ')}</span>`;
}

function bar({ span }: RunStep): TemplateResult | typeof nothing {
  if (span === undefined) return nothing;
  const percent = (share: number): string => `${(share * 100).toFixed(2)}%`;
  return html`<div class="span" aria-hidden="true">
    <div class="span-bar" ${styled({ left: percent(span.from), width: percent(span.length) })}></div>
  </div>`;
}

function onKey(event: KeyboardEvent): void {
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step === undefined) return;
  const buttons = [...(event.currentTarget as HTMLElement).querySelectorAll<HTMLElement>('button')];
  const next = buttons[buttons.indexOf(event.target as HTMLElement) + step];
  if (next === undefined) return;
  event.preventDefault();
  next.focus();
}
