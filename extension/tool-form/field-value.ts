// Which values a field can show, what stands in it at first, and which alternative of a field a value belongs to.
import type { Field, VariantField } from './form-field.ts';
import type { FieldPath } from '../../shared/tool-schema/field-path.ts';
import {
  isJsonArray,
  isJsonObject,
  ownValue,
  sameJson,
  type JsonObject,
  type JsonValue,
} from '../../shared/tool-schema/json-value.ts';

/** Whether the field itself can show the value; its parts look after themselves. Where not, JSON is shown. */
export function canShow(field: Field, value: JsonValue): boolean {
  if (value === null && field.nullable) return true;
  switch (field.kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'choice':
      return field.options.some((option) => sameJson(option.value, value));
    case 'constant':
      return sameJson(field.value, value);
    case 'list':
      return isJsonArray(value);
    case 'group':
      return isJsonObject(value);
    case 'variant':
      return field.alternatives.some((alternative) => canShow(alternative, value));
    case 'json':
      return true;
  }
}

/** Undefined for a field that is empty at first. */
export function initialValue(field: Field): JsonValue | undefined {
  const { initial, required, nullable } = field;
  if (initial !== undefined) return initial;
  if (!required) return undefined;
  if (field.kind === 'constant') return field.value;
  if (nullable) return null;
  if (field.kind === 'boolean') return false;
  if (field.kind === 'group') return initialGroup(field);
  if (field.kind === 'variant') {
    const [first] = field.alternatives;
    return first?.kind === 'group' ? initialValue(first) : undefined;
  }
  return undefined;
}

/** What a group holds as soon as it is there at all. */
export function initialGroup({ fields }: { readonly fields: readonly Field[] }): JsonObject {
  const members = fields.map((field) => [field.name, initialValue(field)] as const);
  return Object.fromEntries(members.filter((member): member is [string, JsonValue] => member[1] !== undefined));
}

export function initialArguments(root: Field): JsonObject {
  const initial = initialValue(root);
  return initial !== undefined && isJsonObject(initial) ? initial : {};
}

export function valueAt(values: JsonValue, path: FieldPath): JsonValue | undefined {
  let value: JsonValue | undefined = values;
  for (const part of path) {
    if (typeof part === 'number') value = isJsonArray(value) ? value[part] : undefined;
    else value = isJsonObject(value) ? ownValue(value, part) : undefined;
  }
  return value;
}

/** The alternative the value belongs to: of groups the one whose constants agree and that knows most of the names. */
export function alternativeOf({ alternatives }: VariantField, value: JsonValue | undefined): number {
  if (value === undefined || value === null) return 0;
  let best = 0;
  let bestScore = -1;
  for (const [index, alternative] of alternatives.entries()) {
    const score = likeness(alternative, value);
    if (score > bestScore) [best, bestScore] = [index, score];
  }
  return best;
}

function likeness(field: Field, value: JsonValue): number {
  if (!canShow(field, value)) return -1;
  if (field.kind === 'json') return isExpected(field.expects, value) ? 1 : -1;
  if (field.kind !== 'group' || !isJsonObject(value)) return 2;
  let score = 2;
  for (const member of field.fields) {
    const given = ownValue(value, member.name);
    if (given === undefined) score -= member.required ? 1 / 16 : 0;
    else if (!canShow(member, given)) return 0;
    else score += member.kind === 'constant' ? 16 : 1;
  }
  return score;
}

function isExpected(expects: 'object' | 'array' | undefined, value: JsonValue): boolean {
  if (expects === 'object') return isJsonObject(value);
  return expects === undefined || isJsonArray(value);
}
