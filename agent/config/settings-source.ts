// Where settings come from: appsettings-style environment variables over an optional JSON file. It knows no meaning of them.
import { readFileSync } from 'node:fs';
import * as z from 'zod';

/**
 * Sections that belong to the agent; any other variable of the environment is somebody else's. In any case of letters, so
 * that a guard in the wrong case is reported and not left out.
 */
const sections = /^(?:Agent|Nats|WorkIQ|McpBridge|Patrols|Http|Log|Auth)__/i;

/** Flat settings by variable name (`WorkIQ__TenantId`); the environment wins. Throws with a message for a person. */
export function readSettings(env: NodeJS.ProcessEnv): Map<string, string> {
  const settings = new Map<string, string>();
  const file = env['ROCKBOT_CONFIG'];
  if (file !== undefined && file !== '') {
    for (const [name, value] of flatten(readJson(file), file)) settings.set(name, value);
  }
  for (const [name, value] of Object.entries(env)) {
    if (sections.test(name) && value !== undefined) settings.set(name, value);
  }
  return settings;
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`ROCKBOT_CONFIG: ${file} cannot be read as JSON (${(error as Error).message}).`, { cause: error });
  }
}

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

function* flatten(value: unknown, file: string, path: string[] = []): Generator<[string, string]> {
  const scalar = scalarSchema.safeParse(value);
  if (scalar.success) {
    yield [path.join('__'), String(scalar.data)];
  } else if (Array.isArray(value)) {
    yield [path.join('__'), z.array(scalarSchema).parse(value).join(' ')];
  } else if (value !== null && typeof value === 'object') {
    for (const [name, item] of Object.entries(value)) yield* flatten(item, file, [...path, name]);
  } else if (value !== null) {
    throw new Error(
      `ROCKBOT_CONFIG: ${file} holds a value at ${path.join('__')} that is no text, number, boolean or list.`,
    );
  }
}
