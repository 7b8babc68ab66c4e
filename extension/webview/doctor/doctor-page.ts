// The page of the doctor's findings: what needs somebody comes first, with its one next step. What it shows is text, whatever it holds.
import { html, nothing, type TemplateResult } from 'lit';
import type { DoctorDocument, ShownFinding } from '../../doctor/doctor-document.ts';
import type { FromDoctorPage } from '../../doctor/doctor-page-messages.ts';
import { createTimeText } from '../../results/time-text.ts';
import { icon } from '../theme/icon.ts';
import { LightElement } from '../theme/light-element.ts';
import { readerPlace } from '../theme/reader-place.ts';
import { toolbarButton } from '../theme/toolbar-button.ts';
import '../theme/head.css';
import '../theme/report.css';
import './doctor-page.css';

const looks: Readonly<Record<ShownFinding['severity'], { iconName: string; label: string }>> = {
  ok: { iconName: 'pass', label: 'In order' },
  note: { iconName: 'info', label: 'Note' },
  warning: { iconName: 'warning', label: 'Warning' },
  failed: { iconName: 'error', label: 'Failed' },
  skipped: { iconName: 'circle-slash', label: 'Not looked at' },
};
const tones = { ok: 'pass', warning: 'warning', failed: 'error' } as const;

export class DoctorPage extends LightElement {
  static override properties = {
    shown: { attribute: false },
    isOutdated: { attribute: false },
    isLost: { attribute: false },
  };

  declare shown: DoctorDocument | undefined;
  /** The window has another bus or agent since. */
  declare isOutdated: boolean | undefined;
  /** Nothing is left to show. */
  declare isLost: boolean | undefined;
  act: (message: FromDoctorPage) => void = () => undefined;

  /** Puts the keyboard where the reading starts. */
  focusContent(): void {
    this.querySelector<HTMLElement>('main')?.focus({ preventScroll: true });
  }

  protected override render(): TemplateResult | typeof nothing {
    const { shown } = this;
    if (shown === undefined) return this.isLost === true ? this.#lost() : nothing;
    return html`${this.#head(shown)}
      <main tabindex="-1" class="report">
        ${
          this.isOutdated === true
            ? this.#notice('This is outdated: the window has another bus or agent since.')
            : nothing
        }
        <div class="verdict toned ${shown.tone}">
          <p class="headline" role="status">${icon(tones[shown.tone])}<span>${shown.headline}</span></p>
        </div>
        ${
          shown.care.length === 0
            ? nothing
            : html`<section aria-labelledby="care">
                <h2 id="care">What to do</h2>
                <ul class="care">
                  ${shown.care.map((found) => this.#careOf(found))}
                </ul>
              </section>`
        }
        <div class="groups">${shown.groups.map(({ name, findings }, index) => group(name, findings, index))}</div>
      </main>`;
  }

  #head({ at, isProbed }: DoctorDocument): TemplateResult {
    const times = createTimeText({ ...readerPlace(), now: Date.now() });
    return html`<header class="head">
      <div class="head-title">
        ${icon('pulse')}
        <h1 class="clip">Doctor</h1>
        <span class="head-facts clip muted"><time title=${times.full(at)}>${times.moment(at)}</time></span>
      </div>
      <div class="head-actions" role="toolbar" aria-label="Doctor">
        ${
          isProbed
            ? nothing
            : html`<button type="button" class="plain secondary" @click=${() => this.act({ type: 'probe' })}>
                Check Licences…
              </button>`
        }
        ${this.#button('refresh', 'Look again', { type: 'again' })}
        ${this.#button('key', 'Look again, with a new token from Microsoft Entra', { type: 'refresh' })}
        ${this.#button('markdown', 'Copy as Markdown', { type: 'copy' })}
      </div>
    </header>`;
  }

  #lost(): TemplateResult {
    return html`<main tabindex="-1" class="report">
      ${this.#notice('What the doctor found is gone since the window was reloaded.')}
    </main>`;
  }

  #notice(words: string): TemplateResult {
    return html`<div class="verdict toned warning">
      <p class="headline" role="status">${icon('history')}<span>${words}</span></p>
      <button type="button" class="plain" @click=${() => this.act({ type: 'again' })}>Look Again</button>
    </div>`;
  }

  #button(iconName: string, label: string, message: FromDoctorPage): TemplateResult {
    return toolbarButton(iconName, label, () => this.act(message));
  }

  #careOf({ severity, title, what, why, action, step }: ShownFinding): TemplateResult {
    const { iconName, label } = looks[severity];
    return html`<li class="card toned ${severity}">
      <h3>${icon(iconName, label)}<bdi>${title}</bdi></h3>
      <p>${what}</p>
      <p class="muted">${why}</p>
      ${action === undefined ? nothing : html`<p class="action">${icon('arrow-right')}<span>${action}</span></p>`}
      ${
        step === undefined
          ? nothing
          : html`<button type="button" class="plain" @click=${() => this.act({ type: 'step', command: step.command })}>
              ${step.label}
            </button>`
      }
    </li>`;
  }
}

function group(name: string, findings: readonly ShownFinding[], index: number): TemplateResult {
  return html`<section aria-labelledby="group-${index}">
    <h2 id="group-${index}">${name}</h2>
    <ul class="findings">
      ${findings.map(({ severity, title, what, why }) => {
        const { iconName, label } = looks[severity];
        return html`<li class="finding toned ${severity}" title=${why}>
          ${icon(iconName, label)}<span
            ><strong><bdi>${title}</bdi></strong> <span class="what">${what}</span></span
          >
        </li>`;
      })}
    </ul>
  </section>`;
}

customElements.define('doctor-page', DoctorPage);

declare global {
  interface HTMLElementTagNameMap {
    'doctor-page': DoctorPage;
  }
}
