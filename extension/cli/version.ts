// The version of the package this program is part of.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Set by the build. */
declare const ROCKBOT_VERSION: string | undefined;

const packageSchema = z.object({ name: z.literal('rockbot'), version: z.string() });

export function readVersion(programPath: string): string {
  if (typeof ROCKBOT_VERSION === 'string') return ROCKBOT_VERSION;
  // From source: the package.json some folders up.
  for (let folder = dirname(programPath); folder !== dirname(folder); folder = dirname(folder)) {
    try {
      const text = readFileSync(join(folder, 'package.json'), 'utf8');
      const found = packageSchema.safeParse(JSON.parse(text));
      if (found.success) return found.data.version;
    } catch {
      continue;
    }
  }
  return 'unknown';
}
