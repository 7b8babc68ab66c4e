// The JSON Schema of patrols.json for editors, written from the schema that the agent parses with.
import * as z from 'zod';
import { patrolsFileSchema } from './patrol-schema.ts';

/** Draft 7, which VS Code's JSON support knows best; it knows `defaultSnippets` and `enumDescriptions`, too. */
export function patrolsJsonSchema(): Record<string, unknown> {
  return { ...z.toJSONSchema(patrolsFileSchema, { io: 'input', target: 'draft-7' }), allowTrailingCommas: true };
}
