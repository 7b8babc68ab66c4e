// A list: one row per item with its own controls, and for simple items an empty row to go on with.
import { html, nothing, type TemplateResult } from 'lit';
import { addRow, giveRows, moveRow, removeRow } from '../../tool-form/edit-rows.ts';
import { pointerOf, type FieldPath } from '../../../shared/tool-schema/field-path.ts';
import { readText } from '../../tool-form/field-text.ts';
import { valueAt } from '../../tool-form/field-value.ts';
import type { Field, ListField } from '../../tool-form/form-field.ts';
import { shownProblem } from '../../tool-form/form-page.ts';
import { isJsonArray } from '../../../shared/tool-schema/json-value.ts';
import { inputId, partId, type FormContext } from './form-context.ts';
import { fits, renderDescription, renderField, renderProblem, renderTitle } from './render-field.ts';
import { renderInput } from './render-input.ts';

export interface ListDrawing {
  readonly field: Field;
  readonly list: ListField;
  readonly path: FieldPath;
  readonly context: FormContext;
  readonly picker: TemplateResult | typeof nothing;
}

export function renderList(drawing: ListDrawing): TemplateResult {
  const { field, list, path, context, picker } = drawing;
  const key = pointerOf(path);
  const rows = valueAt(context.page.state.arguments, path);
  const count = isJsonArray(rows) ? rows.length : 0;
  const isFull = list.maxItems !== undefined && count >= list.maxItems;
  const goesOn = isSimple(list.item) && !isFull;
  const drawn = Array.from({ length: count + (goesOn ? 1 : 0) }, (_, index) => renderRow(drawing, index, count));
  const isWrong = shownProblem(context.page, key) !== undefined;
  return html`<fieldset
    class="list"
    id=${inputId(key)}
    tabindex="-1"
    aria-describedby=${isWrong ? partId(key, 'problem') : nothing}
  >
    <legend class="label" id=${partId(key, 'label')}>${renderTitle(field)}</legend>
    ${renderDescription(field, key)} ${picker}
    <ol class=${count > 1 ? 'rows ordered' : 'rows'}>
      ${drawn}
    </ol>
    ${goesOn || isFull ? nothing : renderAdd(drawing, count)} ${renderProblem(context.page, key)}
  </fieldset>`;
}

/** Items that are one input each. */
function isSimple({ kind }: Field): boolean {
  return kind !== 'group' && kind !== 'list' && kind !== 'variant' && kind !== 'json';
}

function renderAdd({ field, path, context }: ListDrawing, count: number): TemplateResult {
  const add = (): void => {
    context.change((state) => addRow(context.page.root, state, path));
    context.focusOn(inputId(pointerOf([...path, count])));
  };
  return html`<button type="button" class="add" ?disabled=${context.isLocked} @click=${add}>
    <span class="codicon codicon-add" aria-hidden="true"></span>Add item<span class="unseen"> to ${field.label}</span>
  </button>`;
}

function renderRow(drawing: ListDrawing, index: number, count: number): TemplateResult {
  const { field, list, path, context } = drawing;
  const { item } = list;
  const row = [...path, index];
  const key = pointerOf(row);
  const isThere = index < count;
  const label = isThere ? `${field.label} ${index + 1}` : `${field.label}, new item`;
  const isPlain = isSimple(item) && fits(context.page, item, row);
  const content =
    isPlain && item.kind !== 'group' && item.kind !== 'list' && item.kind !== 'variant'
      ? html`${renderInput(item, row, context, {
          ariaLabel: label,
          describedBy: [],
          ...(count === 0 && { problemKey: pointerOf(path) }),
          onKeyDown: (event) => goOn(event, drawing, index),
          onPaste: (event) => pasteRows(event, drawing, index),
        })}${renderProblem(context.page, key)}`
      : renderField({ ...item, label: `${item.label} ${index + 1}`, required: false }, row, context);
  return html`<li class=${isThere ? 'row' : 'row next'}>
    <div class="content">${content}</div>
    <div class="tools">${isThere ? renderTools(drawing, index, count, label) : nothing}</div>
  </li>`;
}

function renderTools(
  { path, context, list }: ListDrawing,
  index: number,
  count: number,
  label: string,
): TemplateResult {
  const { page } = context;
  const move = (to: number): void => {
    context.change((state) => moveRow(state, path, index, to));
    context.focusOn(`${to > index ? 'down' : 'up'}:${inputId(pointerOf([...path, to]))}`);
  };
  const remove = (): void => {
    context.change((state) => removeRow(page.root, state, path, index));
    const next = Math.min(index, isSimple(list.item) ? count - 1 : count - 2);
    context.focusOn(inputId(next < 0 ? pointerOf(path) : pointerOf([...path, next])));
  };
  const row = inputId(pointerOf([...path, index]));
  const tool = (options: {
    id: string;
    icon: string;
    words: string;
    isOff: boolean;
    act: () => void;
  }): TemplateResult =>
    html`<button
      type="button"
      class="tool"
      id=${`${options.id}:${row}`}
      title=${options.words}
      aria-label="${options.words}: ${label}"
      ?disabled=${context.isLocked || options.isOff}
      @click=${options.act}
    >
      <span class="codicon codicon-${options.icon}" aria-hidden="true"></span>
    </button>`;
  const order =
    count < 2
      ? nothing
      : html`${tool({ id: 'up', icon: 'arrow-up', words: 'Move up', isOff: index === 0, act: () => move(index - 1) })}
        ${tool({ id: 'down', icon: 'arrow-down', words: 'Move down', isOff: index === count - 1, act: () => move(index + 1) })}`;
  return html`${order}${tool({ id: 'remove', icon: 'close', words: 'Remove', isOff: false, act: remove })}`;
}

/** Enter goes to the next row; with Shift it breaks the line, with Ctrl or Cmd it runs the tool. */
function goOn(event: KeyboardEvent, { path, context }: ListDrawing, index: number): void {
  if (event.key !== 'Enter' || event.shiftKey || event.ctrlKey || event.metaKey || event.isComposing) return;
  event.preventDefault();
  context.focusOn(inputId(pointerOf([...path, index + 1])));
}

/** Several lines become several items. */
function pasteRows(event: ClipboardEvent, { list, path, context }: ListDrawing, index: number): void {
  const lines = (event.clipboardData?.getData('text/plain') ?? '').split(/\r?\n/).map((line) => line.trim());
  const given = lines.filter((line) => line !== '');
  const { item } = list;
  if (given.length < 2 || item.kind === 'group' || item.kind === 'list' || item.kind === 'variant') return;
  const target = event.target as HTMLTextAreaElement | HTMLInputElement;
  if (target.value !== '') return;
  event.preventDefault();
  const values = given
    .map((line) => readText(item, line))
    .flatMap((reading) => ('value' in reading ? [reading.value] : []));
  context.change((state) => giveRows(context.page.root, state, { path, index, values }));
  context.focusOn(inputId(pointerOf([...path, index + values.length])));
}
