// Finds the field at a place of the arguments, seen through the alternatives that are shown there.
import { alternativeOf, valueAt } from './field-value.ts';
import { pointerOf, type FieldPath } from '../../shared/tool-schema/field-path.ts';
import type { Field, GroupField, VariantField } from './form-field.ts';
import type { FormState } from './form-state.ts';
import { ownValue } from '../../shared/tool-schema/json-value.ts';

/** Undefined where there is no field. */
export function fieldAt(root: Field, state: FormState, path: FieldPath): Field | undefined {
  let field: Field | undefined = root;
  for (const [depth, part] of path.entries()) {
    field = memberOf(field, state, path.slice(0, depth), part);
    if (field === undefined) return undefined;
  }
  return field;
}

/** The field itself, or the alternative that is shown for it. */
export function shownField(field: Field, state: FormState, path: FieldPath): Field {
  if (field.kind !== 'variant') return field;
  return field.alternatives[shownAlternative(field, state, path)] ?? field;
}

export function shownAlternative(field: VariantField, state: FormState, path: FieldPath): number {
  const chosen = ownValue(state.chosen, pointerOf(path));
  if (chosen !== undefined && field.alternatives[chosen] !== undefined) return chosen;
  return alternativeOf(field, valueAt(state.arguments, path));
}

export function groupAt(root: Field, state: FormState, path: FieldPath): GroupField | undefined {
  const field = fieldAt(root, state, path);
  const shown = field === undefined ? undefined : shownField(field, state, path);
  return shown?.kind === 'group' ? shown : undefined;
}

export function memberOf(field: Field, state: FormState, path: FieldPath, part: string | number): Field | undefined {
  const shown = shownField(field, state, path);
  if (shown.kind === 'list') return shown.item;
  return shown.kind === 'group' ? shown.fields.find(({ name }) => name === part) : undefined;
}
