// What was filled in: the arguments so far, texts that are no value yet, and chosen alternatives. Plain data that can be saved.
import { isJsonObject, type JsonObject, type JsonValue } from '../../shared/tool-schema/json-value.ts';

export interface FormState {
  /** Only what was given; a row of a list whose text is in `drafts` holds null. */
  readonly arguments: JsonObject;
  /** By pointer: text that has no value (yet), such as `1e` for a number or half of a JSON text. */
  readonly drafts: Readonly<Record<string, string>>;
  /** By pointer: which alternative is shown there, when it does not follow from the value. */
  readonly chosen: Readonly<Record<string, number>>;
}

/** Key in `drafts` of the JSON text for those properties of a group that have no field. */
export function restKey(groupPointer: string): string {
  return `rest:${groupPointer}`;
}

export function stateOf(values: JsonObject): FormState {
  return { arguments: values, drafts: {}, chosen: {} };
}

/** A saved state; undefined for anything else. */
export function parseFormState(data: unknown): FormState | undefined {
  if (!isJsonObject(data)) return undefined;
  const { arguments: values, drafts, chosen } = data;
  if (!isJsonObject(values) || !isRecordOf(drafts, 'string') || !isRecordOf(chosen, 'number')) return undefined;
  return { arguments: values, drafts, chosen };
}

function isRecordOf<Type extends 'string' | 'number'>(
  data: JsonValue | undefined,
  type: Type,
): data is Readonly<Record<string, Type extends 'string' ? string : number>> {
  return isJsonObject(data) && Object.values(data).every((value) => typeof value === type);
}
