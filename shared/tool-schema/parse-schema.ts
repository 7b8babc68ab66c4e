// Reads the JSON Schema a server sent (draft-04 to 2020-12 and OpenAPI's habits) into a ToolSchema of bounded size; it never
// throws: what it cannot read it leaves out, so that the tool can still be called.
import { isJsonArray, isJsonObject, ownValue, type JsonObject, type JsonValue } from './json-value.ts';
import { isSafePattern } from './safe-pattern.ts';
import { referenced } from './schema-reference.ts';
import { jsonTypes, type JsonType, type SchemaNode, type ToolSchema } from './tool-schema.ts';

/** Beyond these a schema reads as one that accepts everything there. */
const maxDepth = 40;
const maxNodes = 40_000;
/** Characters of all patterns together; judging them takes time, too. */
const maxPatternText = 20_000;

/** The formats that are checked; RFC 3339 and friends. */
const knownFormats: ReadonlySet<string> = new Set([
  'date',
  'date-time',
  'time',
  'duration',
  'email',
  'hostname',
  'ipv4',
  'ipv6',
  'uri',
  'uri-reference',
  'uuid',
]);

interface Reader {
  readonly root: unknown;
  /** Name in `$defs` of each reference met so far. */
  readonly names: Map<string, string>;
  readonly definitions: [string, SchemaNode][];
  nodes: number;
  patternText: number;
  /** In draft-07 and older, what stands beside a `$ref` counts for nothing. */
  readonly isOld: boolean;
  /** True once something was left out: then "exactly one of" can no longer be told. */
  isLoose: boolean;
  /** Reads "exactly one of" as "any of". */
  readonly isRelaxed: boolean;
  readonly withFormats: boolean;
}

export interface ParseSchemaOptions {
  /** False leaves `format` out, which many servers take less strictly than they say. */
  withFormats?: boolean;
}

export function parseSchema(raw: unknown, { withFormats = true }: ParseSchemaOptions = {}): ToolSchema {
  const { schema, isLoose } = read(raw, { isRelaxed: false, withFormats });
  return isLoose ? read(raw, { isRelaxed: true, withFormats }).schema : schema;
}

function read(
  raw: unknown,
  options: Pick<Reader, 'isRelaxed' | 'withFormats'>,
): { schema: ToolSchema; isLoose: boolean } {
  const declared = isJsonObject(raw) ? ownValue(raw, '$schema') : undefined;
  const isOld = typeof declared === 'string' && /draft-0[3-7]/.test(declared);
  const counts = { nodes: 0, patternText: 0 };
  const reader: Reader = { root: raw, names: new Map(), definitions: [], ...counts, isOld, isLoose: false, ...options };
  const node = readNode(raw, reader, 0);
  const schema: ToolSchema = typeof node === 'boolean' ? {} : node;
  const $defs = Object.fromEntries(reader.definitions);
  return { schema: reader.definitions.length === 0 ? schema : { ...schema, $defs }, isLoose: reader.isLoose };
}

function readNode(raw: unknown, reader: Reader, depth: number): SchemaNode {
  if (typeof raw === 'boolean') return raw;
  if (!isJsonObject(raw) || depth > maxDepth || ++reader.nodes > maxNodes) return true;
  const reference = ownValue(raw, '$ref') ?? ownValue(raw, '$dynamicRef') ?? ownValue(raw, '$recursiveRef');
  const resolved = typeof reference === 'string' ? readReference(reference, reader, depth) : undefined;
  const annotations = readAnnotations(raw);
  if (resolved !== undefined && reader.isOld) return { ...resolved, ...annotations };
  return dropUndefined({ ...resolved, ...annotations, ...readAssertions(raw, reader, depth) });
}

function readReference(reference: string, reader: Reader, depth: number): { $ref: string } | undefined {
  if (reference === '#') return { $ref: '#' };
  const known = reader.names.get(reference);
  if (known !== undefined) return { $ref: `#/$defs/${known}` };
  const target = referenced(reader.root, reference);
  if (target === undefined) {
    reader.isLoose = true;
    return undefined;
  }
  if (target === reader.root) return { $ref: '#' };
  const name = `d${reader.names.size}`;
  reader.names.set(reference, name);
  reader.definitions.push([name, readNode(target, reader, depth + 1)]);
  return { $ref: `#/$defs/${name}` };
}

