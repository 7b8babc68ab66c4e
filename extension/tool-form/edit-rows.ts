// Adding, removing and moving the rows of a list.
import { clearField, giveDraft, giveValue } from './edit-form.ts';
import { fieldAt, shownField } from './field-at.ts';
import type { FieldPath } from '../../shared/tool-schema/field-path.ts';
import { initialGroup, initialValue, valueAt } from './field-value.ts';
import type { Field } from './form-field.ts';
import { moveNotes } from './form-notes.ts';
import type { FormState } from './form-state.ts';
import { isJsonArray, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { replaceValue } from './put-value.ts';

export function addRow(root: Field, state: FormState, path: FieldPath): FormState {
  const field = fieldAt(root, state, path);
  const list = field === undefined ? undefined : shownField(field, state, path);
  if (list?.kind !== 'list') return state;
  const rows = valueAt(state.arguments, path);
  const row = [...path, isJsonArray(rows) ? rows.length : 0];
  const initial = list.item.kind === 'group' ? initialGroup(list.item) : initialValue(list.item);
  return initial === undefined ? giveDraft(root, state, row, '') : giveValue(root, state, row, initial);
}

/** With its last row a list goes as a whole. */
export function removeRow(root: Field, state: FormState, path: FieldPath, index: number): FormState {
  const rows = valueAt(state.arguments, path);
  if (!isJsonArray(rows)) return state;
  const left = rows.filter((_, at) => at !== index);
  const moved = {
    ...state,
    ...moveNotes(state, path, (row) => (row === index ? undefined : row > index ? row - 1 : row)),
  };
  if (left.length === 0) return clearField(root, moved, path);
  return { ...moved, arguments: replaceValue(moved.arguments, path, left) };
}

export function moveRow(state: FormState, path: FieldPath, from: number, to: number): FormState {
  const rows = valueAt(state.arguments, path);
  if (!isJsonArray(rows) || rows[from] === undefined || rows[to] === undefined) return state;
  const order = [...rows.keys()];
  order.splice(to, 0, ...order.splice(from, 1));
  // Its numbers are those of the rows.
  const moved = order.map((index) => rows[index] as JsonValue);
  return {
    ...moveNotes(state, path, (row) => order.indexOf(row)),
    arguments: replaceValue(state.arguments, path, moved),
  };
}

/** Several items at once, from a row on; the first takes that row's place. */
export function giveRows(
  root: Field,
  state: FormState,
  { path, index, values }: { path: FieldPath; index: number; values: readonly JsonValue[] },
): FormState {
  const rows = valueAt(state.arguments, path);
  const count = isJsonArray(rows) ? rows.length : 0;
  const before = isJsonArray(rows) ? rows.slice(0, index) : [];
  const after = isJsonArray(rows) ? rows.slice(index + 1) : [];
  const shift = values.length - (index < count ? 1 : 0);
  const moved = {
    ...state,
    ...moveNotes(state, path, (row) => (row === index ? undefined : row > index ? row + shift : row)),
  };
  const given = giveValue(root, moved, path, [...before, ...values, ...after]);
  return { ...given, drafts: { ...moved.drafts }, chosen: { ...moved.chosen } };
}
