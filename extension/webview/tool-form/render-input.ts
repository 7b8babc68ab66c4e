// One input of the form for one value: the native control that fits, since labels and descriptions reach only those.
import { html, nothing, type TemplateResult } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { live } from 'lit/directives/live.js';
import { clearField, giveDraft, giveValue } from '../../tool-form/edit-form.ts';
import { pointerOf, type FieldPath } from '../../../shared/tool-schema/field-path.ts';
import { readText, writeText } from '../../tool-form/field-text.ts';
import { valueAt } from '../../tool-form/field-value.ts';
import type { BooleanField, ChoiceField, LeafField, TextField } from '../../tool-form/form-field.ts';
import { shownProblem, type FormPage } from '../../tool-form/form-page.ts';
import type { FormState } from '../../tool-form/form-state.ts';
import { ownValue, sameJson } from '../../../shared/tool-schema/json-value.ts';
import { inputId, partId, type FormContext } from './form-context.ts';
import { toLocalInput, toZonedTime } from './local-time.ts';

/** More options than that are found faster by typing. */
const maxSelectOptions = 30;
const maxSuggestions = 100;

export interface InputOptions {
  /** For inputs without a label of their own, as rows have. */
  readonly ariaLabel?: string;
  /** The place whose problem is this input's, when it is not its own: the list's, for the row that its first item goes into. */
  readonly problemKey?: string;
  /** Ids of what explains the input beside its problem. */
  readonly describedBy: readonly string[];
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  readonly onPaste?: (event: ClipboardEvent) => void;
}

interface Drawn extends InputOptions {
  readonly key: string;
  readonly text: string;
  readonly problem: string | undefined;
  readonly context: FormContext;
  enter(text: string): void;
  choose(text: string): void;
}

export function renderInput(
  field: LeafField,
  path: FieldPath,
  context: FormContext,
  options: InputOptions,
): TemplateResult {
  const key = pointerOf(path);
  const { page } = context;
  const edit = (text: string) => (state: FormState) => enterText(page, field, state, path, text);
  const drawn: Drawn = {
    ...options,
    key,
    text: textOf(page, field, path),
    problem: shownProblem(page, options.problemKey ?? key),
    context,
    enter: (text) => context.type(key, text, edit(text)),
    choose: (text) => {
      context.type(key, text, edit(text));
      context.leave(key);
    },
  };
  switch (field.kind) {
    case 'boolean':
      return renderBoolean(field, drawn);
    case 'choice':
      return field.options.length > maxSelectOptions ? renderSearch(field, drawn) : renderSelect(field, drawn);
    case 'constant':
      return html`<output id=${inputId(key)} class="code">${writeText(field, field.value)}</output>`;
    case 'number':
      return renderLine({ ...drawn, inputMode: field.isInteger ? 'numeric' : 'decimal' });
    case 'json':
      return renderBlock({
        ...drawn,
        isCode: true,
        placeholder: jsonHint(field.expects),
      });
    case 'text':
      return renderText(field, drawn);
  }
}

function jsonHint(expects: 'object' | 'array' | undefined): string {
  if (expects === undefined) return 'JSON, such as "text", 12, true or { }';
  return expects === 'object' ? '{ }' : '[ ]';
}

function enterText(page: FormPage, field: LeafField, state: FormState, path: FieldPath, text: string): FormState {
  const reading = readText(field, text);
  if ('value' in reading) return giveValue(page.root, state, path, reading.value);
  if ('problem' in reading) return giveDraft(page.root, state, path, text);
  return clearField(page.root, state, path);
}

/** What was typed, as long as it still stands for the value; otherwise the value as it is written. */
function textOf({ state, typed }: FormPage, field: LeafField, path: FieldPath): string {
  const key = pointerOf(path);
  const draft = ownValue(state.drafts, key);
  if (draft !== undefined) return draft;
  const value = valueAt(state.arguments, path);
  if (typed?.key === key && value !== undefined) {
    const reading = readText(field, typed.text);
    if ('value' in reading && sameJson(reading.value, value)) return typed.text;
  }
  return writeText(field, value);
}

function renderText(field: TextField, drawn: Drawn): TemplateResult {
  const { format, suggestions, secret } = field;
  const { text } = drawn;
  if (secret === true) return renderLine({ ...drawn, type: 'password' });
  if (format === 'date' && /^(?:\d{4}-\d\d-\d\d)?$/.test(text)) return renderLine({ ...drawn, type: 'date' });
  if (format === 'date-time') {
    const local = text === '' ? '' : toLocalInput(text);
    if (local !== undefined) return renderMoment(drawn, local);
  }
  const placeholder = exampleOf(field);
  if (text.includes('\n') || (format === undefined && suggestions === undefined))
    return renderBlock({ ...drawn, isCode: false, placeholder });
  return renderLine({ ...drawn, placeholder, suggestions });
}

function exampleOf({ examples, format }: TextField): string {
  const [example] = (examples ?? []).filter((value) => typeof value === 'string');
  if (example !== undefined) return `For example ${example.slice(0, 120)}`;
  if (format === 'email') return 'name@example.com';
  if (format === 'uri') return 'https://';
  return '';
}

interface LineOptions extends Drawn {
  readonly type?: 'text' | 'date' | 'password';
  readonly inputMode?: 'numeric' | 'decimal';
  readonly placeholder?: string;
  readonly suggestions?: readonly string[] | undefined;
}

