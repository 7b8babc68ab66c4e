// Fields that take one of several kinds of value: `oneOf`, `anyOf` and lists of types.
import { combine, effectiveSchema } from './effective-schema.ts';
import { frameOf, type Frame } from './field-frame.ts';
import type { FieldPlace, FormBuilder } from './field-place.ts';
import type { Field, TextField } from './form-field.ts';
import { typesOf } from './schema-types.ts';
import type { JsonType, SchemaNode, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

const maxAlternatives = 12;

const typeLabels: Readonly<Record<JsonType, string>> = {
  string: 'Text',
  number: 'Number',
  integer: 'Whole number',
  boolean: 'Yes or no',
  object: 'Object',
  array: 'List',
  null: 'Null',
};

/** Undefined when the schema means one kind of value. */
export function variantField(schema: ToolSchema, place: FieldPlace, builder: FormBuilder): Field | undefined {
  const split = splitAlternatives(schema, builder.root) ?? splitTypes(schema);
  if (split === undefined) return undefined;
  const { alternatives, nullable } = split;
  const [only] = alternatives;
  if (only === undefined || alternatives.length > maxAlternatives) return undefined;
  const frame = frameOf(schema, place);
  if (alternatives.length === 1) {
    const field = builder.fieldOf(withWordsOf(schema, only), place);
    return { ...field, nullable: nullable || field.nullable };
  }
  const drawn = alternatives.map((node, index) => alternativeField(node, index, place, builder));
  // Alternatives of an alternative are alternatives of the whole.
  const fields = drawn.flatMap((field) => (field.kind === 'variant' ? field.alternatives : [field]));
  const whole = { ...frame, nullable: nullable || frame.nullable || drawn.some((field) => field.nullable) };
  return asText(fields, whole) ?? { ...whole, kind: 'variant', alternatives: withDistinctLabels(fields) };
}

interface Split {
  readonly alternatives: readonly SchemaNode[];
  readonly nullable: boolean;
}

function splitAlternatives(schema: ToolSchema, root: ToolSchema): Split | undefined {
  const { anyOf, oneOf, ...base } = schema;
  const nodes = oneOf ?? anyOf;
  if (nodes === undefined) return undefined;
  const kinds = nodes.map((node) => ({ node, schema: effectiveSchema(node, root)?.schema }));
  const given = kinds.filter((kind) => !isNull(kind.schema));
  const nullable = given.length < kinds.length;
  const shared = withoutWords(base);
  // Alternatives that only demand certain properties of one and the same value are left to the validator.
  if (!given.some((kind) => hasShape(kind.schema))) {
    return hasShape(base) ? (splitTypes(base) ?? { alternatives: [base], nullable }) : undefined;
  }
  const alternatives = given.map(({ node }) => (hasShape(base) ? { allOf: [shared, node] } : node));
  return { alternatives, nullable };
}

function splitTypes(schema: ToolSchema): Split | undefined {
  const types = typesOf(schema).filter((type) => type !== 'null');
  if (types.length < 2) return undefined;
  const shared = withoutWords(schema);
  return {
    nullable: schema.type?.includes('null') ?? false,
    alternatives: types.map((type) => ({ ...shared, type: [type] })),
  };
}

function isNull(schema: ToolSchema | undefined): boolean {
  return schema?.type?.length === 1 && schema.type[0] === 'null';
}

function hasShape(schema: ToolSchema | undefined): boolean {
  if (schema === undefined) return false;
  const { type, properties, items, const: constant, enum: values, anyOf, oneOf } = schema;
  return [type, properties, items, constant, values, anyOf, oneOf].some((keyword) => keyword !== undefined);
}

/** The words about a whole are not repeated at each of its alternatives. */
function withoutWords(schema: ToolSchema): ToolSchema {
  const words: ReadonlySet<string> = new Set(['title', 'description', 'default', 'examples']);
  return Object.fromEntries(Object.entries(schema).filter(([keyword]) => !words.has(keyword)));
}

/** For the one alternative beside null: the words about the whole are about it. */
function withWordsOf({ title, description, default: given, examples }: ToolSchema, node: SchemaNode): SchemaNode {
  const words = {
    ...(title !== undefined && { title }),
    ...(description !== undefined && { description }),
    ...(given !== undefined && { default: given }),
    ...(examples !== undefined && { examples }),
  };
  if (typeof node === 'boolean') return node ? words : node;
  return node.$ref === undefined ? combine(node, words) : { ...words, allOf: [node] };
}

function alternativeField(node: SchemaNode, index: number, place: FieldPlace, builder: FormBuilder): Field {
  const [type] = typesOf(effectiveSchema(node, builder.root)?.schema ?? {});
  const label = type === undefined ? `Alternative ${index + 1}` : typeLabels[type];
  return builder.fieldOf(node, { ...place, label, name: '', required: true });
}

/** Alternatives that are all text, as an open list of values is, make one field with suggestions. */
function asText(fields: readonly Field[], frame: Frame): TextField | undefined {
  const suggestions: string[] = [];
  for (const field of fields) {
    if (field.kind === 'text') continue;
    if (field.kind !== 'choice' && field.kind !== 'constant') return undefined;
    const values = field.kind === 'choice' ? field.options.map(({ value }) => value) : [field.value];
    for (const value of values) {
      if (typeof value !== 'string') return undefined;
      suggestions.push(value);
    }
  }
  if (!fields.some(({ kind }) => kind === 'text')) return undefined;
  return { ...frame, kind: 'text', ...(suggestions.length > 0 && { suggestions }) };
}

function withDistinctLabels(fields: readonly Field[]): readonly Field[] {
  return fields.map((field, index) => {
    const isTaken = fields.some(({ label }, other) => other < index && label === field.label);
    return isTaken ? { ...field, label: `${field.label} (${index + 1})` } : field;
  });
}
