// Where settings come from: appsettings-style environment variables over an optional JSON file. It knows no meaning of them.
import { readFileSync } from 'node:fs';
import { flatSettings } from '../../shared/flat-settings.ts';

/** Flat settings by variable name (`WorkIQ__TenantId`); the environment wins. Throws with a message for a person. */
export function readSettings(env: NodeJS.ProcessEnv): Map<string, string> {
  const file = env['ROCKBOT_CONFIG'];
  return flatSettings(env, file === undefined || file === '' ? undefined : { file, value: readJson(file) });
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new Error(`ROCKBOT_CONFIG: ${file} cannot be read as JSON (${(error as Error).message}).`, { cause: error });
  }
}
