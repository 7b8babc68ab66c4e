// The page of one run: how it went, what was not seen, its steps, its output. What it shows is text, whatever it holds.
import { html, nothing, type TemplateResult } from 'lit';
import type { PatrolRun } from '../../../shared/contract/patrol-messages.ts';
import { runDocument, type RunDocument } from '../../patrols/run-document.ts';
import type { FromRunPage } from '../../patrols/run-page-messages.ts';
import type { RunReading } from '../../patrols/run-reading.ts';
import { cleanLine } from '../../results/clean-text.ts';
import { createTimeText, type TimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { LightElement } from '../theme/light-element.ts';
import { readerPlace } from '../theme/reader-place.ts';
import { toolbarButton } from '../theme/toolbar-button.ts';
import '../theme/head.css';
import '../theme/report.css';
import '../result/notices.css';
import { renderTimeline } from './render-timeline.ts';
import './run-page.css';

export type ShownRun = { run: PatrolRun } | { lost: string; patrol: string };

const outcomes: Readonly<
  Record<RunReading, { iconName: string; label: string; tone: 'ok' | 'partial' | 'failed' | 'unknown' }>
> = {
  running: { iconName: 'loading', label: 'Running', tone: 'unknown' },
  ok: { iconName: 'pass', label: 'Complete', tone: 'ok' },
  unwritten: { iconName: 'warning', label: 'Complete, output not written', tone: 'partial' },
  blind: { iconName: 'warning', label: 'Blind', tone: 'partial' },
  failed: { iconName: 'error', label: 'Failed', tone: 'failed' },
  skipped: { iconName: 'debug-step-over', label: 'Not run', tone: 'unknown' },
  interrupted: { iconName: 'debug-disconnect', label: 'Interrupted', tone: 'partial' },
  cancelled: { iconName: 'circle-slash', label: 'Cancelled', tone: 'partial' },
  unknown: { iconName: 'question', label: 'Unknown outcome', tone: 'partial' },
};

export class RunPage extends LightElement {
  static override properties = { shown: { attribute: false } };

  declare shown: ShownRun | undefined;
  act: (message: FromRunPage) => void = () => undefined;

  get run(): PatrolRun | undefined {
    return this.shown !== undefined && 'run' in this.shown ? this.shown.run : undefined;
  }

  /** Puts the keyboard where the reading starts. */
  focusContent(): void {
    this.querySelector<HTMLElement>('main')?.focus();
  }

  protected override render(): TemplateResult | typeof nothing {
    const { shown } = this;
    if (shown === undefined) return nothing;
    if ('lost' in shown) return this.#lost(shown);
    const times = createTimeText({ ...readerPlace(), now: Date.now() });
    const view = runDocument(shown.run);
    return html`${this.#head(view, times)}
      <main tabindex="-1" class="report">
        ${summary(view)} ${notSeen(view)}
        ${
          view.steps.length === 0
            ? nothing
            : html`<section aria-labelledby="steps">
                <h2 id="steps">Steps</h2>
                ${renderTimeline(view.steps, (index) => this.act({ type: 'openStep', index }))}
              </section>`
        }
        ${output(view)} ${outputProblems(view)}
        ${view.steps.length === 0 ? nothing : html`<p class="muted">${view.budget}</p>`}
      </main>`;
  }

  #head({ patrol, reading, trigger, moment, took }: RunDocument, times: TimeText): TemplateResult {
    const { iconName, label, tone } = outcomes[reading];
    const spin = reading === 'running' ? 'codicon-modifier-spin' : '';
    return html`<header class="head">
      <div class="head-title">
        <span class="outcome ${tone} ${spin}">${icon(iconName, label)}</span>
        <h1 class="clip"><bdi title=${patrol}>${patrol}</bdi></h1>
        <span class="head-facts clip muted">
          ${trigger}
          ${moment === '' ? nothing : html` · <time title=${times.full(moment)}>${times.moment(moment)}</time>`}
          ${took === '' ? nothing : html` · ${took}`}
        </span>
      </div>
      <div class="head-actions" role="toolbar" aria-label="Run">
        ${
          reading === 'running'
            ? this.#button('debug-stop', 'Cancel this run', { type: 'cancel' })
            : this.#button('play', 'Run now', { type: 'runAgain' })
        }
        ${this.#button('markdown', 'Copy as Markdown', { type: 'copyMarkdown', timeZone: times.timeZone, locale: times.locale })}
        ${this.#button('json', 'Copy as JSON', { type: 'copyJson' })}
      </div>
    </header>`;
  }

  #button(iconName: string, label: string, message: FromRunPage): TemplateResult {
    return toolbarButton(iconName, label, () => this.act(message));
  }

  #lost({ lost, patrol }: { lost: string; patrol: string }): TemplateResult {
    return html`<main tabindex="-1" class="report">
      <section class="notice warning" role="alert">
        <h2>${icon('history')}The record of this run is not here</h2>
        <p><bdi>${cleanLine(patrol)}</bdi>: ${cleanLine(lost)}</p>
        <p><button type="button" class="plain" @click=${() => this.act({ type: 'reload' })}>Ask Again</button></p>
      </section>
    </main>`;
  }
}

/** What could not be seen stands in it, so it is told to screen readers when it changes. */
function summary({ headline, details, reading, error }: RunDocument): TemplateResult {
  const { iconName, tone } = outcomes[reading];
  return html`<section class="verdict toned ${tone}" aria-label="Summary">
    <p class="headline" role="status">${icon(iconName)}<span>${headline}</span></p>
    ${details === '' ? nothing : html`<p class="details lines">${details}</p>`}
    ${
      error === undefined
        ? nothing
        : html`<p class="details">
            ${error.message}${error.action === '' ? nothing : html` <strong>${error.action}</strong>`}
          </p>`
    }
  </section>`;
}

function notSeen({ unseen }: RunDocument): TemplateResult | typeof nothing {
  if (unseen.length === 0) return nothing;
  return html`<section class="not-seen toned partial" aria-labelledby="not-seen">
    <h2 id="not-seen">Not seen</h2>
    <ul>
      ${unseen.map(
        ({ server, reason, code, steps }) =>
          html`<li>
            ${icon('warning')}<span
              ><strong><bdi>${server}</bdi></strong
              >: ${reason}<span class="muted">
                ${steps.length === 0 ? nothing : html` · ${steps.length === 1 ? 'step' : 'steps'} <bdi>${steps.join(', ')}</bdi>`}
                · <code>${code}</code></span
              ></span
            >
          </li>`,
      )}
    </ul>
  </section>`;
}

function outputProblems({ outputProblems: problems }: RunDocument): TemplateResult | typeof nothing {
  if (problems.length === 0) return nothing;
  return html`<section aria-labelledby="output-problems">
    <h2 id="output-problems">Output that could not be written</h2>
    <ul>
      ${problems.map((problem) => html`<li>${problem}</li>`)}
    </ul>
  </section>`;
}

function output({ output: text }: RunDocument): TemplateResult | typeof nothing {
  if (text === undefined) return nothing;
  const lines = text.split('\n');
  return html`<section aria-labelledby="output">
    <h2 id="output">Output</h2>
    <pre class="output" tabindex="0" aria-labelledby="output">
${lines.map(
        (line, index) =>
          html`${index === 0 ? '' : '\n'}${line.includes('(not seen: ') ? html`<span class="unseen-line">${line}</span>` : line}`,
      )}</pre>
  </section>`;
}

customElements.define('run-page', RunPage);

declare global {
  interface HTMLElementTagNameMap {
    'run-page': RunPage;
  }
}