function renderLine(line: LineOptions): TemplateResult {
  const { key, text, context, suggestions, placeholder = '' } = line;
  const listId = `list:${inputId(key)}`;
  const found = suggestions === undefined ? [] : matching(suggestions, text);
  return html`<input
      id=${inputId(key)}
      type=${line.type ?? 'text'}
      inputmode=${ifDefined(line.inputMode)}
      list=${ifDefined(suggestions === undefined ? undefined : listId)}
      autocomplete=${line.type === 'password' ? 'new-password' : 'off'}
      spellcheck="false"
      placeholder=${placeholder}
      .value=${live(text)}
      ?disabled=${context.isLocked}
      aria-label=${ifDefined(line.ariaLabel)}
      aria-invalid=${line.problem === undefined ? 'false' : 'true'}
      aria-describedby=${describedBy(line)}
      @input=${(event: Event) => line.enter((event.target as HTMLInputElement).value)}
      @change=${() => context.leave(key)}
      @blur=${() => context.leave(key)}
      @keydown=${line.onKeyDown ?? nothing}
      @paste=${line.onPaste ?? nothing}
    />${
      suggestions === undefined
        ? nothing
        : html`<datalist id=${listId}>${found.map((option) => html`<option value=${option}></option>`)}</datalist>`
    }`;
}

function matching(options: readonly string[], text: string): readonly string[] {
  const wanted = text.toLowerCase();
  const isWhole = options.includes(text);
  const found: string[] = [];
  for (const option of options) {
    if (found.length === maxSuggestions) break;
    if (isWhole || option.toLowerCase().includes(wanted)) found.push(option);
  }
  return found;
}

function renderBlock(block: Drawn & { isCode: boolean; placeholder: string }): TemplateResult {
  const { key, text, context, isCode } = block;
  return html`<textarea
    id=${inputId(key)}
    class=${isCode ? 'code' : ''}
    rows=${isCode ? 2 : 1}
    autocomplete="off"
    spellcheck=${isCode ? 'false' : 'true'}
    placeholder=${block.placeholder}
    .value=${live(text)}
    ?disabled=${context.isLocked}
    aria-label=${ifDefined(block.ariaLabel)}
    aria-invalid=${block.problem === undefined ? 'false' : 'true'}
    aria-describedby=${describedBy(block)}
    @input=${(event: Event) => block.enter((event.target as HTMLTextAreaElement).value)}
    @change=${() => context.leave(key)}
    @blur=${() => context.leave(key)}
    @keydown=${block.onKeyDown ?? nothing}
    @paste=${block.onPaste ?? nothing}
  ></textarea>`;
}

/** The picker speaks local time; the tool gets the same moment with its zone. */
function renderMoment(drawn: Drawn, local: string): TemplateResult {
  const { key, context } = drawn;
  const enter = (event: Event): void => {
    const { value } = event.target as HTMLInputElement;
    drawn.enter(value === '' ? '' : toZonedTime(value));
  };
  return html`<input
    id=${inputId(key)}
    type="datetime-local"
    step="1"
    .value=${live(local)}
    ?disabled=${context.isLocked}
    aria-label=${ifDefined(drawn.ariaLabel)}
    aria-invalid=${drawn.problem === undefined ? 'false' : 'true'}
    aria-describedby=${describedBy(drawn)}
    @input=${enter}
    @blur=${() => context.leave(key)}
  />`;
}

function renderSelect({ options, required, nullable }: ChoiceField, drawn: Drawn): TemplateResult {
  const isEmpty = drawn.text === '';
  const empty = required && !nullable ? 'Choose…' : nullable && required ? 'Null' : 'Not set';
  const hasEmpty = isEmpty || !required || nullable;
  return select(drawn, [
    ...(hasEmpty ? [{ value: '', label: empty }] : []),
    ...options.map(({ label }) => ({ value: label, label })),
  ]);
}

function renderSearch({ options }: ChoiceField, drawn: Drawn): TemplateResult {
  const placeholder = `Type to find one of ${options.length}`;
  return renderLine({ ...drawn, placeholder, suggestions: options.map(({ label }) => label) });
}

function renderBoolean({ required, nullable, initial }: BooleanField, drawn: Drawn): TemplateResult {
  const { key, text, context } = drawn;
  const hasTwoStates = text !== '' && !nullable && (required || initial !== undefined);
  if (!hasTwoStates) {
    const empty = required ? (nullable ? 'Null' : 'Choose…') : 'Not set';
    return select(drawn, [
      { value: '', label: empty },
      { value: 'true', label: 'Yes' },
      { value: 'false', label: 'No' },
    ]);
  }
  return html`<input
    id=${inputId(key)}
    type="checkbox"
    .checked=${live(text === 'true')}
    ?disabled=${context.isLocked}
    aria-label=${ifDefined(drawn.ariaLabel)}
    aria-invalid=${drawn.problem === undefined ? 'false' : 'true'}
    aria-describedby=${describedBy(drawn)}
    @change=${(event: Event) => drawn.choose(String((event.target as HTMLInputElement).checked))}
  />`;
}

function select(drawn: Drawn, options: readonly { readonly value: string; readonly label: string }[]): TemplateResult {
  return html`<select
    id=${inputId(drawn.key)}
    ?disabled=${drawn.context.isLocked}
    aria-label=${ifDefined(drawn.ariaLabel)}
    aria-invalid=${drawn.problem === undefined ? 'false' : 'true'}
    aria-describedby=${describedBy(drawn)}
    @change=${(event: Event) => drawn.choose((event.target as HTMLSelectElement).value)}
  >
    ${options.map(
      ({ value, label }) => html`<option value=${value} .selected=${live(value === drawn.text)}>${label}</option>`,
    )}
  </select>`;
}

function describedBy({ key, problemKey = key, problem, describedBy: ids }: Drawn): string {
  return [...ids, ...(problem === undefined ? [] : [partId(problemKey, 'problem')])].join(' ');
}
