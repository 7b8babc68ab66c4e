// What a simulated tool is: its definition as tools/list shows it, and the check of its arguments. Knows no tool in particular.

export type JsonSchema = {
  type?: string;
  description?: string;
  enum?: readonly string[];
  items?: JsonSchema;
  oneOf?: readonly JsonSchema[];
  properties?: Record<string, JsonSchema>;
  required?: readonly string[];
};

export type ToolDefinition = {
  name: string;
  description: string;
  inputSchema: JsonSchema & { type: 'object'; properties: Record<string, JsonSchema>; required: readonly string[] };
  /** Not on the wire unless annotations are switched on. */
  mutates: boolean;
};

export type ToolArguments = Record<string, unknown>;

export type ContentBlock = { type: 'text'; text: string };

export type ToolResult = {
  content: ContentBlock[];
  structuredContent?: unknown;
  isError: boolean;
  _meta?: Record<string, unknown>;
};

export const text = (description?: string): JsonSchema => ({ type: 'string', ...(description ? { description } : {}) });
export const flag = (description?: string): JsonSchema => ({
  type: 'boolean',
  ...(description ? { description } : {}),
});
export const count = (): JsonSchema => ({ type: 'integer' });
export const texts = (description?: string): JsonSchema => ({
  type: 'array',
  items: { type: 'string' },
  ...(description ? { description } : {}),
});
export const choice = (...values: string[]): JsonSchema => ({ type: 'string', enum: values });

/** A property whose name ends in `!` is required. */
export function tool(
  name: string,
  description: string,
  properties: Record<string, JsonSchema> = {},
  options: { mutates?: boolean } = {},
): ToolDefinition {
  const plain = Object.entries(properties).map(([key, schema]): [string, JsonSchema] => [
    key.replace(/!$/, ''),
    schema,
  ]);
  const required = Object.keys(properties).flatMap((key) => (key.endsWith('!') ? [key.slice(0, -1)] : []));
  const inputSchema = { type: 'object' as const, properties: Object.fromEntries(plain), required };
  return { name, description, inputSchema, mutates: options.mutates ?? false };
}

/** What is wrong with the arguments, or undefined. Unknown properties pass. */
export function argumentProblem(schema: JsonSchema, value: unknown, path = 'arguments'): string | undefined {
  if (schema.oneOf) {
    const fits = schema.oneOf.some((option) => argumentProblem(option, value, path) === undefined);
    return fits ? undefined : `${path} has none of the allowed types.`;
  }
  if (schema.type && !hasType(schema.type, value)) return `${path} has to be of type ${schema.type}.`;
  if (schema.enum && !schema.enum.includes(String(value)))
    return `${path} has to be one of: ${schema.enum.join(', ')}.`;
  if (schema.items && Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = argumentProblem(schema.items, item, `${path}[${index}]`);
      if (problem) return problem;
    }
  }
  if (schema.properties && typeof value === 'object' && value !== null) {
    const entries = value as Record<string, unknown>;
    const missing = schema.required?.find((name) => entries[name] === undefined);
    if (missing) return `Missing required argument '${missing}'.`;
    for (const [name, property] of Object.entries(schema.properties)) {
      if (entries[name] === undefined || entries[name] === null) continue;
      const problem = argumentProblem(property, entries[name], name);
      if (problem) return problem;
    }
  }
  return undefined;
}

export function failure(message: string, meta?: Record<string, unknown>): ToolResult {
  return { content: [{ type: 'text', text: message }], isError: true, ...(meta ? { _meta: meta } : {}) };
}

/** Reads an argument that the schema check let through as text. */
export function textOf(args: ToolArguments, name: string): string | undefined {
  const value = args[name];
  return typeof value === 'string' ? value : undefined;
}

export function textsOf(args: ToolArguments, name: string): string[] | undefined {
  const value = args[name];
  return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : undefined;
}

export function isSet(args: ToolArguments, name: string): boolean {
  return args[name] === true;
}

function hasType(type: string, value: unknown): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'integer') return Number.isInteger(value);
  if (type === 'object') return typeof value === 'object' && value !== null && !Array.isArray(value);
  return typeof value === type;
}
