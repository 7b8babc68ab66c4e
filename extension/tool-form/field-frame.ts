// What every field has, whatever its kind: name, label, description and initial value, read from its schema.
import { cleanBlock, cleanLine } from '../results/clean-text.ts';
import { fieldLabel } from './field-label.ts';
import type { FieldPlace } from './field-place.ts';
import type { JsonField } from './form-field.ts';
import { limitText } from './limit-text.ts';
import { isJsonObject, sameJson, type JsonValue } from '../../shared/tool-schema/json-value.ts';
import { hasType, typesOf } from './schema-types.ts';
import type { ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

const maxLabel = 120;
const maxDescription = 4_000;

export type Frame = Omit<JsonField, 'kind' | 'expects'>;

export function frameOf(schema: ToolSchema, place: FieldPlace): Frame {
  const { title, description, examples, deprecated, secret } = schema;
  const initial = initialOf(schema);
  const limits = limitText(schema);
  return {
    name: place.name,
    label: lineOf(title ?? '') || place.label || fieldLabel(lineOf(place.name)) || '(no name)',
    required: place.required,
    nullable: acceptsNull(schema),
    ...(description !== undefined && { description: blockOf(description) }),
    ...(limits !== undefined && { limits }),
    ...(initial !== undefined && { initial }),
    ...(examples !== undefined && { examples }),
    ...(deprecated === true && { deprecated }),
    ...(secret === true && { secret }),
  };
}

function acceptsNull(schema: ToolSchema): boolean {
  return typesOf(schema).includes('null') && (schema.enum === undefined || schema.enum.includes(null));
}

/** A default that the schema itself would refuse is no default; an empty one changes nothing. */
function initialOf(schema: ToolSchema): JsonValue | undefined {
  const { default: given, enum: options } = schema;
  if (given === undefined || given === null || given === '') return undefined;
  const types = typesOf(schema);
  if (types.length > 0 && !types.some((type) => hasType(given, type))) return undefined;
  if (options !== undefined && !options.some((option) => sameJson(option, given))) return undefined;
  const isEmpty = Array.isArray(given) ? given.length === 0 : isJsonObject(given) && Object.keys(given).length === 0;
  return isEmpty ? undefined : given;
}

function lineOf(text: string): string {
  return cleanLine(text.slice(0, 4 * maxLabel)).slice(0, maxLabel);
}

function blockOf(text: string): string {
  return cleanBlock(text.length <= maxDescription ? text : `${text.slice(0, maxDescription)}…`);
}
