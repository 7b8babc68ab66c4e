// Puts a value at a place of the arguments; what is missing on the way comes into being, with the defaults of its group.
import { memberOf, shownField } from './field-at.ts';
import type { FieldPath } from '../../shared/tool-schema/field-path.ts';
import { initialGroup } from './field-value.ts';
import type { Field } from './form-field.ts';
import type { FormState } from './form-state.ts';
import {
  isJsonArray,
  isJsonObject,
  ownValue,
  type JsonObject,
  type JsonValue,
} from '../../shared/tool-schema/json-value.ts';

/** A row behind the last one is added. */
export function putValue(root: Field, state: FormState, path: FieldPath, given: JsonValue): JsonObject {
  return asObject(put({ field: root, state, at: [] }, state.arguments, path, given));
}

/** Changes a value that is there; nothing comes into being. */
export function replaceValue(values: JsonObject, path: FieldPath, given: JsonValue): JsonObject {
  return asObject(replace(values, path, given));
}

interface Descent {
  readonly field: Field | undefined;
  readonly state: FormState;
  readonly at: FieldPath;
}

function put(
  { field, state, at }: Descent,
  value: JsonValue | undefined,
  path: FieldPath,
  given: JsonValue,
): JsonValue {
  const [part, ...rest] = path;
  if (part === undefined) return given;
  const member = field === undefined ? undefined : memberOf(field, state, at, part);
  const down = { field: member, state, at: [...at, part] };
  if (typeof part === 'number') {
    const rows = isJsonArray(value) ? value : [];
    const changed = put(down, rows[part], rest, given);
    return part >= rows.length ? [...rows, changed] : rows.map((row, index) => (index === part ? changed : row));
  }
  const shown = field === undefined ? undefined : shownField(field, state, at);
  const fields = shown?.kind === 'group' ? shown.fields : [];
  const object = isJsonObject(value) ? value : initialGroup({ fields });
  return inOrder({ ...object, [part]: put(down, ownValue(object, part), rest, given) }, fields);
}

/** Properties in the order of the form, then the others, however they were filled in. */
function inOrder(object: JsonObject, fields: readonly Field[]): JsonObject {
  const place = new Map(fields.map(({ name }, index) => [name, index]));
  const placeOf = (name: string): number => place.get(name) ?? fields.length;
  return Object.fromEntries(Object.entries(object).sort(([one], [other]) => placeOf(one) - placeOf(other)));
}

function replace(value: JsonValue, path: FieldPath, given: JsonValue): JsonValue {
  const [part, ...rest] = path;
  if (part === undefined) return given;
  if (typeof part === 'number') {
    if (!isJsonArray(value)) return value;
    return value.map((row, index) => (index === part ? replace(row, rest, given) : row));
  }
  if (!isJsonObject(value)) return value;
  const member = ownValue(value, part);
  return member === undefined ? value : { ...value, [part]: replace(member, rest, given) };
}

function asObject(value: JsonValue): JsonObject {
  return isJsonObject(value) ? value : {};
}
