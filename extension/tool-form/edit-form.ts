// Changes to what was filled in, as pure functions: giving a value, clearing one, alternatives, and what has no field.
import { fieldAt, groupAt } from './field-at.ts';
import { initialGroup, initialValue, valueAt } from './field-value.ts';
import { isWithin, pointerOf, type FieldPath } from '../../shared/tool-schema/field-path.ts';
import type { Field } from './form-field.ts';
import { filterKeys, forgetNotes } from './form-notes.ts';
import { restKey, type FormState } from './form-state.ts';
import {
  isJsonObject,
  sameJson,
  without,
  type JsonObject,
  type JsonValue,
} from '../../shared/tool-schema/json-value.ts';
import { putValue, replaceValue } from './put-value.ts';

export function giveValue(root: Field, state: FormState, path: FieldPath, value: JsonValue): FormState {
  return forgetNotes({ ...state, arguments: putValue(root, state, path, value) }, path);
}

/** Keeps a text that is no value (yet); the place then has no value. */
export function giveDraft(root: Field, state: FormState, path: FieldPath, text: string): FormState {
  const emptied = removeValue(root, state, path, { prune: false });
  return { ...emptied, drafts: { ...emptied.drafts, [pointerOf(path)]: text } };
}

/** Empties a field: the property goes, with groups around it that only it had called into being; a row stays, blank. */
export function clearField(root: Field, state: FormState, path: FieldPath): FormState {
  if (typeof path.at(-1) === 'number') return giveDraft(root, state, path, '');
  const field = fieldAt(root, state, path);
  if (field?.required === true && field.nullable) return giveValue(root, state, path, null);
  return removeValue(root, state, path, { prune: true });
}

/** Shows another alternative and starts it afresh. */
export function chooseAlternative(root: Field, state: FormState, path: FieldPath, index: number): FormState {
  const field = fieldAt(root, state, path);
  const alternative = field?.kind === 'variant' ? field.alternatives[index] : undefined;
  if (alternative === undefined) return state;
  const chosen = { ...forgetNotes(state, path).chosen, [pointerOf(path)]: index };
  const initial = alternative.kind === 'group' ? initialGroup(alternative) : initialValue(alternative);
  const started =
    initial === undefined
      ? removeValue(root, state, path, { prune: false })
      : giveValue(root, { ...state, chosen }, path, initial);
  return { ...started, chosen: { ...started.chosen, ...chosen } };
}

/** Replaces those properties of a group that have no field of their own. */
export function giveRest(root: Field, state: FormState, path: FieldPath, rest: JsonObject): FormState {
  const group = groupAt(root, state, path);
  if (group === undefined) return state;
  const value = valueAt(state.arguments, path);
  const names = new Set(group.fields.map(({ name }) => name));
  const own = Object.entries(isJsonObject(value) ? value : initialGroup(group)).filter(([name]) => names.has(name));
  const free = Object.entries(rest).filter(([name]) => !names.has(name));
  const key = restKey(pointerOf(path));
  return {
    ...state,
    arguments: putValue(root, state, path, Object.fromEntries([...own, ...free])),
    drafts: filterKeys(state.drafts, (other) => other !== key),
  };
}

export function giveRestDraft(root: Field, state: FormState, path: FieldPath, text: string): FormState {
  const emptied = giveRest(root, state, path, {});
  return { ...emptied, drafts: { ...emptied.drafts, [restKey(pointerOf(path))]: text } };
}

function removeValue(root: Field, state: FormState, path: FieldPath, { prune }: { prune: boolean }): FormState {
  const part = path.at(-1);
  const cleared = forgetNotes(state, path);
  if (part === undefined) return { ...cleared, arguments: {} };
  // A row cannot go without moving the others: null keeps its place.
  if (typeof part === 'number') return { ...cleared, arguments: putValue(root, cleared, path, null) };
  const around = path.slice(0, -1);
  const group = valueAt(cleared.arguments, around);
  if (group === undefined || !isJsonObject(group) || !Object.hasOwn(group, part)) return cleared;
  const left = without(group, part);
  const removed = { ...cleared, arguments: replaceValue(cleared.arguments, around, left) };
  return prune && isLeftOver(root, removed, around, left) ? removeValue(root, removed, around, { prune }) : removed;
}

/** An optional group that holds nothing beside what it brought along. */
function isLeftOver(root: Field, state: FormState, path: FieldPath, value: JsonObject): boolean {
  if (path.length === 0 || typeof path.at(-1) === 'number') return false;
  if (fieldAt(root, state, path)?.required !== false) return false;
  const pointer = pointerOf(path);
  if (Object.keys(state.drafts).some((key) => isWithin(key, pointer))) return false;
  const group = groupAt(root, state, path);
  return sameJson(value, {}) || (group !== undefined && sameJson(value, initialGroup(group)));
}
