// The agent's settings by variable name, from the environment over a JSON document. It reads no file and knows no meaning of them.
import * as z from 'zod';

/**
 * Sections that belong to the agent; any other variable of the environment is somebody else's. In any case of letters, so
 * that a guard in the wrong case is reported and not left out.
 */
const sections = /^(?:Agent|Nats|WorkIQ|McpBridge|Patrols|Http|Log|Auth|Notify)__/i;

const scalarSchema = z.union([z.string(), z.number(), z.boolean()]);

/**
 * Flat settings by variable name (`WorkIQ__TenantId`); the environment wins. `json` is the content of the file that
 * `ROCKBOT_CONFIG` names. Throws with a message for a person.
 */
export function flatSettings(
  env: Readonly<Record<string, string | undefined>>,
  json?: { file: string; value: unknown },
): Map<string, string> {
  const settings = new Map<string, string>();
  if (json !== undefined) {
    for (const [name, value] of flatten(json.value, json.file)) settings.set(name, value);
  }
  for (const [name, value] of Object.entries(env)) {
    if (sections.test(name) && value !== undefined) settings.set(name, value);
  }
  return settings;
}

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
