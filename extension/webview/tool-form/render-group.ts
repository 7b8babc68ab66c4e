// A group of fields, and those properties of it that have no field, as JSON.
import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { giveRest, giveRestDraft } from '../../tool-form/edit-form.ts';
import { pointerOf, type FieldPath } from '../../../shared/tool-schema/field-path.ts';
import { valueAt } from '../../tool-form/field-value.ts';
import type { Field, GroupField } from '../../tool-form/form-field.ts';
import { shownProblem } from '../../tool-form/form-page.ts';
import { restKey } from '../../tool-form/form-state.ts';
import { isJsonObject, ownValue, type JsonObject } from '../../../shared/tool-schema/json-value.ts';
import { parseJsonText } from '../../tool-form/parse-json-text.ts';
import { inputId, partId, type FormContext } from './form-context.ts';
import { renderDescription, renderField, renderProblem, renderTitle } from './render-field.ts';

export interface GroupDrawing {
  /** Whose label and description are shown; the group itself or the field it is an alternative of. */
  readonly field: Field;
  readonly group: GroupField;
  readonly path: FieldPath;
  readonly context: FormContext;
  readonly picker: TemplateResult | typeof nothing;
}

export function renderGroup({ field, group, path, context, picker }: GroupDrawing): TemplateResult {
  const key = pointerOf(path);
  const members = html`${group.fields.map((member) => renderField(member, [...path, member.name], context))}
  ${renderRest(group, path, context)}`;
  if (path.length === 0) return html`${picker}${renderProblem(context.page, key)}${members}`;
  return html`<fieldset class="group" id=${inputId(key)} tabindex="-1">
    <legend class="label" id=${partId(key, 'label')}>${renderTitle(field)}</legend>
    <div class="members">${renderDescription(field, key)} ${picker} ${members} ${renderProblem(context.page, key)}</div>
  </fieldset>`;
}

function renderRest(group: GroupField, path: FieldPath, context: FormContext): TemplateResult | typeof nothing {
  const { page } = context;
  const key = restKey(pointerOf(path));
  const value = valueAt(page.state.arguments, path);
  const rest = restOf(group, value !== undefined && isJsonObject(value) ? value : {});
  const draft = ownValue(page.state.drafts, key);
  const isThere = Object.keys(rest).length > 0 || draft !== undefined || page.problems.has(key);
  if (!group.offersRest && !isThere && page.typed?.key !== key) return nothing;
  const problem = shownProblem(page, key);
  const enter = (event: Event): void => {
    const text = (event.target as HTMLTextAreaElement).value;
    context.type(key, text, (state) => {
      const reading = text.trim() === '' ? { value: {} } : parseJsonText(text);
      const given = 'value' in reading && isJsonObject(reading.value) ? reading.value : undefined;
      return given === undefined
        ? giveRestDraft(page.root, state, path, text)
        : giveRest(page.root, state, path, given);
    });
  };
  return html`<div class="field">
    <label class="label" for=${inputId(key)}>Other properties</label>
    <p class="hint" id=${partId(key, 'description')}>${restHint(group)}</p>
    <textarea
      id=${inputId(key)}
      class="code"
      rows="2"
      spellcheck="false"
      placeholder="{ }"
      .value=${live(draft ?? restText(rest, page.typed?.key === key ? page.typed.text : undefined))}
      ?disabled=${context.isLocked}
      aria-invalid=${problem === undefined ? 'false' : 'true'}
      aria-describedby=${`${partId(key, 'description')} ${problem === undefined ? '' : partId(key, 'problem')}`}
      @input=${enter}
      @blur=${() => context.leave(key)}
    ></textarea>
    ${renderProblem(page, key)}
  </div>`;
}

function restOf({ fields }: GroupField, value: JsonObject): JsonObject {
  const names = new Set(fields.map(({ name }) => name));
  return Object.fromEntries(Object.entries(value).filter(([name]) => !names.has(name)));
}

function restText(rest: JsonObject, typed: string | undefined): string {
  if (typed !== undefined) return typed;
  return Object.keys(rest).length === 0 ? '' : JSON.stringify(rest, null, 2);
}

function restHint({ unlisted }: GroupField): string {
  if (unlisted.length === 0) return 'What has no field of its own, as a JSON object.';
  const some = unlisted.slice(0, 12).join(', ');
  const more = unlisted.length > 12 ? ` and ${unlisted.length - 12} more` : '';
  return `As a JSON object. The tool also takes ${some}${more}.`;
}
