// From a tool's schema to its form. What no field can express becomes a JSON field for that part only; size and depth are
// bounded, so that a hostile schema gives a small form.
import { effectiveSchema } from './effective-schema.ts';
import { frameOf } from './field-frame.ts';
import type { FieldPlace, FormBuilder } from './field-place.ts';
import type { Field, Form, GroupField, JsonField, VariantField } from './form-field.ts';
import { ownValue } from '../../shared/tool-schema/json-value.ts';
import { choiceField } from './schema-choice.ts';
import { typesOf } from './schema-types.ts';
import { variantField } from './schema-variant.ts';
import type { SchemaNode, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

/** Groups and lists within each other; what is deeper is written as JSON. */
const maxDepth = 5;
const maxFields = 200;

export function formOf(schema: ToolSchema): Form {
  const builder: FormBuilder = {
    root: schema,
    fieldsLeft: maxFields,
    fieldOf: (node, place) => fieldOf(node, place, builder),
  };
  const place: FieldPlace = { name: '', label: 'Arguments', required: true, depth: 0, within: ['#'] };
  const root = builder.fieldOf(schema, place);
  return { root: isWhole(root) ? root : { ...frameOf(schema, place), kind: 'json', expects: 'object' } };
}

/** True when there is nothing to fill in, since the schema has no place for anything. */
export function takesNoArguments(schema: ToolSchema): boolean {
  const { type, properties, additionalProperties, $ref, allOf, anyOf, oneOf, patternProperties, required } = schema;
  if (type === undefined && properties === undefined) return false;
  if (Object.keys(properties ?? {}).length > 0 || required !== undefined) return false;
  if (additionalProperties !== undefined && additionalProperties !== false) return false;
  return [$ref, allOf, anyOf, oneOf, patternProperties].every((part) => part === undefined);
}

/** Arguments are an object, so each alternative of the whole has to be one. */
function isWhole(field: Field): field is GroupField | VariantField | JsonField {
  if (field.kind === 'group') return true;
  if (field.kind === 'json') return field.expects === 'object';
  return field.kind === 'variant' && field.alternatives.every(isWhole);
}

function fieldOf(node: SchemaNode, place: FieldPlace, builder: FormBuilder): Field {
  builder.fieldsLeft--;
  const effective = effectiveSchema(node, builder.root);
  if (effective === undefined) return { ...frameOf(typeof node === 'boolean' ? {} : node, place), kind: 'json' };
  const { schema, followed } = effective;
  const isInsideItself = followed.some((reference) => place.within.includes(reference));
  if (isInsideItself || builder.fieldsLeft < 0) return jsonField(schema, place);
  const inner = { ...place, within: [...place.within, ...followed] };
  return (
    choiceField(schema, frameOf(schema, inner)) ??
    variantField(schema, inner, builder) ??
    plainField(schema, inner, builder)
  );
}

/** A field for a schema of one type. */
function plainField(schema: ToolSchema, place: FieldPlace, builder: FormBuilder): Field {
  const types = typesOf(schema).filter((type) => type !== 'null');
  const frame = frameOf(schema, place);
  const { format, maxLength, minimum, maximum } = schema;
  switch (types.length === 1 ? types[0] : undefined) {
    case 'string':
      return {
        ...frame,
        kind: 'text',
        ...(format !== undefined && { format }),
        ...(maxLength !== undefined && { maxLength }),
      };
    case 'number':
    case 'integer':
      return {
        ...frame,
        kind: 'number',
        isInteger: types[0] === 'integer',
        ...(minimum !== undefined && { minimum }),
        ...(maximum !== undefined && { maximum }),
      };
    case 'boolean':
      return { ...frame, kind: 'boolean' };
    case 'array':
      return listField(schema, place, builder) ?? jsonField(schema, place);
    case 'object':
      return groupField(schema, place, builder) ?? jsonField(schema, place);
    default:
      return jsonField(schema, place);
  }
}

function listField(schema: ToolSchema, place: FieldPlace, builder: FormBuilder): Field | undefined {
  const { items, prefixItems, maxItems } = schema;
  if (prefixItems !== undefined || items === undefined || typeof items === 'boolean') return undefined;
  if (place.depth >= maxDepth) return undefined;
  const { within, depth } = place;
  const item = builder.fieldOf(items, { name: '', label: 'Item', required: true, depth: depth + 1, within });
  return { ...frameOf(schema, place), kind: 'list', item, ...(maxItems !== undefined && { maxItems }) };
}

function groupField(schema: ToolSchema, place: FieldPlace, builder: FormBuilder): GroupField | undefined {
  const { properties = {}, required = [], additionalProperties, patternProperties } = schema;
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  const names = [...required, ...optional];
  if (place.depth >= maxDepth || (names.length === 0 && place.depth > 0)) return undefined;
  const fields: Field[] = [];
  const unlisted: string[] = [];
  for (const [index, name] of names.entries()) {
    const node = ownValue(properties, name) ?? additionalProperties ?? true;
    if (node === false) continue;
    const child = { name, required: index < required.length, depth: place.depth + 1, within: place.within };
    if (builder.fieldsLeft > 0) fields.push(builder.fieldOf(node, child));
    else unlisted.push(name);
  }
  const hasFreeNames =
    (additionalProperties !== undefined && additionalProperties !== false) || patternProperties !== undefined;
  return {
    ...frameOf(schema, place),
    kind: 'group',
    fields,
    offersRest: hasFreeNames || unlisted.length > 0,
    unlisted,
  };
}

function jsonField(schema: ToolSchema, place: FieldPlace): JsonField {
  const types = typesOf(schema).filter((type) => type !== 'null');
  const expects = types.length === 1 ? types.find((type) => type === 'object' || type === 'array') : undefined;
  return { ...frameOf(schema, place), kind: 'json', ...(expects && { expects }) };
}
