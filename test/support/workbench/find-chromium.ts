// Finds a Chromium that Playwright can drive; it starts none for good.
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

export interface Chromium {
  executablePath: string;
  /** Environment it needs beside the inherited one. */
  env: Record<string, string>;
}

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];

export async function findChromium(env: NodeJS.ProcessEnv = process.env): Promise<Chromium | undefined> {
  const named = env['CHROME_PATH'];
  if (named) return { executablePath: named, env: {} };
  for (const folder of (env['PATH'] ?? '').split(delimiter))
    for (const name of names) {
      const executablePath = join(folder, name);
      if (
        await access(executablePath, constants.X_OK).then(
          () => true,
          () => false,
        )
      )
        return { executablePath, env: {} };
    }
  return undefined;
}
