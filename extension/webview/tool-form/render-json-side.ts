// The arguments as JSON text: the second way to fill in, and the first where a form cannot be made.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { partsOf, placeText } from '../../../shared/tool-schema/field-path.ts';
import type { JsonSide } from '../../tool-form/form-page.ts';

const maxShown = 20;

export interface JsonSideOptions {
  readonly json: JsonSide;
  readonly isLocked: boolean;
  /** Fields of the form that hold text without a value. */
  readonly leftOut: number;
  edit(text: string): void;
}

export function renderJsonSide({ json, isLocked, leftOut, edit }: JsonSideOptions): TemplateResult {
  const { text, problem, problems } = json;
  const isWrong = problem !== undefined || problems.length > 0;
  return html`<div class="field">
    <label class="label" for="json">Arguments as JSON</label>
    ${
      leftOut === 0 || json.isEdited
        ? nothing
        : html`<p class="hint">What is unfinished in the form is left out here; it stays in the form.</p>`
    }
    <textarea
      id="json"
      class="code whole"
      rows="8"
      spellcheck="false"
      autocomplete="off"
      .value=${live(text)}
      ?disabled=${isLocked}
      aria-invalid=${isWrong ? 'true' : 'false'}
      aria-describedby="json-problems"
      @input=${(event: Event) => edit((event.target as HTMLTextAreaElement).value)}
    ></textarea>
    <div id="json-problems">
      ${problem === undefined ? problems.slice(0, maxShown).map(({ pointer, message }) => line(message, pointer)) : line(problem, '')}
      ${problems.length > maxShown ? html`<p class="hint">and ${problems.length - maxShown} more</p>` : nothing}
    </div>
  </div>`;
}

function line(message: string, pointer: string): TemplateResult {
  return html`<p class="problem">
    <span class="codicon codicon-error" aria-hidden="true"></span>
    <span>${pointer === '' ? nothing : html`<strong>${placeText(partsOf(pointer))}</strong>: `}${message}</span>
  </p>`;
}
