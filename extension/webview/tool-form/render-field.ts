// A field with its label, description and problem, whatever its kind; fields that hold others draw those in turn.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { chooseAlternative } from '../../tool-form/edit-form.ts';
import { shownAlternative, shownField } from '../../tool-form/field-at.ts';
import { pointerOf, type FieldPath } from '../../../shared/tool-schema/field-path.ts';
import { canShow, valueAt } from '../../tool-form/field-value.ts';
import type { Field, JsonField, LeafField, VariantField } from '../../tool-form/form-field.ts';
import { shownProblem, type FormPage } from '../../tool-form/form-page.ts';
import { ownValue } from '../../../shared/tool-schema/json-value.ts';
import { inputId, partId, type FormContext } from './form-context.ts';
import { renderGroup } from './render-group.ts';
import { renderInput } from './render-input.ts';
import { renderList } from './render-list.ts';

export function renderField(field: Field, path: FieldPath, context: FormContext): TemplateResult {
  const { page } = context;
  if (!fits(page, field, path)) return renderMisfit(field, path, context);
  const shown = shownField(field, page.state, path);
  const picker = field.kind === 'variant' ? renderAlternatives(field, path, context) : nothing;
  if (shown.kind === 'list') return renderList({ field, list: shown, path, context, picker });
  if (shown.kind === 'group') return renderGroup({ field, group: shown, path, context, picker });
  if (shown.kind === 'variant') return renderMisfit(field, path, context);
  return renderLeaf(field, shown, path, context, picker);
}

/** Whether the field itself can show what stands there; a half-written JSON text has to be shown as such. */
export function fits(page: FormPage, field: Field, path: FieldPath): boolean {
  const key = pointerOf(path);
  if (page.asJson.has(key)) return false;
  const value = valueAt(page.state.arguments, path);
  const shown = shownField(field, page.state, path);
  const draft = ownValue(page.state.drafts, key);
  if (draft !== undefined && draft !== '')
    return shown.kind !== 'list' && shown.kind !== 'group' && shown.kind !== 'variant';
  return value === undefined || (canShow(field, value) && canShow(shown, value));
}

function renderLeaf(
  field: Field,
  shown: LeafField,
  path: FieldPath,
  context: FormContext,
  picker: TemplateResult | typeof nothing,
): TemplateResult {
  const key = pointerOf(path);
  const isCheck = shown.kind === 'boolean';
  return html`<div class=${isCheck ? 'field check' : 'field'}>
    ${renderLabel(field, key, inputId(key))} ${renderDescription(field, key)} ${picker}
    ${renderInput(shown, path, context, { describedBy: descriptionIds(field, key) })}
    ${renderProblem(context.page, key)}
  </div>`;
}

/** The value is none that the field could show, so its JSON is, and nothing of it is lost. */
export function renderMisfit(field: Field, path: FieldPath, context: FormContext): TemplateResult {
  const key = pointerOf(path);
  const { kind, ...frame } = field;
  void kind;
  const json: JsonField = { ...frame, kind: 'json' };
  const holding: FormContext = {
    ...context,
    type: (typedKey, text, edit) => {
      context.holdAsJson(key);
      context.type(typedKey, text, edit);
    },
  };
  return html`<div class="field">
    ${renderLabel(field, key, inputId(key))} ${renderDescription(field, key)}
    <p class="hint" id=${partId(key, 'note')}>This value has no form, so it is shown as JSON.</p>
    ${renderInput(json, path, holding, { describedBy: [...descriptionIds(field, key), partId(key, 'note')] })}
    ${renderProblem(context.page, key)}
  </div>`;
}

function renderAlternatives(field: VariantField, path: FieldPath, context: FormContext): TemplateResult {
  const key = pointerOf(path);
  const shown = shownAlternative(field, context.page.state, path);
  const choose = (event: Event): void => {
    const index = Number((event.target as HTMLSelectElement).value);
    context.change((state) => chooseAlternative(context.page.root, state, path, index));
  };
  return html`<select
    class="alternative"
    aria-label="Kind of ${field.label}"
    ?disabled=${context.isLocked}
    data-key=${key}
    @change=${choose}
  >
    ${field.alternatives.map(
      ({ label }, index) => html`<option value=${index} .selected=${live(index === shown)}>${label}</option>`,
    )}
  </select>`;
}

export function renderLabel(field: Field, key: string, inputOf: string | undefined): TemplateResult {
  return html`<label class="label" id=${partId(key, 'label')} for=${inputOf ?? nothing}>${renderTitle(field)}</label>`;
}

export function renderTitle({ label, name, required, deprecated }: Field): TemplateResult {
  const isTold = name === '' || label.toLowerCase() === name.toLowerCase();
  return html`${label}${
    required ? html`<span class="required" aria-hidden="true">*</span><span class="unseen"> (required)</span>` : nothing
  }${isTold ? nothing : html` <code class="name">${name}</code>`}${
    deprecated ? html` <span class="name">deprecated</span>` : nothing
  }`;
}

export function renderDescription({ description, limits, required, nullable }: Field, key: string): TemplateResult {
  const words = [description, limits, required && nullable ? 'Left empty, null is sent.' : undefined].filter(Boolean);
  return words.length === 0 ? html`` : html`<p class="hint" id=${partId(key, 'description')}>${words.join('\n')}</p>`;
}

export function descriptionIds({ description, limits, required, nullable }: Field, key: string): readonly string[] {
  return description !== undefined || limits !== undefined || (required && nullable)
    ? [partId(key, 'description')]
    : [];
}

export function renderProblem(page: FormPage, key: string): TemplateResult {
  const problem = shownProblem(page, key);
  return problem === undefined
    ? html``
    : html`<p class="problem" id=${partId(key, 'problem')}>
        <span class="codicon codicon-error" aria-hidden="true"></span>${problem}
      </p>`;
}
