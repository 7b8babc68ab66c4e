// The foot of the page: Run, the progress that the server reports with Cancel, and how the last run ended.
import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import type { RunView } from '../../tool-form/form-messages.ts';
import type { OuterStepId } from '../../tool-form/outer-step.ts';

export interface RunOptions {
  readonly run: RunView;
  /** Places that have to change first; 0 until the first try to run. */
  readonly problemCount: number;
  /** The problems are only what the schema says, and the call could be sent all the same. */
  readonly canInsist: boolean;
  start(): void;
  insist(): void;
  cancel(): void;
  openResult(): void;
  step(id: OuterStepId): void;
}

export function renderRun(options: RunOptions): TemplateResult {
  const { run } = options;
  return html`<footer class="foot">
    ${run.kind === 'running' ? renderBar(run) : nothing}
    ${run.kind === 'failed' ? renderFailure(run, options) : nothing}
    <div class="actions">
      ${renderButton(options)}
      <p class="status" role="status">${renderStatus(options)}</p>
      ${run.kind === 'done' ? resultButton(options) : nothing}
    </div>
  </footer>`;
}

function renderBar({ share, message }: RunView & { kind: 'running' }): TemplateResult {
  return html`<vscode-progress-bar
    aria-label=${message ?? 'The tool is running'}
    .value=${share === undefined ? undefined : share * 100}
    ?indeterminate=${share === undefined}
  ></vscode-progress-bar>`;
}

function renderButton({ run, start, cancel, canInsist, insist }: RunOptions): TemplateResult {
  if (run.kind === 'running')
    return html`<vscode-button id="cancel" secondary icon="debug-stop" ?disabled=${run.isCancelling} @click=${cancel}
      >Cancel</vscode-button
    >`;
  const keys = isMac() ? '⌘⏎' : 'Ctrl+Enter';
  return html`<vscode-button
      id="run"
      icon="play"
      title="Run (${keys})"
      ?disabled=${run.kind === 'asking'}
      @click=${start}
      >Run</vscode-button
    >${canInsist ? html`<vscode-button secondary @click=${insist}>Run Anyway</vscode-button>` : nothing}`;
}

function renderStatus({ run, problemCount }: RunOptions): TemplateResult | string {
  if (run.kind === 'asking') return 'Waiting for your answer…';
  if (run.kind === 'running') {
    if (run.isCancelling) return 'Cancelling…';
    const percent = run.share === undefined ? '' : ` ${Math.round(run.share * 100)} %`;
    return `${run.message ?? 'Running…'}${percent}`;
  }
  if (problemCount > 0) {
    const places = problemCount === 1 ? 'One field needs' : `${problemCount} fields need`;
    return html`<span class="codicon codicon-error" aria-hidden="true"></span>${places} attention.`;
  }
  if (run.kind === 'done')
    return html`<span class="codicon codicon-pass" aria-hidden="true"></span>Finished in
      ${durationText(run.durationMs)}.`;
  if (run.kind === 'cancelled') return [run.message, run.action].filter(Boolean).join(' ');
  if (run.kind === 'failed') return '';
  return isMac() ? '⌘⏎ runs the tool' : 'Ctrl+Enter runs the tool';
}

function renderFailure(run: RunView & { kind: 'failed' }, options: RunOptions): TemplateResult {
  const { title, meaning, message, advice, step, requestId, retryHint, code } = run;
  return html`<div class="failure" role="alert">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <div class="words">
      <p class="title">${title}</p>
      <p>${meaning}</p>
      ${message === '' ? nothing : html`<p class="quote">${message}</p>`}
      <p>${[advice, retryHint].filter(Boolean).join(' ')}</p>
      <p class="hint"><code>${code}</code>${requestId === undefined ? nothing : html` · request ${requestId}`}</p>
      <div class="steps">
        ${
          step === undefined
            ? nothing
            : html`<vscode-button @click=${() => options.step(step.id)}>${step.label}</vscode-button>`
        }
        ${resultButton(options)}
      </div>
    </div>
  </div>`;
}

function resultButton({ openResult, run }: RunOptions): TemplateResult {
  const label = run.kind === 'failed' ? 'Show the failed call as a result' : undefined;
  return html`<vscode-button secondary aria-label=${ifDefined(label)} @click=${openResult}
    >${run.kind === 'failed' ? 'Details' : 'Open Result'}</vscode-button
  >`;
}

function durationText(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`;
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`;
  return `${Math.floor(milliseconds / 60_000)} min ${Math.round((milliseconds % 60_000) / 1_000)} s`;
}

function isMac(): boolean {
  return /mac/i.test(navigator.userAgent);
}