function readAnnotations(raw: JsonObject): Partial<ToolSchema> {
  const examples = ownValue(raw, 'examples');
  const example = ownValue(raw, 'example');
  return dropUndefined({
    title: textOf(raw, 'title'),
    description: textOf(raw, 'description'),
    default: ownValue(raw, 'default'),
    examples: isJsonArray(examples) ? examples : example === undefined ? undefined : [example],
    deprecated: ownValue(raw, 'deprecated') === true ? true : undefined,
    readOnly: ownValue(raw, 'readOnly') === true ? true : undefined,
    secret: ownValue(raw, 'writeOnly') === true || ownValue(raw, 'format') === 'password' ? true : undefined,
  });
}

function readAssertions(raw: JsonObject, reader: Reader, depth: number): Loose<ToolSchema> {
  const node = (key: string): SchemaNode | undefined => {
    const value = ownValue(raw, key);
    return value === undefined ? undefined : readNode(value, reader, depth + 1);
  };
  const nodes = (key: string): readonly SchemaNode[] | undefined => {
    const value = ownValue(raw, key);
    return isJsonArray(value) && value.length > 0 ? value.map((item) => readNode(item, reader, depth + 1)) : undefined;
  };
  const map = (key: string): Record<string, SchemaNode> | undefined => {
    const value = ownValue(raw, key);
    if (!isJsonObject(value)) return undefined;
    return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, readNode(item, reader, depth + 1)]));
  };
  const listed = ownValue(raw, 'items');
  const { patternProperties, isWhole } = keepSafe(map('patternProperties'), reader);
  const { dependentRequired, dependentSchemas } = readDependencies(raw, reader, depth);
  return {
    type: readTypes(raw),
    const: ownValue(raw, 'const'),
    enum: readEnum(raw),
    properties: map('properties'),
    patternProperties,
    // What only a pattern that was left out would name must not count as a stranger.
    additionalProperties: isWhole ? node('additionalProperties') : undefined,
    unevaluatedProperties: isWhole ? node('unevaluatedProperties') : undefined,
    propertyNames: node('propertyNames'),
    required: namesOf(ownValue(raw, 'required')),
    dependentRequired,
    dependentSchemas,
    minProperties: countOf(raw, 'minProperties'),
    maxProperties: countOf(raw, 'maxProperties'),
    // Older drafts write tuples as a list of `items` with `additionalItems` for the rest.
    items: isJsonArray(listed) ? node('additionalItems') : node('items'),
    prefixItems: isJsonArray(listed) ? nodes('items') : nodes('prefixItems'),
    contains: node('contains'),
    minContains: countOf(raw, 'minContains'),
    maxContains: countOf(raw, 'maxContains'),
    minItems: countOf(raw, 'minItems'),
    maxItems: countOf(raw, 'maxItems'),
    uniqueItems: ownValue(raw, 'uniqueItems') === true ? true : undefined,
    minLength: countOf(raw, 'minLength'),
    maxLength: countOf(raw, 'maxLength'),
    pattern: readPattern(raw, reader),
    format: readFormat(raw, reader),
    ...readLimits(raw),
    allOf: nodes('allOf'),
    anyOf: nodes('anyOf') ?? (reader.isRelaxed ? nodes('oneOf') : undefined),
    oneOf: reader.isRelaxed ? undefined : nodes('oneOf'),
    not: node('not'),
    ...Object.fromEntries(['if', 'then', 'else'].map((keyword) => [keyword, node(keyword)])),
  };
}

function readTypes(raw: JsonObject): readonly JsonType[] | undefined {
  const type = ownValue(raw, 'type');
  const given = typeof type === 'string' ? [type] : isJsonArray(type) ? type : [];
  const types = jsonTypes.filter((known) => given.includes(known));
  if (types.length === 0) return undefined;
  return ownValue(raw, 'nullable') === true && !types.includes('null') ? [...types, 'null'] : types;
}

