// One schema in place of references and `allOf`, as far as a form needs it; the exact meaning stays with the validator.
import { ownValue } from '../../shared/tool-schema/json-value.ts';
import type { JsonType, SchemaNode, ToolSchema } from '../../shared/tool-schema/tool-schema.ts';

/** More hops than any sane chain of references has; a circle ends there. */
const maxHops = 32;

export interface EffectiveSchema {
  readonly schema: ToolSchema;
  /** The references followed on the way, to see a schema inside itself. */
  readonly followed: readonly string[];
}

/** Undefined when nothing is acceptable there, or the references go in a circle. */
export function effectiveSchema(node: SchemaNode, root: ToolSchema): EffectiveSchema | undefined {
  const followed: string[] = [];
  const schema = merge(node, root, followed);
  return schema === undefined ? undefined : { schema, followed };
}

function merge(node: SchemaNode, root: ToolSchema, followed: string[]): ToolSchema | undefined {
  if (typeof node === 'boolean') return node ? {} : undefined;
  if (followed.length > maxHops) return undefined;
  const { $ref, allOf, ...own } = node;
  let merged: ToolSchema = {};
  if ($ref !== undefined) {
    followed.push($ref);
    const target = merge(definition(root, $ref), root, followed);
    if (target === undefined) return undefined;
    merged = target;
  }
  for (const part of allOf ?? []) {
    const schema = merge(part, root, followed);
    if (schema === undefined) return undefined;
    merged = combine(merged, schema);
  }
  return combine(merged, own);
}

function definition(root: ToolSchema, reference: string): SchemaNode {
  if (reference === '#') return root;
  return ownValue(root.$defs ?? {}, reference.slice('#/$defs/'.length)) ?? true;
}

/** Both at once; where they differ in more than properties and types, the second tells what to show. */
export function combine(first: ToolSchema, second: ToolSchema): ToolSchema {
  const properties = combineProperties(first.properties, second.properties);
  const required = [...new Set([...(first.required ?? []), ...(second.required ?? [])])];
  const type = combineTypes(first.type, second.type);
  return {
    ...first,
    ...second,
    ...(properties !== undefined && { properties }),
    ...(required.length > 0 && { required }),
    ...(type !== undefined && { type }),
  };
}

type Properties = NonNullable<ToolSchema['properties']>;

function combineProperties(first: Properties | undefined, second: Properties | undefined): Properties | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  const both = new Map<string, SchemaNode>(Object.entries(first));
  for (const [name, node] of Object.entries(second)) {
    const earlier = both.get(name);
    both.set(name, earlier === undefined || earlier === true ? node : { allOf: [earlier, node] });
  }
  return Object.fromEntries(both);
}

function combineTypes(
  first: readonly JsonType[] | undefined,
  second: readonly JsonType[] | undefined,
): readonly JsonType[] | undefined {
  if (first === undefined || second === undefined) return second ?? first;
  return first.filter((type) => second.includes(type) || (type === 'integer' && second.includes('number')));
}
