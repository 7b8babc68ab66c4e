// Which types of value a schema means, also where it does not say so.
import type { JsonType, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';
import type { JsonValue } from '../../shared/tool-schema/json-value.ts';

const hints: readonly (readonly [JsonType, readonly (keyof ToolSchema)[]])[] = [
  ['object', ['properties', 'additionalProperties', 'patternProperties', 'required', 'propertyNames']],
  ['array', ['items', 'prefixItems', 'contains', 'minItems', 'maxItems']],
  ['string', ['minLength', 'maxLength', 'pattern', 'format']],
  ['number', ['minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf']],
];

/** Empty when a schema leaves the type open. `integer` is not listed beside `number`. */
export function typesOf(schema: ToolSchema): readonly JsonType[] {
  const { type } = schema;
  if (type !== undefined) return type.includes('number') ? type.filter((name) => name !== 'integer') : type;
  const implied = hints.find(([, keywords]) => keywords.some((keyword) => schema[keyword] !== undefined));
  return implied === undefined ? [] : [implied[0]];
}

export function hasType(value: JsonValue, type: JsonType): boolean {
  if (type === 'null') return value === null;
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  if (type === 'integer') return typeof value === 'number' && Number.isInteger(value);
  return typeof value === type;
}