function readEnum(raw: JsonObject): readonly JsonValue[] | undefined {
  const values = ownValue(raw, 'enum');
  if (!isJsonArray(values) || values.length === 0) return undefined;
  return ownValue(raw, 'nullable') === true && !values.includes(null) ? [...values, null] : values;
}

/** Draft-04's exclusive limits are flags beside the limit. */
function readLimits(raw: JsonObject): Loose<ToolSchema> {
  const minimum = numberOf(raw, 'minimum');
  const maximum = numberOf(raw, 'maximum');
  const aboveMinimum = ownValue(raw, 'exclusiveMinimum') === true;
  const belowMaximum = ownValue(raw, 'exclusiveMaximum') === true;
  const multipleOf = numberOf(raw, 'multipleOf');
  return dropUndefined({
    minimum: aboveMinimum ? undefined : minimum,
    maximum: belowMaximum ? undefined : maximum,
    exclusiveMinimum: aboveMinimum ? minimum : numberOf(raw, 'exclusiveMinimum'),
    exclusiveMaximum: belowMaximum ? maximum : numberOf(raw, 'exclusiveMaximum'),
    multipleOf: multipleOf !== undefined && multipleOf > 0 ? multipleOf : undefined,
  });
}

function readDependencies(
  raw: JsonObject,
  reader: Reader,
  depth: number,
): Pick<ToolSchema, 'dependentRequired' | 'dependentSchemas'> {
  const required: [string, readonly string[]][] = [];
  const schemas: [string, SchemaNode][] = [];
  for (const key of ['dependentRequired', 'dependentSchemas', 'dependencies']) {
    const value = ownValue(raw, key);
    if (!isJsonObject(value)) continue;
    for (const [name, wanted] of Object.entries(value)) {
      if (isJsonArray(wanted)) required.push([name, namesOf(wanted) ?? []]);
      else schemas.push([name, readNode(wanted, reader, depth + 1)]);
    }
  }
  return dropUndefined({
    dependentRequired: required.length === 0 ? undefined : Object.fromEntries(required),
    dependentSchemas: schemas.length === 0 ? undefined : Object.fromEntries(schemas),
  });
}

function readPattern(raw: JsonObject, reader: Reader): string | undefined {
  const pattern = textOf(raw, 'pattern');
  if (pattern === undefined || isUsable(pattern, reader)) return pattern;
  reader.isLoose = true;
  return undefined;
}

function isUsable(pattern: string, reader: Reader): boolean {
  reader.patternText += pattern.length;
  return reader.patternText <= maxPatternText && isSafePattern(pattern);
}

function keepSafe(
  patterns: Record<string, SchemaNode> | undefined,
  reader: Reader,
): { patternProperties: Record<string, SchemaNode> | undefined; isWhole: boolean } {
  const all = Object.entries(patterns ?? {});
  const safe = all.filter(([pattern]) => isUsable(pattern, reader));
  if (safe.length === all.length) return { patternProperties: patterns, isWhole: true };
  reader.isLoose = true;
  return { patternProperties: Object.fromEntries(safe), isWhole: false };
}

function readFormat(raw: JsonObject, reader: Reader): string | undefined {
  const format = textOf(raw, 'format');
  if (format === undefined || !knownFormats.has(format)) return undefined;
  if (reader.withFormats) return format;
  reader.isLoose = true;
  return undefined;
}

function namesOf(value: JsonValue | undefined): readonly string[] | undefined {
  if (!isJsonArray(value)) return undefined;
  const names = value.filter((name) => typeof name === 'string');
  return names.length === 0 ? undefined : [...new Set(names)];
}

function textOf(raw: JsonObject, key: string): string | undefined {
  const value = ownValue(raw, key);
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function numberOf(raw: JsonObject, key: string): number | undefined {
  const value = ownValue(raw, key);
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

function countOf(raw: JsonObject, key: string): number | undefined {
  const value = numberOf(raw, key);
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
}

/** Keywords that may stand there as undefined, to be dropped. */
type Loose<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function dropUndefined<T extends object>(object: T): { [Key in keyof T]: Exclude<T[Key], undefined> } {
  return Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as {
    [Key in keyof T]: Exclude<T[Key], undefined>;
  };
}
