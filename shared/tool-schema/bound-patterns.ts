// A copy of a schema whose patterns say nothing about long texts, so that none of them can take long.
import type { Schema } from '@cfworker/json-schema';
import { isJsonObject } from './json-value.ts';
import { forShortTexts } from './safe-pattern.ts';
import type { ToolSchema } from './tool-schema.ts';

export interface BoundedSchema {
  schema: Schema;
  /** Names of properties are compared with patterns; a long name has to be kept from that. */
  hasNamePatterns: boolean;
}

/** Their members are names, each with a schema. */
const maps: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'dependentSchemas', '$defs']);
/** They hold values, in which a `pattern` is just a name. */
const values: ReadonlySet<string> = new Set(['const', 'enum', 'default', 'examples']);

export function boundPatterns(schema: ToolSchema): BoundedSchema {
  let hasNamePatterns = false;
  const copy = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(copy);
    if (!isJsonObject(node)) return node;
    return Object.fromEntries(
      Object.entries(node).map(([keyword, value]) => {
        if (keyword === 'patternProperties') hasNamePatterns = true;
        if (keyword === 'pattern' && typeof value === 'string') return [keyword, forShortTexts(value)];
        if (values.has(keyword)) return [keyword, structuredClone(value)];
        if (maps.has(keyword) && isJsonObject(value))
          return [keyword, Object.fromEntries(Object.entries(value).map(([name, item]) => [name, copy(item)]))];
        return [keyword, copy(value)];
      }),
    );
  };
  return { schema: copy(schema) as Schema, hasNamePatterns };
}
