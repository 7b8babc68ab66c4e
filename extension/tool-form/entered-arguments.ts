// The arguments a call would get from what was filled in: rows left blank are not sent.
import { isWithin, partsOf, pointerOf, type FieldPath } from '../../shared/tool-schema/field-path.ts';
import type { FormState } from './form-state.ts';
import {
  isJsonArray,
  isJsonObject,
  ownValue,
  type JsonObject,
  type JsonValue,
} from '../../shared/tool-schema/json-value.ts';

export function enteredArguments(state: FormState): JsonObject {
  if (Object.keys(state.drafts).length === 0) return state.arguments;
  const kept = keep(state.arguments, [], state);
  return isJsonObject(kept) ? kept : {};
}

function keep(value: JsonValue, path: FieldPath, state: FormState): JsonValue {
  const pointer = pointerOf(path);
  if (!Object.keys(state.drafts).some((key) => isWithin(key, pointer))) return value;
  if (isJsonArray(value)) {
    return value.flatMap((row, index) =>
      isDrafted(state, [...path, index]) ? [] : [keep(row, [...path, index], state)],
    );
  }
  if (!isJsonObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name, keep(member, [...path, name], state)]),
  );
}

/** The place in the form of a place in the arguments: rows left blank count in the one and not in the other. */
export function placeInForm(state: FormState, pointer: string): FieldPath {
  const path: (string | number)[] = [];
  let value: JsonValue | undefined = state.arguments;
  for (const part of partsOf(pointer)) {
    if (isJsonArray(value)) {
      const row = rowInForm(state, path, value.length, Number(part));
      path.push(row);
      value = value[row];
    } else {
      path.push(part);
      value = value !== undefined && isJsonObject(value) ? ownValue(value, part) : undefined;
    }
  }
  return path;
}

function rowInForm(state: FormState, list: FieldPath, length: number, sent: number): number {
  let before = -1;
  for (let row = 0; row < length; row++) if (!isDrafted(state, [...list, row]) && ++before === sent) return row;
  return sent;
}

function isDrafted(state: FormState, path: FieldPath): boolean {
  return Object.hasOwn(state.drafts, pointerOf(path));
}
